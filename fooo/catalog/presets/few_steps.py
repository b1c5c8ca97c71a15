"""Fooocus's performance modes of few steps: each brings a LoRA of a distilled model, and draws without guidance."""

from typing import NamedTuple

from fooo.catalog.presets.preset import PresetFile
from fooo.catalog.sampler_names import Sampler, Schedule


class FewSteps(NamedTuple):
    """What the mode stands for. Args: weight, file: Of its LoRA."""

    steps: int
    sampler: Sampler
    schedule: Schedule
    weight: float
    file: PresetFile


FEW_STEPS = {
    "Extreme Speed": FewSteps(
        steps=8,
        sampler=Sampler.LCM,
        schedule=Schedule.LCM,
        weight=1.0,
        file=PresetFile(
            folder="loras",
            name="sdxl_lcm_lora.safetensors",
            repository="latent-consistency/lcm-lora-sdxl",
            path="pytorch_lora_weights.safetensors",
        ),
    ),
    "Lightning": FewSteps(
        steps=4,
        sampler=Sampler.EULER,
        schedule=Schedule.SGM_UNIFORM,
        weight=1.0,
        file=PresetFile(
            folder="loras",
            name="sdxl_lightning_4step_lora.safetensors",
            repository="ByteDance/SDXL-Lightning",
            path="sdxl_lightning_4step_lora.safetensors",
        ),
    ),
    "Hyper-SD": FewSteps(
        steps=4,
        sampler=Sampler.DPMPP_SDE,
        schedule=Schedule.KARRAS,
        weight=0.8,
        file=PresetFile(
            folder="loras",
            name="sdxl_hyper_sd_4step_lora.safetensors",
            repository="ByteDance/Hyper-SD",
            path="Hyper-SDXL-4steps-lora.safetensors",
        ),
    ),
}
