"""The generators of model files, held against diffusers' own reading of such files and against the published files."""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import ModelKind
from tests.adapter_files import Change, changed_modules, kohya_name, lora
from tests.model_files import (
    UNET,
    VAE,
    Weights,
    Widths,
    build,
    checkpoint,
    control_net,
    original,
    original_control_net,
    write,
)

diffusers: Any = importlib.import_module("diffusers")
reading: Any = importlib.import_module("diffusers.loaders.single_file_utils")
lora_reading: Any = importlib.import_module("diffusers.loaders.lora_conversion_utils")
safetensors: Any = importlib.import_module("safetensors")


def differing(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> list[str]:
    """Names that only one has, or whose tensors differ."""
    return sorted(
        name
        for name in {*one, *other}
        if name not in one or name not in other or not torch.equal(one[name], other[name])
    )


@pytest.mark.parametrize("kind", [ModelKind.SD1, ModelKind.SD2_INPAINT, ModelKind.SDXL_REFINER])
def test_diffusers_reads_every_tensor_of_a_small_checkpoint_back(kind: ModelKind):
    networks = build(kind)
    file = original(networks)
    theirs = reading.convert_ldm_unet_checkpoint(dict(file), networks.unet.config)
    assert differing(theirs, networks.unet.state_dict()) == []
    theirs = reading.convert_ldm_vae_checkpoint(dict(file), networks.vae.config)
    assert differing(theirs, networks.vae.state_dict()) == []


def without_prefix(weights: Mapping[str, torch.Tensor]) -> Weights:
    return {name.removeprefix("text_model."): weight for name, weight in weights.items()}


def test_diffusers_reads_a_small_clip_back():
    networks = build(ModelKind.SD1)
    theirs = without_prefix(reading.convert_ldm_clip_checkpoint(original(networks)))
    del theirs["embeddings.position_ids"]
    assert differing(theirs, without_prefix(networks.text_encoder.state_dict())) == []


def test_diffusers_reads_a_small_open_clip_back_but_for_what_sd2_does_not_use():
    networks = build(ModelKind.SD2)
    file, prefix = original(networks), "cond_stage_model.model."
    theirs = without_prefix(reading.convert_open_clip_checkpoint(networks.text_encoder, file, prefix=prefix))
    ours = without_prefix(networks.text_encoder.state_dict())
    left_out = {name for name in ours if name.startswith(("encoder.layers.23.", "text_projection."))}
    assert differing(theirs, {name: ours[name] for name in ours if name not in left_out}) == []


def test_diffusers_reads_a_small_control_net_back():
    network = control_net(ModelKind.SD1)
    file = original_control_net(network.state_dict())
    theirs = reading.convert_controlnet_checkpoint(dict(file), network.config)
    assert differing(theirs, network.state_dict()) == []


@pytest.mark.parametrize(
    ("kind", "tensors", "unet", "gigabytes"),
    [(ModelKind.SDXL_BASE, 2515, 1680, 6.938), (ModelKind.SD1, 1131, 686, 2.1326)],
)
def test_full_ones_have_the_keys_and_the_size_of_files_that_are_handed_around(
    tmp_path: Path, kind: ModelKind, tensors: int, unet: int, gigabytes: float
):
    weights = checkpoint(kind, Widths.FULL)
    assert len(weights) == tensors
    assert sum(name.startswith(UNET) for name in weights) == unet
    assert sum(name.startswith(VAE) for name in weights) == 248
    file = write(tmp_path / "full.safetensors", weights)
    assert abs(file.stat().st_size / 1e9 - gigabytes) < 0.001
    assert file.stat().st_blocks * 512 < 2_000_000


@pytest.mark.parametrize("kind", [ModelKind.SDXL_BASE, ModelKind.SDXL_REFINER, ModelKind.SD1, ModelKind.SD2])
def test_diffusers_takes_full_ones_for_what_they_are(kind: ModelKind):
    names = {
        ModelKind.SDXL_BASE: "xl_base",
        ModelKind.SDXL_REFINER: "xl_refiner",
        ModelKind.SD1: "v1",
        ModelKind.SD2: "v2",
    }
    assert reading.infer_diffusers_model_type(checkpoint(kind, Widths.FULL)) == names[kind]


def test_safetensors_reads_what_is_only_a_header_and_a_hole(tmp_path: Path):
    file = write(tmp_path / "full.safetensors", lora(ModelKind.SD1, Widths.FULL), {"a": "b"})
    with safetensors.safe_open(file, framework="pt") as held:
        assert held.metadata() == {"format": "pt", "a": "b"}
        name = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight"
        assert held.get_tensor(name).shape == (4, 768)


@pytest.mark.parametrize(("kind", "unet", "text"), [(ModelKind.SDXL_BASE, 722, 264), (ModelKind.SD1, 192, 72)])
def test_loras_change_what_kohyas_scripts_change(kind: ModelKind, unet: int, text: int):
    modules = changed_modules(kind)
    assert sum(module.startswith("unet.") for module in modules) == unet
    assert sum(module.startswith("text_encoder") for module in modules) == text


def test_sdxl_modules_go_by_the_original_layouts_names():
    told = {
        "unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_k": (
            "lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_k"
        ),
        "unet.mid_block.attentions.0.proj_in": "lora_unet_middle_block_1_proj_in",
        "text_encoder.text_model.encoder.layers.0.mlp.fc1": "lora_te1_text_model_encoder_layers_0_mlp_fc1",
        "text_encoder_2.text_model.encoder.layers.31.self_attn.q_proj": (
            "lora_te2_text_model_encoder_layers_31_self_attn_q_proj"
        ),
    }
    assert {module: kohya_name(module, ModelKind.SDXL_BASE) for module in told} == told
    assert set(told) <= set(changed_modules(ModelKind.SDXL_BASE))


def test_diffusers_turns_kohyas_names_into_those_of_the_changed_modules():
    theirs, _ = lora_reading._convert_non_diffusers_lora_to_diffusers(lora(ModelKind.SD1))
    modules = {
        re.sub(r"\.processor\.to_(\w+)_lora$", r".to_\1", module).replace(".to_out", ".to_out.0").replace(".0.0", ".0")
        for name in theirs
        if name.startswith("unet.")
        for module in [re.sub(r"(\.lora|\.lora_linear_layer)?\.(down|up)\.weight$", "", name)]
    }
    assert modules == {module for module in changed_modules(ModelKind.SD1) if module.startswith("unet.")}


@pytest.mark.parametrize("change", Change)
def test_every_algorithm_makes_a_change_of_its_modules_shape(change: Change):
    shapes = changed_modules(ModelKind.SD1)
    weights = lora(ModelKind.SD1, change=change)
    for module, shape in shapes.items():
        assert product(weights, kohya_name(module, ModelKind.SD1), change).numel() == torch.Size(shape).numel()


def product(weights: Weights, module: str, change: Change) -> torch.Tensor:
    """The change of a module's weight, up to its shape."""

    def get(name: str) -> torch.Tensor:
        return weights[f"{module}.{name}"].flatten(1)

    match change:
        case Change.LORA:
            return get("lora_up.weight") @ get("lora_down.weight")
        case Change.LOHA:
            return (get("hada_w1_a") @ get("hada_w1_b")) * (get("hada_w2_a") @ get("hada_w2_b"))
        case Change.LOKR:
            return torch.kron(get("lokr_w1"), get("lokr_w2"))
        case Change.LOKR_SPLIT:
            return torch.kron(get("lokr_w1"), get("lokr_w2_a") @ get("lokr_w2_b"))
