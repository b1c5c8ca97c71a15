"""LoRA and its kin: small changes that a file makes to the weights of a network."""

from fooo.weights.loras.lora_file import LoraUse, changes_of, check_base

__all__ = ["LoraUse", "changes_of", "check_base"]
