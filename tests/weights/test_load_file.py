"""Checkpoints of one file, as random weights in the true layouts."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import LocalModel, ModelKind
from fooo.catalog.model_files.contents import Prediction
from fooo.errors import ModelError
from fooo.weights import Part, load_network, read_scheduler_config
from fooo.weights.held_network import HeldNetwork
from tests import model_files
from tests.model_files import UNET, VAE, Networks
from tests.small_checkpoints import loud, models_in, write_checkpoint

Tensors = dict[str, torch.Tensor]
NETWORKS = (Part.TEXT_ENCODER, Part.TEXT_ENCODER_2, Part.UNET, Part.VAE)
KINDS = (
    ModelKind.SDXL_BASE, ModelKind.SDXL_REFINER, ModelKind.SDXL_INPAINT, ModelKind.SD1, ModelKind.SD1_INPAINT,
    ModelKind.SD2,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkpoints")


def write_and_find(file: Path, networks: Networks, **more: Any) -> LocalModel:
    write_checkpoint(file, networks, **more)
    return models_in(file.parent)[file.name]


@pytest.fixture(scope="module")
def sd1(folder: Path) -> tuple[LocalModel, Networks]:
    made = loud(ModelKind.SD1)
    return write_and_find(folder / "sd1.safetensors", made), made


def named(network: Any) -> Tensors:
    return {name.removeprefix("text_model."): weight for name, weight in network.state_dict().items()}


def differing(found: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Tensor]) -> list[str]:
    return [name for name, weight in found.items() if not torch.equal(weight, wanted[name])]


def rewrite(model: LocalModel, file: Path, change: Callable[[Tensors], Tensors]) -> LocalModel:
    """The same model from another file, whose tensors went through `change`."""
    assert model.file
    safetensors: Any = model_files.safetensors
    model_files.write(file, change(safetensors.load_file(model.file)))
    own = model.file.with_suffix(".config")
    file.with_suffix(".config").symlink_to(own)
    return replace(model, name=file.name, folder=file.parent, file=file)


@pytest.mark.parametrize("kind", KINDS)
def test_every_tensor_of_a_checkpoint_arrives_in_its_place(tmp_path: Path, kind: ModelKind):
    made = loud(kind)
    model = write_and_find(tmp_path / "x.safetensors", made)
    for part in NETWORKS:
        if (network := getattr(made, part.value)) is not None:
            found, wanted = named(load_network(model, part)), named(network)
            assert len(found) > 30
            assert differing(found, wanted) == []
            # of SD 2.x the last layer is not heard, and the projection is a second tower's
            assert found.keys() == wanted.keys() or kind is ModelKind.SD2


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2])
def test_numbers_of_any_size_stay_as_they_are_until_they_are_computed_with(tmp_path: Path, stored: torch.dtype):
    made = loud(ModelKind.SD1)
    model = write_and_find(tmp_path / "x.safetensors", made, dtype=stored)
    network = load_network(model, Part.UNET)
    assert {weight.dtype for weight in network.parameters()} == {stored}
    HeldNetwork(network, torch.device("cpu"), torch.float32).lay()
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    assert differing(named(network), {name: w.to(stored).float() for name, w in named(made.unet).items()}) == []
    assert not network.training
    assert not any(weight.requires_grad for weight in network.parameters())


def scaled_to_eight_bits(tensors: Tensors, leaf: str, rows: bool, kind: torch.dtype) -> Tensors:
    """Each matrix by its own largest number, or each row by its own."""
    made: Tensors = {f"{UNET}scaled_fp8": torch.zeros(2, dtype=kind)}
    for name, weight in tensors.items():
        if name.startswith(UNET) and name.endswith(".weight") and weight.ndim == 2:
            largest = weight.abs().amax(dim=1, keepdim=True) if rows else weight.abs().max()
            scale = largest / torch.finfo(kind).max
            made |= {name: (weight / scale).to(kind), f"{name.removesuffix('weight')}{leaf}": scale}
            made[f"{name.removesuffix('weight')}scale_input"] = torch.ones(())
        else:
            made[name] = weight
    return made


@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.float8_e5m2])
@pytest.mark.parametrize(("leaf", "rows"), [("scale_weight", False), ("weight_scale", True)])
def test_numbers_that_were_scaled_to_eight_bits_are_scaled_back(
    sd1: tuple[LocalModel, Networks], tmp_path: Path, leaf: str, rows: bool, kind: torch.dtype
):
    model, made = sd1
    small = rewrite(model, tmp_path / "x.safetensors", lambda t: scaled_to_eight_bits(t, leaf, rows, kind))
    found, wanted = named(load_network(small, Part.UNET)), named(made.unet)
    coarse = 0
    for name, weight in wanted.items():
        # three bits of mantissa, or two, halve the gap between numbers on each side
        error = 2.0 ** -(4 if kind is torch.float8_e4m3fn else 3)
        assert torch.allclose(found[name].float(), weight, rtol=error, atol=error * float(weight.abs().max()) / 50)
        coarse += not torch.equal(found[name].float(), weight)
    assert coarse > 50


def test_eight_bits_that_are_scaled_in_blocks_are_a_sentence(sd1: tuple[LocalModel, Networks], tmp_path: Path):
    def in_blocks(tensors: Tensors) -> Tensors:
        name = f"{UNET}time_embed.0.weight"
        return tensors | {
            name: tensors[name].to(torch.float8_e4m3fn), f"{UNET}time_embed.0.weight_scale": torch.ones(2, 3)
        }  # fmt: skip

    with pytest.raises(ModelError, match="scaled in a way that Fooo does not know"):
        load_network(rewrite(sd1[0], tmp_path / "x.safetensors", in_blocks), Part.UNET)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory is no view of a file")
def test_a_file_of_the_wanted_precision_is_not_copied(sd1: tuple[LocalModel, Networks]):
    def anonymous() -> int:
        (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon"))
        return int(line.split()[1]) * 1024

    model, _ = sd1
    load_network(model, Part.UNET)  # what the first loading leaves behind does not count
    before = anonymous()
    network = load_network(model, Part.UNET)
    weights = sum(weight.nbytes for weight in network.parameters())
    # the network's own bookkeeping takes some 1 MB
    assert anonymous() - before < weights / 4
    assert weights > 15e6


def test_averages_over_the_training_are_left_alone(sd1: tuple[LocalModel, Networks], tmp_path: Path):
    model, made = sd1

    def with_averages(tensors: Tensors) -> Tensors:
        flat = {f"model_ema.{name.removeprefix('model.').replace('.', '')}": w + 1 for name, w in tensors.items()}
        return (
            tensors
            | {name: w for name, w in flat.items() if "diffusion_model" in name}
            | {"model_ema.decay": torch.ones(())}
        )

    doubled = rewrite(model, tmp_path / "full-ema.safetensors", with_averages)
    assert differing(named(load_network(doubled, Part.UNET)), named(made.unet)) == []


def test_the_first_merges_wrote_the_tower_without_its_second_name(sd1: tuple[LocalModel, Networks], tmp_path: Path):
    model, made = sd1
    merged = rewrite(
        model,
        tmp_path / "merge.safetensors",
        lambda tensors: {name.replace("transformer.text_model.", "transformer."): w for name, w in tensors.items()},
    )
    assert differing(named(load_network(merged, Part.TEXT_ENCODER)), named(made.text_encoder)) == []


def test_a_unet_alone_may_have_either_layouts_names(sd1: tuple[LocalModel, Networks], tmp_path: Path):
    model, made = sd1
    own = rewrite(
        model,
        tmp_path / "original.safetensors",
        lambda tensors: {name.removeprefix(UNET): w for name, w in tensors.items() if name.startswith(UNET)},
    )
    theirs = rewrite(model, tmp_path / "theirs.safetensors", lambda _: made.unet.state_dict())
    for each in (own, theirs):
        assert differing(named(load_network(each, Part.UNET)), named(made.unet)) == []
        with pytest.raises(ModelError, match="holds no text encoder; choose a whole checkpoint"):
            load_network(each, Part.TEXT_ENCODER)
        with pytest.raises(ModelError, match="holds no VAE; choose one to draw with beside it"):
            load_network(each, Part.VAE)


OLD = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}


def old_names(weights: Mapping[str, torch.Tensor]) -> Tensors:
    def old(name: str) -> str:
        for new, before in OLD.items():
            name = name.replace(new, before)
        return name

    return {old(name): weight for name, weight in weights.items()}


def test_another_vae_stands_in_place_of_the_models_own(sd1: tuple[LocalModel, Networks], tmp_path: Path):
    model, _ = sd1
    other = model_files.vae(model_files.Widths.SMALL)
    original = model_files.original_vae(other.state_dict())
    forms = {
        "alone": original,
        "as in a checkpoint": {VAE + name: weight for name, weight in original.items()},
        "diffusers": other.state_dict(),
        "diffusers once": old_names(other.state_dict()),
    }
    for name, tensors in forms.items():
        file = model_files.write(tmp_path / f"{name}.safetensors", tensors)
        found: Any = load_network(model, Part.VAE, file=file)
        assert differing(named(found), named(other)) == [], name
        assert found.config["scaling_factor"] == 0.18215  # the model's, which no VAE's file tells


def lacking(tensors: Tensors) -> Tensors:
    return {name: weight for name, weight in tensors.items() if "middle_block.1.proj_out" not in name}


def wider(tensors: Tensors) -> Tensors:
    return tensors | {f"{UNET}out.2.bias": torch.zeros(5)}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lacking, "lacks 2 tensors of its UNet, such as mid_block.attentions.0.proj_out.weight; copy it again"),
        (wider, r"another size than is usual \(conv_out.bias is 5 and not 4\); put .* into x.config beside it"),
    ],
)
def test_what_does_not_fit_is_a_sentence(
    sd1: tuple[LocalModel, Networks], tmp_path: Path, change: Callable[[Tensors], Tensors], sentence: str
):
    with pytest.raises(ModelError, match=sentence):
        load_network(rewrite(sd1[0], tmp_path / "x.safetensors", change), Part.UNET)


def test_a_checkpoint_of_unusual_sizes_needs_its_configuration_beside_it(tmp_path: Path):
    made = loud(ModelKind.SD1)
    model = write_and_find(tmp_path / "x.safetensors", made)
    (tmp_path / "x.config").rename(tmp_path / "away")
    with pytest.raises(ModelError, match=r"put the configuration it was made with into x\.config beside it"):
        load_network(model, Part.UNET)


def test_a_file_that_is_cut_short_or_gone_is_a_sentence(sd1: tuple[LocalModel, Networks], tmp_path: Path):
    model = rewrite(sd1[0], tmp_path / "x.safetensors", lambda tensors: tensors)
    assert model.file
    model.file.write_bytes(model.file.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="damaged or cut short; copy it again"):
        load_network(model, Part.UNET)
    model.file.unlink()
    with pytest.raises(ModelError, match="is missing; copy it again"):
        load_network(model, Part.UNET)


def test_a_configuration_of_wrong_types_is_a_sentence(tmp_path: Path):
    model = write_and_find(tmp_path / "x.safetensors", loud(ModelKind.SD1))
    said = tmp_path / "x.config" / "text_encoder" / "config.json"
    said.write_text(json.dumps(json.loads(said.read_text()) | {"hidden_size": "many"}))
    with pytest.raises(ModelError, match=r"cannot be read \(StrictDataclass"):
        load_network(model, Part.TEXT_ENCODER)


@pytest.mark.parametrize(
    ("marks", "prediction", "stretched"),
    [((), "epsilon", None), (("v_pred",), "v_prediction", False), (("v_pred", "ztsnr"), "v_prediction", True)],
)
def test_marks_in_the_file_say_how_it_was_trained(
    tmp_path: Path, marks: tuple[str, ...], prediction: str, stretched: bool | None
):
    model = write_and_find(
        tmp_path / "x.safetensors", loud(ModelKind.SDXL_BASE), marks={mark: torch.zeros(0) for mark in marks}
    )
    config = read_scheduler_config(model)
    assert config["prediction_type"] == prediction
    assert config.get("rescale_betas_zero_snr") == stretched
    assert config["beta_schedule"] == "scaled_linear"


def test_a_configuration_beside_the_file_counts_where_the_file_says_nothing(tmp_path: Path):
    model = write_and_find(tmp_path / "x.safetensors", loud(ModelKind.SDXL_BASE))
    said = tmp_path / "x.config" / "scheduler" / "scheduler_config.json"
    said.write_text(json.dumps(json.loads(said.read_text()) | {"prediction_type": "v_prediction"}))
    assert read_scheduler_config(model)["prediction_type"] == "v_prediction"


def test_a_model_that_was_trained_at_other_noise_levels_is_refused(tmp_path: Path):
    model = write_and_find(tmp_path / "x.safetensors", loud(ModelKind.SDXL_BASE))
    assert model.checkpoint
    edm = replace(model, checkpoint=replace(model.checkpoint, prediction=Prediction.EDM))
    with pytest.raises(ModelError, match="noise levels that Fooo does not draw with"):
        read_scheduler_config(edm)
