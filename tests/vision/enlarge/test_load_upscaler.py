"""Upscaler files: every layout of the dense network, the compact one, and what is none of them."""

import importlib.util
from pathlib import Path

import pytest
import torch

from fooo.errors import ModelError
from fooo.vision.enlarge import LoadedUpscaler, load_upscaler
from tests.model_files import Weights, random_from, write
from tests.vision.enlarge.upscalers import compact, dense, in_named_spelling, in_old_spelling, saved

PICTURE = torch.linspace(0, 1, 3 * 12 * 10).reshape(1, 3, 12, 10)


def given(loaded: LoadedUpscaler) -> torch.Tensor:
    return loaded.network.float()(PICTURE)


def same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """But for the order in which float32 is added up, which the layout in memory decides."""
    return torch.allclose(one, other, atol=1e-6)


def halves(weights: Weights) -> Weights:
    return {name: tensor.half() for name, tensor in weights.items()}


def test_the_sizes_are_read_from_the_file(tmp_path: Path):
    network = dense(blocks=3, width=12, growth=6, doublings=2)
    loaded = load_upscaler(saved(network, tmp_path / "a.safetensors"))
    assert (loaded.name, loaded.scale, loaded.multiple) == ("a.safetensors", 4, 1)
    assert same(given(loaded), network.half().float()(PICTURE))


@pytest.mark.parametrize("doublings", [0, 1, 2, 3])
def test_every_spelling_of_the_dense_network_is_the_same_network(tmp_path: Path, doublings: int):
    network = dense(doublings=doublings)
    weights = halves(network.state_dict())
    spellings = {
        "today": weights,
        "ema": {f"params_ema.{name}": tensor for name, tensor in weights.items()},
        "old": in_old_spelling(weights, doublings=doublings),
        "named": in_named_spelling(weights),
    }
    wanted = network.half().float()(PICTURE)
    for name, spelt in spellings.items():
        loaded = load_upscaler(write(tmp_path / f"{name}.safetensors", spelt))
        assert loaded.scale == 2**doublings
        assert same(given(loaded), wanted), name


def test_a_network_that_folds_the_picture_first_grows_less_and_wants_even_sides(tmp_path: Path):
    loaded = load_upscaler(saved(dense(folded=2), tmp_path / "x2plus.safetensors"))
    assert (loaded.scale, loaded.multiple) == (2, 2)
    assert given(loaded).shape == (1, 3, 24, 20)


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_the_compact_network_is_read_with_its_scale(tmp_path: Path, scale: int):
    network = compact(layers=4, width=10, scale=scale)
    loaded = load_upscaler(saved(network, tmp_path / "a.safetensors"))
    assert loaded.scale == scale
    assert same(given(loaded), network.half().float()(PICTURE))


def test_in_pieces_the_last_layers_give_what_they_give_at_once():
    """A picture of more than one piece on both axes, against the layers called one after the other."""
    network = dense(blocks=1)
    with random_from(1):
        picture = torch.rand(1, 3, 150, 140)
    leaky = torch.nn.functional.leaky_relu
    features = network.conv_first(picture)
    features = features + network.conv_body(network.body(features))
    for name in ("conv_up1", "conv_up2"):
        doubled = torch.nn.functional.interpolate(features, scale_factor=2)
        features = leaky(network.get_submodule(name)(doubled), 0.2)
    wanted = network.conv_last(leaky(network.conv_hr(features), 0.2))
    # the order in which float32 is added up differs by piece
    assert torch.allclose(network(picture), wanted, atol=1e-5)


def test_bfloat16_adds_up_in_float32():
    network, picture = dense(blocks=4, width=16, growth=8), torch.rand(1, 3, 16, 16)
    exact = network(picture)
    rounded = network.bfloat16()(picture)
    assert rounded.dtype is torch.float32
    assert 0 < (rounded - exact).abs().max() < 0.02 * exact.abs().max()


def without(weights: Weights, name: str) -> Weights:
    return {each: tensor for each, tensor in weights.items() if each != name}


WHOLE = halves(dense().state_dict())


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (without(WHOLE, "body.1.rdb2.conv3.weight"), "lacks a tensor of its upscaler"),
        (without(WHOLE, "conv_up1.bias"), "parts that are not known here"),
        ({**WHOLE, "attention.weight": torch.zeros(3, dtype=torch.float16)}, "parts that are not known here"),
        ({**WHOLE, "conv_hr.weight": torch.zeros(9, 8, 3, 3, dtype=torch.float16)}, "parts that are not known here"),
        ({**WHOLE, "conv_first.weight": torch.zeros(8, dtype=torch.float16)}, "without its conv_first.weight"),
        ({"something.weight": torch.zeros(3)}, "is no upscaler that is known here"),
    ],
)
def test_what_is_not_exactly_such_a_network_is_refused(tmp_path: Path, weights: Weights, says: str):
    with pytest.raises(ModelError, match=says):
        load_upscaler(write(tmp_path / "a.safetensors", weights))


def test_a_pickle_is_refused_with_the_way_to_convert_it(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    torch.save({"params": {"conv_first.weight": torch.zeros(3)}}, path)
    with pytest.raises(ModelError, match="models convert"):
        load_upscaler(path)


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is not None, reason="torchvision is here")
def test_another_architecture_asks_for_spandrel(tmp_path: Path):
    swin = {"layers.0.residual_group.blocks.0.attn.qkv.weight": torch.zeros(540, 180)}
    with pytest.raises(
        ModelError, match="SwinIR, which Fooo does not compute by itself; install torchvision and spandrel"
    ):
        load_upscaler(write(tmp_path / "a.safetensors", swin))
