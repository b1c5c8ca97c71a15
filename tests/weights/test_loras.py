"""LoRAs in every way in which they are written down: by hand on single layers, and put on and off whole networks."""

import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

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

POLICY = MemoryPolicy(
    device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.FLOAT32, offload=False
)
KINDS = {"xl": ModelKind.SDXL_BASE, "sd1": ModelKind.SD1}
ROUNDING = 1e-6
"""Both sides multiply the same float32 numbers, of size 0.1 and less, and may add them up in another order."""


def numbers(*shape: int) -> torch.Tensor:
    with model_files.random_from(sum(shape)):
        return cast(Any, torch).randn(shape)


def difference(tmp_path: Path, shape: tuple[int, ...], **tensors: torch.Tensor) -> torch.Tensor:
    """What a file with one module's tensors, by their leaves with `_` for `.`, adds to a weight of that shape."""
    named = {f"lora_unet_x.{leaf.replace('__', '.')}": tensor for leaf, tensor in tensors.items()}
    file = model_files.write(tmp_path / "one.safetensors", named)
    return read_changes(file, Part.UNET)["x"].difference(torch.Size(shape), torch.device("cpu"))


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, rtol=0, atol=ROUNDING * float(other.abs().max() + 1))


def test_a_lora_is_up_times_down_times_alpha_by_rank(tmp_path: Path):
    up, down = numbers(6, 2), numbers(2, 5)
    found = difference(tmp_path, (6, 5), lora_up__weight=up, lora_down__weight=down, alpha=torch.tensor(0.5))
    assert close(found, up @ down / 4)
    assert close(difference(tmp_path, (6, 5), lora_up__weight=up, lora_down__weight=down), up @ down)


def test_a_convolution_is_what_both_convolutions_do_one_after_the_other(tmp_path: Path):
    down, up = numbers(2, 3, 3, 3), numbers(4, 2, 1, 1)
    found = difference(tmp_path, (4, 3, 3, 3), lora_up__weight=up, lora_down__weight=down)
    picture = numbers(1, 3, 8, 8)
    conv: Any = torch.nn.functional.conv2d
    assert close(conv(picture, found), conv(conv(picture, down), up))


def test_a_convolution_in_three_parts_is_what_the_three_do_one_after_the_other(tmp_path: Path):
    down, mid, up = numbers(2, 3, 1, 1), numbers(2, 2, 3, 3), numbers(4, 2, 1, 1)
    found = difference(tmp_path, (4, 3, 3, 3), lora_up__weight=up, lora_mid__weight=mid, lora_down__weight=down)
    picture = numbers(1, 3, 8, 8)
    conv: Any = torch.nn.functional.conv2d
    # the rounding of three sums of some ten numbers of size 1 each
    assert torch.allclose(conv(picture, found), conv(conv(conv(picture, down), mid), up), atol=1e-4)


def test_a_change_of_a_matrix_may_be_written_as_a_convolution_of_one_pixel(tmp_path: Path):
    up, down = numbers(6, 2, 1, 1), numbers(2, 5, 1, 1)
    found = difference(tmp_path, (6, 5), lora_up__weight=up, lora_down__weight=down)
    assert close(found, up[..., 0, 0] @ down[..., 0, 0])


def test_a_loha_multiplies_two_loras_number_by_number(tmp_path: Path):
    a, b, c, d = numbers(6, 2), numbers(2, 5), numbers(6, 2) + 1, numbers(2, 5) - 1
    found = difference(tmp_path, (6, 5), hada_w1_a=a, hada_w1_b=b, hada_w2_a=c, hada_w2_b=d, alpha=torch.tensor(1.0))
    assert close(found, (a @ b) * (c @ d) / 2)


def test_a_loha_of_a_convolution_may_have_a_core(tmp_path: Path):
    core, a, b = numbers(2, 3, 3, 3), numbers(2, 6), numbers(3, 5)
    found = difference(
        tmp_path, (6, 5, 3, 3), hada_t1=core, hada_w1_a=a, hada_w1_b=b, hada_t2=core, hada_w2_a=a, hada_w2_b=b
    )
    by_hand = torch.zeros(6, 5, 3, 3)
    for i in range(2):
        for j in range(3):
            by_hand += a[i][:, None, None, None] * b[j][None, :, None, None] * core[i, j]
    assert close(found, by_hand**2)


def test_a_lokr_puts_the_second_factor_in_every_place_of_the_first(tmp_path: Path):
    first, second = numbers(2, 3), numbers(4, 5)
    found = difference(tmp_path, (8, 15), lokr_w1=first, lokr_w2=second, alpha=torch.tensor(7.0))
    assert found.shape == (8, 15)
    for row in range(2):
        for column in range(3):
            tile = found[4 * row : 4 * row + 4, 5 * column : 5 * column + 5]
            assert close(tile, first[row, column] * second)  # of whole factors alpha says nothing


def test_a_lokrs_factors_may_be_split_and_be_a_convolutions(tmp_path: Path):
    first, a, b = numbers(2, 3), numbers(4, 2), numbers(2, 5 * 9)
    found = difference(tmp_path, (8, 15, 3, 3), lokr_w1=first, lokr_w2_a=a, lokr_w2_b=b, alpha=torch.tensor(1.0))
    whole = difference(tmp_path, (8, 15, 3, 3), lokr_w1=first, lokr_w2=(a @ b).reshape(4, 5, 3, 3))
    assert close(found, whole / 2)
    core = difference(
        tmp_path,
        (8, 15, 3, 3),
        lokr_w1=first,
        lokr_t2=numbers(2, 2, 3, 3),
        lokr_w2_a=numbers(2, 4),
        lokr_w2_b=numbers(2, 5),
    )
    second = torch.einsum("ijkl,ip,jr->prkl", numbers(2, 2, 3, 3), numbers(2, 4), numbers(2, 5))
    assert close(core, difference(tmp_path, (8, 15, 3, 3), lokr_w1=first, lokr_w2=second))


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
        ((flat, change),) = read_changes(file, part).items()
        network = residency.load(NetworkKey(models["sd1"], part))
        assert modules_by_flat_name(network)[flat] == module
        assert close(change.difference(torch.Size((32, 32)), torch.device("cpu")), up @ down)


def test_diffusers_says_the_strength_of_all_changes_in_the_header(tmp_path: Path):
    tensors = {"unet.x.lora_A.weight": numbers(2, 5), "unet.x.lora_B.weight": numbers(6, 2)}

    def read(**said: object) -> torch.Tensor:
        metadata = {"lora_adapter_metadata": json.dumps({f"unet.{name}": value for name, value in said.items()})}
        file = model_files.write(tmp_path / "x.safetensors", tensors, metadata)
        return read_changes(file, Part.UNET)["x"].difference(torch.Size((6, 5)), torch.device("cpu"))

    assert close(read(lora_alpha=1, r=2), numbers(6, 2) @ numbers(2, 5) / 2)
    odds: tuple[dict[str, object], ...] = (
        {"lora_alpha": 1, "use_rslora": True},
        {"alpha_pattern": {"x": 3}},
        {"lora_alpha": "much"},
    )
    for odd in odds:
        with pytest.raises(ModelError, match="does not know how strong"):
            read(**odd)


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
        lambda path: unet_lora(path, {"lora_unet_conv_out.diff_b": numbers(4)}),
        "holds a kind of change that Fooo cannot apply (lora_unet_conv_out.diff_b)",
    ),
    "a DoRA": (
        lambda path: unet_lora(path, {"lora_unet_conv_out.dora_scale": numbers(4, 1)}),
        "is a DoRA, which Fooo cannot apply",
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
