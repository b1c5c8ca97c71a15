"""Files into networks: find, check, load, hold."""

from fooo.weights.device import find_device
from fooo.weights.embeddings import read_embedding
from fooo.weights.load import load_network, read_scheduler_config, silence_loaders
from fooo.weights.loras import LoraUse
from fooo.weights.memory_policy import (
    DeviceInfo,
    DeviceKind,
    MemoryPolicy,
    ModelSizes,
    Precision,
    choose_policy,
    lowered,
)
from fooo.weights.model_sizes import model_sizes
from fooo.weights.out_of_memory import is_out_of_memory, out_of_memory
from fooo.weights.part import Part
from fooo.weights.residency import NetworkKey, Residency
from fooo.weights.tensor_file import FileState, file_state

__all__ = [
    "DeviceInfo",
    "DeviceKind",
    "FileState",
    "LoraUse",
    "MemoryPolicy",
    "ModelSizes",
    "NetworkKey",
    "Part",
    "Precision",
    "Residency",
    "choose_policy",
    "file_state",
    "find_device",
    "is_out_of_memory",
    "load_network",
    "lowered",
    "model_sizes",
    "out_of_memory",
    "read_embedding",
    "read_scheduler_config",
    "silence_loaders",
]
