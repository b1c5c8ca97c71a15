"""LoRAs, embeddings, guides, VAEs, text encoders and upscalers, told from headers in the true layouts."""

from pathlib import Path

import pytest
import torch

from fooo.catalog import ModelKind
from fooo.catalog.identify import identify_file
from fooo.catalog.model_files.contents import (
    Base,
    ClipVision,
    Contents,
    ControlLora,
    ControlNet,
    Embedding,
    IpAdapter,
    IpAdapterKind,
    Layout,
    Lora,
    LoraAlgorithm,
    TextEncoder,
    Unknown,
    Upscaler,
    UpscalerArchitecture,
    Vae,
)
from tests.adapter_files import Change, control_lora, diffusers_lora, embedding, ip_adapter, lora, rrdb
from tests.model_files import Weights, Widths, control_net, original_control_net, shapes, write
from tests.single_file import original_vae

BASES = {
    ModelKind.SDXL_BASE: Base.SDXL,
    ModelKind.SDXL_REFINER: Base.SDXL_REFINER,
    ModelKind.SD1: Base.SD1,
    ModelKind.SD2: Base.SD2,
}
FULL = Widths.FULL


def identify(folder: Path, weights: Weights, metadata: dict[str, str] | None = None) -> Contents:
    """What a thorough look tells, which a glance tells too."""
    file = write(folder / "x.safetensors", weights, metadata)
    found = identify_file(file)
    assert identify_file(file, thorough=False) == found
    return found.contents


def of_shapes(**tensors: tuple[int, ...]) -> Weights:
    return {name.replace("__", "."): torch.empty(shape, device="meta") for name, shape in tensors.items()}


def a_lora(base: Base | None, algorithm: LoraAlgorithm = LoraAlgorithm.LORA, rank: int | None = 4) -> Lora:
    return Lora(base=base, layout=Layout.ORIGINAL, algorithm=algorithm, rank=rank, has_magnitudes=False)


@pytest.mark.parametrize("kind", BASES)
def test_kohyas_loras_are_told_with_their_base_and_rank(tmp_path: Path, kind: ModelKind):
    assert identify(tmp_path, lora(kind, FULL, rank=16)) == a_lora(BASES[kind], rank=16)


@pytest.mark.parametrize("kind", BASES)
@pytest.mark.parametrize(
    ("change", "algorithm", "rank"),
    [
        (Change.LOHA, LoraAlgorithm.LOHA, 4),
        (Change.LOKR, LoraAlgorithm.LOKR, None),
        (Change.LOKR_SPLIT, LoraAlgorithm.LOKR, 4),
    ],
)
def test_lycoris_files_are_told_too(
    tmp_path: Path, kind: ModelKind, change: Change, algorithm: LoraAlgorithm, rank: int | None
):
    assert identify(tmp_path, lora(kind, FULL, change=change)) == a_lora(BASES[kind], algorithm, rank)


@pytest.mark.parametrize("kind", BASES)
def test_diffusers_loras_are_told_in_each_of_their_spellings(tmp_path: Path, kind: ModelKind):
    weights = diffusers_lora(kind, FULL)
    spellings = {
        "lora_A.weight": "lora_B.weight",
        "lora_A.default.weight": "lora_B.default.weight",
        "lora.down.weight": "lora.up.weight",
        "lora_linear_layer.down.weight": "lora_linear_layer.up.weight",
    }
    for down, up in spellings.items():
        spelt = {
            name.replace("lora_A.weight", down).replace("lora_B.weight", up): weight for name, weight in weights.items()
        }
        found = identify(tmp_path, spelt)
        assert found == Lora(
            base=BASES[kind], layout=Layout.DIFFUSERS, algorithm=LoraAlgorithm.LORA, rank=4, has_magnitudes=False
        )


def test_old_attention_processors_are_loras(tmp_path: Path):
    name = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora"
    weights = {f"{name}.down.weight": torch.empty(4, 768), f"{name}.up.weight": torch.empty(1280, 4)}
    found = identify(tmp_path, weights)
    assert isinstance(found, Lora)
    assert (found.base, found.layout) == (Base.SD1, Layout.DIFFUSERS)


@pytest.mark.parametrize("kind", BASES)
@pytest.mark.parametrize("part", ["unet.", "text_encoder"])
def test_a_part_alone_is_enough(tmp_path: Path, kind: ModelKind, part: str):
    found = identify(tmp_path, lora(kind, FULL, only=lambda module: module.startswith(part)))
    # the refiner's only text encoder is SDXL's second one: by it alone they cannot be told apart
    alike = kind is ModelKind.SDXL_REFINER and part == "text_encoder"
    assert found == a_lora(Base.SDXL if alike else BASES[kind])


@pytest.mark.parametrize(
    ("said", "base"),
    [
        ({"ss_base_model_version": "sdxl_base_v1-0"}, Base.SDXL),
        ({"ss_base_model_version": "sd_v1"}, Base.SD1),
        ({"ss_base_model_version": "sd_v2_v"}, Base.SD2),
        ({"modelspec.architecture": "stable-diffusion-v1/lora"}, Base.SD1),
        ({"modelspec.architecture": "stable-diffusion-v2-768-v/lora"}, Base.SD2),
        ({"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"}, Base.SDXL),
        ({"modelspec.architecture": "stable-diffusion-xl-v1-refiner/lora"}, Base.SDXL_REFINER),
        ({}, None),
    ],
)
def test_where_no_width_tells_the_base_its_notes_do(tmp_path: Path, said: dict[str, str], base: Base | None):
    weights = lora(ModelKind.SD1, FULL, only=lambda module: module.endswith("ff.net.2"))
    assert identify(tmp_path, weights, said) == a_lora(base)


def test_widths_are_believed_more_than_notes(tmp_path: Path):
    weights = lora(ModelKind.SD1, FULL)
    assert identify(tmp_path, weights, {"ss_base_model_version": "sdxl_base_v1-0"}) == a_lora(Base.SD1)


def test_learnt_magnitudes_are_noticed(tmp_path: Path):
    weights = lora(ModelKind.SD1, FULL)
    modules = {name.partition(".")[0] for name in weights}
    lengths = {f"{module}.dora_scale": torch.empty(1, 320, device="meta") for module in modules}
    found = identify(tmp_path, weights | lengths)
    assert isinstance(found, Lora)
    assert found.has_magnitudes


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lora_unet_double_blocks_0_img_attn_proj", {}),
        ("transformer.transformer_blocks.0.attn.to_k", {}),
        ("lora_unet_joint_blocks_0_x_block_attn_qkv", {}),
        ("lora_te1_text_model_encoder_layers_0_mlp_fc1", {"modelspec.architecture": "flux-1-dev/lora"}),
    ],
)
def test_loras_for_other_families_are_not_taken_for_sds(tmp_path: Path, name: str, said: dict[str, str]):
    down, up = torch.empty(4, 768, device="meta"), torch.empty(3072, 4, device="meta")
    found = identify(tmp_path, {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}, said)
    assert isinstance(found, Unknown)
    assert "another kind of model" in found.why


@pytest.mark.parametrize(("leaf", "word"), [("oft_blocks", "OFT"), ("on_input", "IA3")])
def test_algorithms_that_are_not_read_are_named(tmp_path: Path, leaf: str, word: str):
    found = identify(tmp_path, {f"lora_unet_mid_block_attentions_0_proj_in.{leaf}": torch.empty(4, 4, device="meta")})
    assert found == Unknown(f"is a LoRA written as {word}, which Fooo cannot read")


def test_full_differences_are_told_from_those_that_only_stand_beside_factors(tmp_path: Path):
    module, norm = (
        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k",
        "lora_unet_input_blocks_4_0_in_layers_0",
    )
    full = {
        f"{module}.diff": torch.empty(640, 2048, device="meta"),
        f"{module}.diff_b": torch.empty(640, device="meta"),
    }
    found = identify(tmp_path, full)
    assert found == a_lora(Base.SDXL, LoraAlgorithm.FULL, rank=None)
    factors = {
        f"{norm}.diff": torch.empty(320, device="meta"),
        f"{module}.lora_down.weight": torch.empty(4, 2048, device="meta"),
        f"{module}.lora_up.weight": torch.empty(640, 4, device="meta"),
    }
    assert identify(tmp_path, factors) == a_lora(Base.SDXL)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (embedding(ModelKind.SD1, FULL, vectors=16), Embedding(Base.SD1, 16)),
        (embedding(ModelKind.SD2, FULL), Embedding(Base.SD2, 2)),
        (embedding(ModelKind.SDXL_BASE, FULL, vectors=8), Embedding(Base.SDXL, 8)),
        ({"string_to_param.*": torch.empty(3, 768)}, Embedding(Base.SD1, 3)),
        ({"<cat-toy>": torch.empty(768)}, Embedding(Base.SD1, 1)),
        ({"sks": torch.empty(2, 1024)}, Embedding(Base.SD2, 2)),
    ],
)
def test_embeddings_are_told_with_their_vectors(tmp_path: Path, weights: Weights, told: Embedding):
    assert identify(tmp_path, weights) == told


@pytest.mark.parametrize("kind", [ModelKind.SDXL_BASE, ModelKind.SD1, ModelKind.SD2])
@pytest.mark.parametrize("widths", Widths)
def test_control_nets_are_told_in_both_layouts(tmp_path: Path, kind: ModelKind, widths: Widths):
    weights = control_net(kind, widths).state_dict()
    for layout, file in ((Layout.DIFFUSERS, dict(weights)), (Layout.ORIGINAL, original_control_net(weights))):
        assert identify(tmp_path, file) == ControlNet(base=BASES[kind], layout=layout, is_union=False)
    union = {**weights, "task_embedding": torch.empty(6, 320, device=weights["conv_in.weight"].device)}
    assert identify(tmp_path, union) == ControlNet(base=BASES[kind], layout=Layout.DIFFUSERS, is_union=True)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (control_lora(128), ControlLora(Base.SDXL, 128)),
        (ip_adapter(2048, plus=True), IpAdapter(Base.SDXL, IpAdapterKind.PLUS)),
        (ip_adapter(768, plus=False), IpAdapter(Base.SD1, IpAdapterKind.PLAIN)),
        (of_shapes(image_proj__proj__0__weight=(2048, 512), ip_adapter__1__to_k_ip__weight=(640, 2048),
                   ip_adapter__1__to_v_ip__weight=(640, 2048)), IpAdapter(Base.SDXL, IpAdapterKind.FACE_ID)),
        (of_shapes(vision_model__embeddings__patch_embedding__weight=(1280, 3, 14, 14)),
         ClipVision(1280, Layout.DIFFUSERS)),
        (of_shapes(visual__conv1__weight=(1664, 3, 14, 14)), ClipVision(1664, Layout.ORIGINAL)),
    ],
)  # fmt: skip
def test_other_guides_are_told(tmp_path: Path, weights: Weights, told: Contents):
    assert identify(tmp_path, weights) == told


def test_vaes_are_told_in_both_layouts_and_under_a_prefix(tmp_path: Path):
    weights = shapes(ModelKind.SD1, FULL).vae.state_dict()
    ours = original_vae(weights)
    assert identify(tmp_path, dict(weights)) == Vae(Layout.DIFFUSERS)
    assert identify(tmp_path, ours) == Vae(Layout.ORIGINAL)
    assert identify(tmp_path, {f"first_stage_model.{name}": each for name, each in ours.items()}) == Vae(
        Layout.ORIGINAL
    )


def test_a_vae_with_more_channels_is_another_familys(tmp_path: Path):
    weights = original_vae(shapes(ModelKind.SD1, FULL).vae.state_dict())
    found = identify(tmp_path, {**weights, "decoder.conv_in.weight": torch.empty(512, 16, 3, 3, device="meta")})
    assert found == Unknown("is a VAE with 16 channels, and SD's have 4")


def test_text_encoders_are_told(tmp_path: Path):
    networks = shapes(ModelKind.SDXL_BASE, FULL)
    for tower, width in ((networks.text_encoder, 768), (networks.text_encoder_2, 1280)):
        assert identify(tmp_path, dict(tower.state_dict())) == TextEncoder(width, Layout.DIFFUSERS)


@pytest.mark.parametrize("doublings", [0, 1, 2])
def test_esrgans_are_told_with_their_scale(tmp_path: Path, doublings: int):
    old, new = (identify(tmp_path, rrdb(doublings=doublings, old=old)) for old in (True, False))
    assert old == Upscaler(UpscalerArchitecture.ESRGAN, 2**doublings)
    assert new == Upscaler(UpscalerArchitecture.REAL_ESRGAN, 2**doublings)


def test_a_picture_that_is_folded_first_grows_less(tmp_path: Path):
    folded = {**rrdb(old=False), "conv_first.weight": torch.empty(64, 12, 3, 3, device="meta")}
    inside = {f"params_ema.{name}": weight for name, weight in folded.items()}
    assert identify(tmp_path, inside) == Upscaler(UpscalerArchitecture.REAL_ESRGAN, 2)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (of_shapes(body__0__weight=(64, 3, 3, 3), body__1__weight=(64,), body__34__weight=(48, 64, 3, 3)),
         Upscaler(UpscalerArchitecture.COMPACT, 4)),
        (of_shapes(params__layers__0__residual_group__blocks__0__attn__qkv__weight=(540, 180),
                   params__upsample__0__weight=(256, 64, 3, 3), params__upsample__2__weight=(256, 64, 3, 3)),
         Upscaler(UpscalerArchitecture.SWINIR, 4)),
        (of_shapes(layers__0__residual_group__blocks__0__attn__logit_scale=(6, 1, 1)),
         Upscaler(UpscalerArchitecture.SWIN2SR, None)),
        (of_shapes(layers__0__residual_group__overlap_attn__qkv__weight=(540, 180)),
         Upscaler(UpscalerArchitecture.HAT, None)),
        (of_shapes(before_RG__1__weight=(180,)), Upscaler(UpscalerArchitecture.DAT, None)),
    ],
)  # fmt: skip
def test_other_upscalers_are_told_by_their_marks(tmp_path: Path, weights: Weights, told: Upscaler):
    assert identify(tmp_path, weights) == told


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("model.diffusion_model.double_blocks.0.img_attn.qkv.weight", "is a Flux model, which Fooo does not draw with"),
        ("model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight",
         "is a Stable Diffusion 3 model, which Fooo does not draw with"),
        ("something.else", "is of no kind known here"),
    ],
)  # fmt: skip
def test_the_rest_is_unknown_and_named_where_it_can_be(tmp_path: Path, name: str, why: str):
    assert identify(tmp_path, {name: torch.empty(2, 2, 2)}) == Unknown(why)


def test_a_file_without_tensors_is_unknown(tmp_path: Path):
    assert identify(tmp_path, {}) == Unknown("holds no tensors")
