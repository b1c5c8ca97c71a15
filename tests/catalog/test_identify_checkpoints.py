"""Checkpoints, told from headers in the true layout of full-size files."""

from functools import cache
from pathlib import Path

import pytest
import torch

from fooo.catalog import ModelKind
from fooo.catalog.identify import identify_file
from fooo.catalog.model_files.contents import (
    Base,
    Checkpoint,
    CheckpointPart,
    Layout,
    NumberFormat,
    Prediction,
    Unknown,
)
from fooo.request import Size
from tests.model_files import UNET, VAE, Weights, Widths, as_dtype, checkpoint, fill, original, shapes, write

FIRST = UNET + "input_blocks.0.0.weight"
WORDS, WORDS_2 = CheckpointPart.TEXT_ENCODER, CheckpointPart.TEXT_ENCODER_2


@cache
def full(kind: ModelKind) -> Weights:
    return checkpoint(kind, Widths.FULL)


def identify(folder: Path, weights: Weights, metadata: dict[str, str] | None = None) -> Checkpoint:
    contents = identify_file(write(folder / "x.safetensors", weights, metadata)).contents
    assert isinstance(contents, Checkpoint)
    return contents


@pytest.mark.parametrize(
    ("kind", "words", "channels", "depths", "text", "vector"),
    [
        (ModelKind.SDXL_BASE, {WORDS, WORDS_2}, (320, 640, 1280), (0, 2, 10), 2048, 2816),
        (ModelKind.SDXL_REFINER, {WORDS_2}, (384, 768, 1536, 1536), (0, 4, 4, 0), 1280, 2560),
        (ModelKind.SD1, {WORDS}, (320, 640, 1280, 1280), (1, 1, 1, 0), 768, 0),
        (ModelKind.SD2, {WORDS}, (320, 640, 1280, 1280), (1, 1, 1, 0), 1024, 0),
    ],
)
def test_every_family_is_told_with_its_parts_and_its_shape(
    tmp_path: Path,
    kind: ModelKind,
    words: set[CheckpointPart],
    channels: tuple[int, ...],
    depths: tuple[int, ...],
    text: int,
    vector: int,
):
    found = identify(tmp_path, full(kind))
    assert found.kind is kind
    assert found.parts == {CheckpointPart.UNET, CheckpointPart.VAE, *words}
    assert (found.unet.in_channels, found.unet.layers, found.unet.middle_depth) == (4, 2, max(depths))
    assert (found.unet.channels, found.unet.depths) == (channels, depths)
    assert (found.unet.text_width, found.unet.vector_width) == (text, vector)
    assert found.unet.linear is (kind is not ModelKind.SD1)
    assert found.layout is Layout.ORIGINAL


@pytest.mark.parametrize("kind", [ModelKind.SDXL_BASE, ModelKind.SDXL_REFINER, ModelKind.SD1, ModelKind.SD2])
def test_small_ones_of_the_same_build_are_told_too(tmp_path: Path, kind: ModelKind):
    assert identify(tmp_path, original(shapes(kind, Widths.SMALL))).kind is kind


@pytest.mark.parametrize(
    ("base", "inpaint"),
    [
        (ModelKind.SDXL_BASE, ModelKind.SDXL_INPAINT),
        (ModelKind.SD1, ModelKind.SD1_INPAINT),
        (ModelKind.SD2, ModelKind.SD2_INPAINT),
    ],
)
def test_nine_channels_in_make_an_inpaint_model(tmp_path: Path, base: ModelKind, inpaint: ModelKind):
    wider = torch.empty(320, 9, 3, 3, device="meta")
    found = identify(tmp_path, {**full(base), FIRST: wider})
    assert (found.kind, found.unet.in_channels, found.kind.base) == (inpaint, 9, base.base)


@pytest.mark.parametrize("channels", [5, 8])
def test_models_for_depth_maps_or_edits_are_named_as_what_fooo_does_not_draw_with(tmp_path: Path, channels: int):
    weights = {**full(ModelKind.SD1), FIRST: torch.empty(320, channels, 3, 3, device="meta")}
    contents = identify_file(write(tmp_path / "x.safetensors", weights)).contents
    assert isinstance(contents, Unknown)
    assert f"takes {channels} channels" in contents.why


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (ModelKind.SDXL_BASE, {"label_emb.0.0.weight": (1280, 5632)}),  # Kolors
        (ModelKind.SD1, {"label_emb.0.0.weight": (1280, 2048), "label_emb.0.0.bias": (1280,),
                         "label_emb.0.2.weight": (1280, 1280), "label_emb.0.2.bias": (1280,)}),  # unCLIP
    ],
)  # fmt: skip
def test_networks_that_are_told_other_things_are_of_another_build(
    tmp_path: Path, base: ModelKind, change: dict[str, tuple[int, ...]]
):
    weights = full(base) | {UNET + name: torch.empty(shape, device="meta") for name, shape in change.items()}
    assert isinstance(identify_file(write(tmp_path / "x.safetensors", weights)).contents, Unknown)


def test_a_shortened_sdxl_is_of_another_build(tmp_path: Path):
    """Such as SSD-1B, which has no attention in its middle and fewer blocks: SDXL's configuration does not fit it."""
    weights = {
        name: weight
        for name, weight in full(ModelKind.SDXL_BASE).items()
        if not name.startswith((UNET + "middle_block.1.", UNET + "middle_block.2."))
    }
    assert isinstance(identify_file(write(tmp_path / "x.safetensors", weights)).contents, Unknown)


def test_a_unet_alone_is_a_checkpoint_without_other_parts(tmp_path: Path):
    unet = {name.removeprefix(UNET): weight for name, weight in full(ModelKind.SDXL_BASE).items() if UNET in name}
    found = identify(tmp_path, unet)
    assert (found.kind, found.parts) == (ModelKind.SDXL_BASE, {CheckpointPart.UNET})
    ours = shapes(ModelKind.SDXL_BASE, Widths.FULL).unet.state_dict()
    in_diffusers = identify(tmp_path, dict(ours))
    assert (in_diffusers.kind, in_diffusers.parts) == (found.kind, found.parts)
    assert (in_diffusers.unet, in_diffusers.layout) == (found.unet, Layout.DIFFUSERS)


@pytest.mark.parametrize("kind", [ModelKind.SD1, ModelKind.SD2])
def test_sds_unet_in_diffusers_layout_has_the_same_shape(tmp_path: Path, kind: ModelKind):
    there = identify(tmp_path, dict(shapes(kind, Widths.FULL).unet.state_dict()))
    assert there.unet == identify(tmp_path, full(kind)).unet


def test_parts_that_are_left_out_are_not_among_its_parts(tmp_path: Path):
    without = {name: weight for name, weight in full(ModelKind.SD1).items() if not name.startswith(VAE)}
    assert CheckpointPart.VAE not in identify(tmp_path, without).parts


@pytest.mark.parametrize(
    ("marks", "metadata", "prediction", "zero"),
    [
        ((), {}, Prediction.EPSILON, False),
        (("v_pred",), {}, Prediction.V, False),
        (("v_pred", "ztsnr"), {}, Prediction.V, True),
        ((), {"modelspec.prediction_type": "v"}, Prediction.V, False),
        (("edm_mean", "edm_std"), {}, Prediction.EDM, False),
        (("edm_vpred.sigma_max", "edm_vpred.sigma_min"), {}, Prediction.EDM_V, True),
    ],
)
def test_what_it_predicts_is_told_by_marks_and_notes(
    tmp_path: Path, marks: tuple[str, ...], metadata: dict[str, str], prediction: Prediction, zero: bool
):
    weights = full(ModelKind.SDXL_BASE) | {mark: torch.empty(0, device="meta") for mark in marks}
    found = identify(tmp_path, weights, metadata)
    assert (found.prediction, found.zero_terminal_snr) == (prediction, zero)


@pytest.mark.parametrize("line", ['        parameterization: "v"', "parameterization: v"])
def test_a_configuration_beside_it_says_v(tmp_path: Path, line: str):
    (tmp_path / "x.yaml").write_text(f"model:\n  params:\n{line}\n    other: 1\n")
    assert identify(tmp_path, full(ModelKind.SD1)).prediction is Prediction.V
    (tmp_path / "x.yaml").write_text("parameterization: eps\n")
    assert identify(tmp_path, full(ModelKind.SD1)).prediction is Prediction.EPSILON


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize(("spread", "prediction", "side"), [(0.2, Prediction.V, 768), (0.02, Prediction.EPSILON, 512)])
def test_sd2_is_told_by_how_wide_one_layers_biases_spread(
    tmp_path: Path, dtype: torch.dtype, spread: float, prediction: Prediction, side: int
):
    file = write(tmp_path / "x.safetensors", as_dtype(full(ModelKind.SD2), dtype))
    name = UNET + "output_blocks.11.1.transformer_blocks.0.norm1.bias"
    fill(file, name, torch.tensor([spread, -spread]).repeat(160).to(dtype))
    found = identify_file(file).contents
    assert isinstance(found, Checkpoint)
    assert (found.prediction, found.native_size) == (prediction, Size(width=side, height=side))


@pytest.mark.parametrize(
    ("kind", "side"), [(ModelKind.SDXL_BASE, 1024), (ModelKind.SDXL_REFINER, 1024), (ModelKind.SD1, 512)]
)
def test_the_native_size_is_the_familys_unless_it_says_another(tmp_path: Path, kind: ModelKind, side: int):
    assert identify(tmp_path, full(kind)).native_size == Size(width=side, height=side)
    said = identify(tmp_path, full(kind), {"modelspec.resolution": "640x768"})
    assert said.native_size == Size(width=640, height=768)
    nonsense = identify(tmp_path, full(kind), {"modelspec.resolution": "9999x3"})
    assert nonsense.native_size == Size(width=side, height=side)


@pytest.mark.parametrize(
    ("dtype", "told"),
    [
        (torch.float32, NumberFormat.FP32),
        (torch.float16, NumberFormat.FP16),
        (torch.bfloat16, NumberFormat.BF16),
        (torch.float8_e4m3fn, NumberFormat.FP8),
        (torch.float8_e5m2, NumberFormat.FP8),
    ],
)
def test_the_number_format_is_that_of_its_matrices(tmp_path: Path, dtype: torch.dtype, told: NumberFormat):
    weights = as_dtype(full(ModelKind.SD1), dtype)
    # as in files of fp8 whose norms and biases are kept more exactly
    weights |= {name: weight.to(torch.float32) for name, weight in weights.items() if weight.ndim == 1}
    assert identify_file(write(tmp_path / "x.safetensors", weights)).number_format is told


def test_nothing_that_was_made_for_one_base_is_for_another():
    assert {kind: kind.base for kind in ModelKind} == {
        ModelKind.SDXL_BASE: Base.SDXL,
        ModelKind.SDXL_INPAINT: Base.SDXL,
        ModelKind.SDXL_REFINER: Base.SDXL_REFINER,
        ModelKind.SD1: Base.SD1,
        ModelKind.SD1_INPAINT: Base.SD1,
        ModelKind.SD2: Base.SD2,
        ModelKind.SD2_INPAINT: Base.SD2,
    }
