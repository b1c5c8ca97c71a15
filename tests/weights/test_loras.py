"""LoRAs in every way in which they are written down, put on and off whole networks."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import LocalModel, ModelKind
from fooo.errors import ModelError
from fooo.weights import DeviceKind, LoraUse, MemoryPolicy, NetworkKey, Part, Precision, Residency
from fooo.weights.loras.lora_file import read_changes
from fooo.weights.loras.names import modules_by_flat_name
from tests import adapter_files, model_files
from tests.adapter_files import Change, changed_modules, kohya_name
from tests.single_file import original_unet
from tests.small_checkpoints import models_in, write_checkpoint
from tests.weights.test_lora_deltas import close, numbers

POLICY = MemoryPolicy(device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.FLOAT32)
KINDS = {"xl": ModelKind.SDXL_BASE, "sd1": ModelKind.SD1}


@pytest.mark.parametrize("kind", [ModelKind.SDXL_BASE, ModelKind.SDXL_REFINER, ModelKind.SD1])
def test_every_module_of_a_unet_is_found_by_its_publishers_name_and_by_diffusers(kind: ModelKind):
    """Also those that few LoRAs change. The tests' own writer of the publishers' layout says what the names are."""
    unet = model_files.shapes(kind, model_files.Widths.SMALL).unet
    weights = [name for name in unet.state_dict() if name.endswith(".weight")]
    published = original_unet({name: torch.empty(0) for name in weights}, layers=2)
    found = modules_by_flat_name(unet)
    for name, original in zip(weights, published, strict=True):
        module = name.removesuffix(".weight")
        assert found[original.removesuffix(".weight").replace(".", "_")] == module
        assert found[module.replace(".", "_")] == module
    assert len(weights) > 200


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LocalModel]:
    folder = tmp_path_factory.mktemp("models")
    for name, kind in KINDS.items():
        write_checkpoint(folder / f"{name}.safetensors", model_files.build(kind), dtype=torch.float16)
    return {name.removesuffix(".safetensors"): model for name, model in models_in(folder).items()}


@pytest.fixture(scope="module")
def residency() -> Residency:
    """One for all tests: a network that one of them left changed would spoil the others."""
    return Residency(POLICY)


def weights(residency: Residency, model: LocalModel, *uses: LoraUse) -> dict[str, torch.Tensor]:
    """Of all networks with the LoRAs on them, by the names of `changed_modules`; without ones, as they are."""
    found: dict[str, torch.Tensor] = {}
    for part in ("unet", "text_encoder", "text_encoder_2")[: 3 if model.name.startswith("xl") else 2]:
        with residency.use(NetworkKey(model, Part(part)), uses) as network:
            for name, weight in network.state_dict().items():
                inside = name if part == "unet" else f"text_model.{name.removeprefix('text_model.')}"
                found[f"{part}.{inside}"] = weight.clone()
    return found


def lora_file(path: Path, kind: ModelKind, form: str, seed: int = 0) -> Path:
    if form == "diffusers":
        tensors = adapter_files.diffusers_lora(kind, seed=seed)
    else:
        tensors = adapter_files.lora(kind, change=Change(form), seed=seed)
    return model_files.write(path, tensors)


def by_hand(file: Path, kind: ModelKind, form: str) -> dict[str, torch.Tensor]:
    """The difference of each module out of the file's tensors, whose names are told without the program's help."""
    safetensors: Any = model_files.safetensors
    tensors = safetensors.load_file(file)
    return {
        module: change_by_hand(tensors, kind, form, module).reshape(shape)
        for module, shape in changed_modules(kind).items()
    }


def change_by_hand(tensors: Mapping[str, torch.Tensor], kind: ModelKind, form: str, module: str) -> torch.Tensor:
    def leaf(name: str) -> torch.Tensor:
        return tensors[f"{module if form == 'diffusers' else kohya_name(module, kind)}.{name}"]

    match form:
        case "diffusers":
            return leaf("lora_B.weight").flatten(1) @ leaf("lora_A.weight").flatten(1)
        case "lora":
            return leaf("lora_up.weight").flatten(1) @ leaf("lora_down.weight").flatten(1) * 2 / 4
        case "loha":
            pairs = [leaf(f"hada_w{number}_a") @ leaf(f"hada_w{number}_b") for number in (1, 2)]
            return pairs[0] * pairs[1] * 2 / 4
        case "lokr":
            second = leaf("lokr_w2")
            return torch.kron(leaf("lokr_w1").reshape(4, 4, *[1] * (second.ndim - 2)), second)
        case _:
            return torch.kron(leaf("lokr_w1"), leaf("lokr_w2_a") @ leaf("lokr_w2_b")) * 2 / 4


@pytest.mark.parametrize("form", ["diffusers", "lora", "loha", "lokr", "lokr split"])
@pytest.mark.parametrize("name", list(KINDS))
def test_every_change_of_a_file_reaches_its_own_weight_and_no_other(
    models: dict[str, LocalModel], residency: Residency, tmp_path: Path, name: str, form: str
):
    model, kind = models[name], KINDS[name]
    plain = weights(residency, model)
    file = lora_file(tmp_path / "lora.safetensors", kind, form)
    changed = weights(residency, model, LoraUse(file, 0.7))
    modules = by_hand(file, kind, form)
    for module, difference in modules.items():
        assert close(changed[f"{module}.weight"], plain[f"{module}.weight"] + 0.7 * difference), module
    others = plain.keys() - {f"{module}.weight" for module in modules}
    assert all(torch.equal(changed[each], plain[each]) for each in others)
    assert len(modules) > 200


def test_differences_of_norms_and_biases_reach_their_weights(
    models: dict[str, LocalModel], residency: Residency, tmp_path: Path
):
    model = models["sd1"]
    plain = weights(residency, model)
    tensors = {
        "lora_unet_mid_block_resnets_0_norm1.w_norm": numbers(96),
        "lora_unet_mid_block_resnets_0_norm1.b_norm": numbers(96),
        "lora_unet_conv_out.diff": numbers(4, 32, 3, 3),
        "lora_unet_conv_out.diff_b": numbers(4),
    }
    changed = weights(residency, model, LoraUse(model_files.write(tmp_path / "x.safetensors", tensors), 0.5))
    reached = {
        "unet.mid_block.resnets.0.norm1.weight": 96, "unet.mid_block.resnets.0.norm1.bias": 96,
        "unet.conv_out.weight": (4, 32, 3, 3), "unet.conv_out.bias": 4,
    }  # fmt: skip
    for name, shape in reached.items():
        assert close(changed[name], plain[name] + 0.5 * numbers(*([shape] if isinstance(shape, int) else shape))), name
    assert all(torch.equal(changed[name], plain[name]) for name in plain.keys() - reached.keys())


def test_loras_stack_with_weights_of_either_sign(models: dict[str, LocalModel], residency: Residency, tmp_path: Path):
    model, kind = models["sd1"], ModelKind.SD1
    one, two = (lora_file(tmp_path / f"{seed}.safetensors", kind, "lora", seed) for seed in (1, 2))
    plain = weights(residency, model)
    both = weights(residency, model, LoraUse(one, 0.5), LoraUse(two, -1.5))
    first, second = by_hand(one, kind, "lora"), by_hand(two, kind, "lora")
    for module, difference in first.items():
        added = 0.5 * difference - 1.5 * second[module]
        assert close(both[f"{module}.weight"], plain[f"{module}.weight"] + added)


def test_taking_loras_off_leaves_every_bit_as_it_was(
    models: dict[str, LocalModel], residency: Residency, tmp_path: Path
):
    model = models["xl"]
    plain = weights(residency, model)
    for weight in (1.0, -0.3, 1e4):
        weights(residency, model, LoraUse(lora_file(tmp_path / "x.safetensors", ModelKind.SDXL_BASE, "lora"), weight))
    again = weights(residency, model)
    assert all(torch.equal(again[name], plain[name]) for name in plain)


def test_a_lora_stays_on_while_it_is_wanted_and_its_file_is_the_same(
    models: dict[str, LocalModel], residency: Residency, tmp_path: Path
):
    file = lora_file(tmp_path / "x.safetensors", ModelKind.SD1, "lora")
    key = NetworkKey(models["sd1"], Part.UNET)

    def weight() -> torch.Tensor:
        with residency.use(key, [LoraUse(file, 1.0)]) as network:
            return network.get_parameter("mid_block.attentions.0.proj_in.weight").data

    first = weight()
    assert weight().data_ptr() == first.data_ptr()
    lora_file(file, ModelKind.SD1, "lora", seed=5)
    os.utime(file, ns=(1, 1))  # the clock of a file system may be too coarse to tell two writes apart
    assert not torch.equal(weight(), first)


def test_a_lora_of_no_weight_is_not_even_read(models: dict[str, LocalModel], residency: Residency, tmp_path: Path):
    with residency.use(NetworkKey(models["sd1"], Part.UNET), [LoraUse(tmp_path / "none.safetensors", 0.0)]):
        pass


def test_a_network_that_is_lent_cannot_be_wanted_otherwise_at_the_same_time(
    models: dict[str, LocalModel], residency: Residency, tmp_path: Path
):
    file = lora_file(tmp_path / "x.safetensors", ModelKind.SD1, "lora")
    key = NetworkKey(models["sd1"], Part.UNET)
    with (
        residency.use(key),
        pytest.raises(RuntimeError, match="two sets of LoRAs"),
        residency.use(key, [LoraUse(file, 1)]),
    ):
        pass


def test_what_the_first_diffusers_wrote_is_read_too(
    models: dict[str, LocalModel], residency: Residency, tmp_path: Path
):
    block = "down_blocks.0.attentions.0.transformer_blocks.0.attn1"
    down, up = numbers(2, 32), numbers(32, 2)
    forms = {
        f"unet.{block}.processor.to_out_lora.down.weight": f"{block}.to_out.0",
        f"{block}.processor.to_q_lora.down.weight": f"{block}.to_q",
        f"unet.{block}.to_v.lora.down.weight": f"{block}.to_v",
        f"base_model.model.{block}.to_k.lora_A.default.weight": f"{block}.to_k",
        "text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora.down.weight": "encoder.layers.0.self_attn.q_proj",
        "text_encoder.text_model.encoder.layers.0.self_attn.k_proj.lora_linear_layer.down.weight":
            "encoder.layers.0.self_attn.k_proj",
    }  # fmt: skip
    for name, module in forms.items():
        pair = name.replace("down", "up") if "lora_A" not in name else name.replace("lora_A", "lora_B")
        pair = pair.replace("up_blocks", "down_blocks")
        file = model_files.write(tmp_path / "x.safetensors", {name: down, pair: up})
        part = Part.TEXT_ENCODER if name.startswith("text") else Part.UNET
        (((flat, _), change),) = read_changes(file, part).items()
        network = residency.load(NetworkKey(models["sd1"], part))
        assert modules_by_flat_name(network)[flat] == module
        assert close(change.difference(torch.zeros(32, 32)), up @ down)


def unet_lora(path: Path, tensors: dict[str, torch.Tensor], kind: ModelKind = ModelKind.SD1) -> Path:
    return model_files.write(
        path, adapter_files.lora(kind, only=lambda module: module.endswith("attn2.to_k")) | tensors
    )


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "another base": (
        lambda path: model_files.write(
            path, adapter_files.lora(ModelKind.SDXL_BASE, only=lambda m: "te2" in m or "unet" in m)
        ),
        "is made for SDXL, and sd1.safetensors is an SD 1.x model",
    ),
    "a part that is not there": (
        lambda path: unet_lora(
            path, {"lora_unet_x.lora_up.weight": numbers(3, 2), "lora_unet_x.lora_down.weight": numbers(2, 3)}
        ),
        "changes a part that sd1.safetensors does not have (x)",
    ),
    "another size": (
        lambda path: unet_lora(
            path,
            {"lora_unet_conv_out.lora_up.weight": numbers(3, 2), "lora_unet_conv_out.lora_down.weight": numbers(2, 3)},
        ),
        "changes conv_out in another size than the model has it",
    ),
    "rank 0": (
        lambda path: unet_lora(
            path,
            {
                "lora_unet_conv_out.lora_up.weight": numbers(4, 0),
                "lora_unet_conv_out.lora_down.weight": numbers(0, 288),
            },
        ),
        "rank 0",
    ),
    "half of a change": (
        lambda path: unet_lora(path, {"lora_unet_conv_out.lora_up.weight": numbers(4, 2)}),
        "lacks a tensor of its changes",
    ),
    "a kind of change that is not known": (
        lambda path: unet_lora(path, {"lora_unet_conv_out.glora_a": numbers(4)}),
        "holds a kind of change that Fooo cannot apply (lora_unet_conv_out.glora_a)",
    ),
    "a bias that is not there": (
        lambda path: unet_lora(
            path, {"lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.diff_b": numbers(32)}
        ),
        "changes a part that sd1.safetensors does not have",
    ),
    "lengths of another size": (
        lambda path: unet_lora(
            path,
            {
                "lora_unet_conv_out.lora_up.weight": numbers(4, 2),
                "lora_unet_conv_out.lora_down.weight": numbers(2, 288),
                "lora_unet_conv_out.dora_scale": numbers(5, 1),
            },
        ),
        "is damaged: the parts of its change of conv_out do not fit each other",
    ),
    "no LoRA": (
        lambda path: model_files.write(path, {"clip_l": numbers(1, 768), "clip_g": numbers(1, 1280)}),
        "is no LoRA that Fooo can read",
    ),
    "gone": (lambda path: path, "is no file"),
}


@pytest.mark.parametrize("what", list(BAD))
def test_what_cannot_be_put_on_is_a_sentence_and_leaves_the_network_as_it_was(
    models: dict[str, LocalModel], residency: Residency, tmp_path: Path, what: str
):
    model = models["sd1"]
    plain = weights(residency, model)
    write, sentence = BAD[what]
    with pytest.raises(ModelError, match=re.escape(sentence)):
        weights(residency, model, LoraUse(write(tmp_path / "x.safetensors"), 1.0))
    after = weights(residency, model)
    assert all(torch.equal(after[name], plain[name]) for name in plain)
