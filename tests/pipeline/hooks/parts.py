"""A small random UNet in SDXL's layout, and moments to ask it at."""

import importlib
from typing import Any, cast

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.catalog import Sampler, Schedule
from fooo.events import LegName
from fooo.pipeline.conditioning import Conditioning, base_numbers
from fooo.pipeline.denoiser import Row, UnetDenoiser
from fooo.pipeline.moment import Moment
from fooo.plan import Generate, Shot, Texts
from fooo.request import Size
from tests.pipeline.walking import LEVELS

# Its types say less than is true (a single number of heads), so it is taken as untyped here.
diffusers: Any = importlib.import_module("diffusers")

CONTEXT, POOLED, TIME = 16, 12, 8
SIZE = Size(width=128, height=96)


def small_unet(*widths: int) -> UNet2DConditionModel:
    """Every stage but the first attends to words; random, yet always the same."""
    widths = widths or (16, 32, 64)
    further = len(widths) - 1
    with cast(Any, torch).random.fork_rng():
        cast(Any, torch).manual_seed(0)
        unet = diffusers.UNet2DConditionModel(
            sample_size=16, norm_num_groups=8, block_out_channels=widths, layers_per_block=1,
            down_block_types=("DownBlock2D", *["CrossAttnDownBlock2D"] * further),
            up_block_types=(*["CrossAttnUpBlock2D"] * further, "UpBlock2D"),
            transformer_layers_per_block=1, attention_head_dim=4, cross_attention_dim=CONTEXT,
            use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=TIME,
            projection_class_embeddings_input_dim=POOLED + 6 * TIME,
        )  # fmt: skip
    return unet.eval()


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def words(seed: int = 0) -> Conditioning:
    return Conditioning(
        context=drawn(1, 77, CONTEXT, seed=seed), pooled=drawn(1, POOLED, seed=seed + 1), numbers=base_numbers(SIZE)
    )


def rows_of(count: int) -> list[Row]:
    return [Row(0, str(number)) for number in range(count)]


@torch.inference_mode()
def guess(unet: UNet2DConditionModel, latents: torch.Tensor, *conditionings: Conditioning, sigma: float = 2.0):
    """The clean guess of each row; latents of one picture serve all rows."""
    count = len(conditionings)
    each = latents.expand(count, -1, -1, -1)
    return UnetDenoiser(unet, LEVELS, most_rows=8).guess(each, [sigma] * count, conditionings, rows_of(count))


def moment_at(sigma: float, latents: torch.Tensor, *, leg: LegName = LegName.BASE) -> Moment:
    generate = Generate(
        size=SIZE, steps=6, guidance=4, sampler=Sampler.EULER, schedule=Schedule.KARRAS, base="b", refiner=None,
        refiner_step=None,
    )  # fmt: skip
    shot = Shot(number=0, seed=0, texts=Texts.of("a"), passes=(generate,))
    return Moment(shot=shot, leg=leg, step=0, steps=6, sigma=sigma, latents=latents, done=0.1)
