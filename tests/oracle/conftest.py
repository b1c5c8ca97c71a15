"""Small random networks in SDXL's layout, and the programs whose answers count as right."""

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
import torch

from fooo.catalog import LocalModel, Schedule
from fooo.catalog.local_models import find_models
from fooo.pipeline import Networks, TextEncoders
from fooo.settings import ROOT
from fooo.weights import DeviceKind, MemoryPolicy, Precision, Residency

# Their types say less than is true (decoders of one level only), so both libraries are taken as untyped here.
diffusers: Any = importlib.import_module("diffusers")
transformers: Any = importlib.import_module("transformers")

TOWER, UNET = 2, 2
"""How much louder than freshly drawn the towers' weights, and the UNets' text and time layers, are made.

With less, some inputs move nothing; from 3 on, rounding is blown up from step to step. Between, both sides of every
test have room."""

TOLERANCE = 1e-4
"""Between latents of size 1 to 100 on the way.

Both sides compute in float32, but noise levels here in float64 and there in float32, which is 1e-7 of each level; a
step rounds once more. Measured: below 2e-5."""

FIRST, SECOND, TIME = 24, 40, 8
"""Widths of the two towers and of one size number. The two differ, as SDXL's do, so that mixing them up is seen."""


@dataclass(frozen=True)
class Oracles:
    """The same small models, as Fooo sees them and as diffusers' pipelines do."""

    networks: Networks
    base: Any
    """A `StableDiffusionXLPipeline`."""
    refiner: Any
    """A `StableDiffusionXLImg2ImgPipeline`."""
    schedule: Schedule
    """The noise levels that their scheduler visits, by Fooo's name."""
    tolerance: float
    """Between latents."""


KINDS: dict[str, tuple[dict[str, Any], Schedule, float]] = {
    "epsilon": ({"prediction_type": "epsilon", "timestep_spacing": "leading"}, Schedule.DDIM_UNIFORM, TOLERANCE),
    "v": ({"prediction_type": "v_prediction", "timestep_spacing": "leading"}, Schedule.DDIM_UNIFORM, TOLERANCE),
    # Beginning at a noise level of 4096, where float32 goes in steps of 5e-4, each side may round by as much once.
    # Measured: 6e-5.
    "v to pure noise": (
        {"prediction_type": "v_prediction", "timestep_spacing": "trailing", "rescale_betas_zero_snr": True},
        Schedule.SIMPLE,
        5e-4,
    ),
}


@pytest.fixture(scope="session", params=KINDS)
def oracles(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Oracles:
    cast(Any, torch).manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    told, schedule, tolerance = KINDS[request.param]
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        steps_offset=1,
        **told,
    )
    tokenizers = [
        transformers.CLIPTokenizer.from_pretrained(ROOT / "models/pocket/base" / name)
        for name in ("tokenizer", "tokenizer_2")
    ]
    first, second = _towers(tokenizers[0])
    base = diffusers.StableDiffusionXLPipeline(
        _vae(), first, second, *tokenizers, _unet((32, 64, 64), FIRST + SECOND, 6), scheduler, add_watermarker=False
    )
    refiner = diffusers.StableDiffusionXLImg2ImgPipeline(
        base.vae, None, second, None, tokenizers[1], _unet((32, 32, 64, 64), SECOND, 5), scheduler,
        requires_aesthetics_score=True, add_watermarker=False,
    )  # fmt: skip
    base.save_pretrained(folder / "base")
    for name in ("unet", "scheduler"):
        getattr(refiner, name).save_pretrained(folder / "refiner" / name)
    for pipeline in (base, refiner):
        pipeline.set_progress_bar_config(disable=True)
    models = find_models([folder])
    networks = networks_of(models["base"], models["refiner"])
    return Oracles(networks=networks, base=base, refiner=refiner, schedule=schedule, tolerance=tolerance)


def networks_of(base: LocalModel, refiner: LocalModel | None) -> Networks:
    policy = MemoryPolicy(device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.FLOAT32)
    residency = Residency(policy)
    return Networks(base=base, refiner=refiner, residency=residency, encoders=TextEncoders(residency))


@pytest.fixture(scope="session")
def k_diffusion() -> ModuleType:
    """k-diffusion's `sampling.py` alone: its package imports torchvision, of which there is no CPU build."""
    package = importlib.util.find_spec("k_diffusion")
    assert package
    assert package.submodule_search_locations
    path = Path(package.submodule_search_locations[0]) / "sampling.py"
    stand_in = ModuleType("k_diffusion")
    stand_in.__path__ = []
    utils = ModuleType("k_diffusion.utils")
    # the one helper of it that the samplers call: as many axes of size 1 behind as are missing
    utils.__dict__["append_dims"] = _append_axes
    stand_in.__dict__["utils"] = utils
    spec = importlib.util.spec_from_file_location("k_diffusion.sampling", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "k_diffusion", stand_in)
        patch.setitem(sys.modules, "k_diffusion.utils", utils)
        spec.loader.exec_module(module)
    return module


def _append_axes(x: torch.Tensor, count: int) -> torch.Tensor:
    return x[(..., *[None] * (count - x.ndim))]


def _unet(widths: tuple[int, ...], context: int, numbers: int) -> Any:
    """A random UNet that hears what it is told: untrained, its text and time layers would hardly move a latent."""
    fourth = ("DownBlock2D",) if len(widths) == 4 else ()
    unet = diffusers.UNet2DConditionModel(
        sample_size=8, norm_num_groups=8, block_out_channels=widths, layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", *fourth),
        up_block_types=(*(("UpBlock2D",) if fourth else ()), "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=1, attention_head_dim=4, cross_attention_dim=context, use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=TIME,
        projection_class_embeddings_input_dim=SECOND + numbers * TIME,
    )  # fmt: skip
    with torch.no_grad():
        for name, weight in unet.named_parameters():
            if weight.ndim > 1 and any(part in name for part in ("attn2", "add_embedding", "time_emb")):
                weight.mul_(UNET)
    return unet.eval()


def _towers(tokenizer: Any) -> tuple[Any, Any]:
    def config(width: int, padding: int, activation: str) -> Any:
        return transformers.CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=3,
            num_attention_heads=4, projection_dim=width, hidden_act=activation, bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id, pad_token_id=padding,
        )  # fmt: skip

    first = transformers.CLIPTextModel(config(FIRST, tokenizer.eos_token_id, "quick_gelu"))
    second = transformers.CLIPTextModelWithProjection(config(SECOND, 0, "gelu"))
    for tower in (first, second):
        with torch.no_grad():
            for weight in tower.parameters():
                if weight.ndim > 1:
                    weight.mul_(TOWER)  # transformers starts with a spread of 0.02, at which every word sounds the same
    return first.eval(), second.eval()


def _vae() -> Any:
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    return diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), norm_num_groups=4, latent_channels=4, **blocks
    ).eval()
