import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import Catalog
from fooo.weights import DeviceKind, MemoryPolicy, NetworkKey, Part, Precision, Residency
from tests import model_files

POLICY = MemoryPolicy(device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.BFLOAT16)


@pytest.mark.parametrize("part", [Part.TEXT_ENCODER, Part.TEXT_ENCODER_2, Part.UNET, Part.VAE])
def test_every_network_has_the_policys_one_precision_whatever_its_file_has(catalog: Catalog, part: Part):
    with Residency(POLICY).use(NetworkKey(catalog.models["pocket/base"], part)) as network:
        wanted = torch.bfloat16 if part is Part.VAE else torch.float32
        assert {weight.dtype for weight in network.parameters()} == {wanted}
        assert not network.training


def test_a_network_is_read_once_and_forgotten_when_its_model_is_not_kept(catalog: Catalog):
    told: list[str] = []
    residency = Residency(POLICY)
    residency.listen(told.append)
    base, refiner = catalog.models["pocket/base"], catalog.models["pocket/refiner"]
    key = NetworkKey(base, Part.VAE)
    assert residency.load(key) is residency.load(key)
    residency.keep_only([refiner])
    residency.load(key)
    assert told == ["pocket/base vae"] * 2


def test_models_of_other_folders_are_other_models(catalog: Catalog):
    base = catalog.models["pocket/base"]
    assert NetworkKey(replace(base, name="copy"), Part.VAE) != NetworkKey(base, Part.VAE)


@pytest.fixture
def vae(tmp_path: Path, catalog: Catalog) -> Path:
    """The pocket model's own, with another first number."""
    safetensors: Any = model_files.safetensors
    weights = safetensors.load_file(catalog.models["pocket/base"].folder / "vae/diffusion_pytorch_model.safetensors")
    weights["decoder.conv_out.bias"] = weights["decoder.conv_out.bias"] + 1
    return model_files.write(tmp_path / "other.vae.safetensors", weights)


def test_another_vae_is_another_network_and_told_by_its_own_name(catalog: Catalog, vae: Path):
    told: list[str] = []
    residency = Residency(POLICY)
    residency.listen(told.append)
    base = catalog.models["pocket/base"]
    own, other = (residency.load(NetworkKey(base, Part.VAE, file)) for file in (None, vae))
    name = "decoder.conv_out.bias"
    assert torch.allclose(other.get_parameter(name), own.get_parameter(name) + 1, atol=0.01)  # bfloat16
    assert told == ["pocket/base vae", "other.vae.safetensors"]


def test_another_vae_is_forgotten_when_it_is_no_longer_drawn_with(catalog: Catalog, vae: Path):
    told: list[str] = []
    residency = Residency(POLICY)
    residency.listen(told.append)
    base = catalog.models["pocket/base"]
    for files in ([vae], []):
        residency.load(NetworkKey(base, Part.VAE, vae))
        residency.keep_only([base], files)
    residency.load(NetworkKey(base, Part.VAE, vae))
    assert told == ["other.vae.safetensors"] * 2


def test_another_vae_that_was_exchanged_is_stale(catalog: Catalog, vae: Path):
    residency = Residency(POLICY)
    base = catalog.models["pocket/base"]
    residency.load(NetworkKey(base, Part.VAE, vae))
    assert not residency.has_stale([base])
    os.utime(vae, ns=(1, 1))
    assert residency.has_stale([base])
    assert not residency.has_stale([catalog.models["pocket/refiner"]])


def is_laid(network: torch.nn.Module) -> bool:
    """The pocket model's file has float16."""
    return {weight.dtype for weight in network.parameters()} == {torch.float32}


def is_away(network: torch.nn.Module) -> bool:
    return {weight.dtype for weight in network.parameters()} == {torch.float16}


def bytes_of(network: torch.nn.Module) -> int:
    return sum(4 * weight.numel() for weight in network.parameters())


WHOLE = MemoryPolicy(device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.FLOAT32)


@pytest.fixture
def keys(catalog: Catalog) -> tuple[NetworkKey, ...]:
    """From the largest to the smallest: 46, 15 and 13 MB."""
    base, refiner = catalog.models["pocket/base"], catalog.models["pocket/refiner"]
    return (NetworkKey(base, Part.UNET), NetworkKey(refiner, Part.UNET), NetworkKey(base, Part.VAE))


def test_the_network_that_was_unused_for_longest_makes_room(keys: tuple[NetworkKey, ...]):
    residency = Residency(replace(WHOLE, room=0))
    unet, refiner, vae = networks = [residency.load(key) for key in keys]
    assert all(map(is_away, networks))
    residency.adopt(replace(WHOLE, room=bytes_of(unet) + bytes_of(vae)))
    for key in (keys[0], keys[2], keys[0]):
        with residency.use(key):
            pass
    assert is_laid(unet)
    assert is_laid(vae)
    with residency.use(keys[1]):
        assert is_laid(refiner)
        assert is_away(vae)
        assert is_away(unet)  # the room that the VAE left was not enough
    with residency.use(keys[2]):
        assert is_laid(refiner)


def test_a_network_that_is_lent_never_makes_room(keys: tuple[NetworkKey, ...]):
    residency = Residency(replace(WHOLE, room=0))
    unet, refiner, _ = (residency.load(key) for key in keys)
    residency.adopt(replace(WHOLE, room=bytes_of(unet)))
    with residency.use(keys[0]), residency.use(keys[1]):
        assert is_laid(unet)
        assert not is_laid(refiner)  # it comes layer by layer
    assert is_laid(unet)
    assert is_away(refiner)


def call(network: Any) -> torch.Tensor:
    with model_files.random_from(0), torch.inference_mode():
        random: Any = torch.randn
        config = network.config
        return network(
            random(2, 4, 16, 16), torch.tensor([500.0, 100.0]),
            encoder_hidden_states=random(2, 77, config.cross_attention_dim),
            added_cond_kwargs={"text_embeds": random(2, 160), "time_ids": random(2, 6)},
        ).sample  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_network_that_is_larger_than_the_room_computes_the_same_bits(keys: tuple[NetworkKey, ...], share: float):
    whole = Residency(WHOLE)
    with whole.use(keys[0]) as network:
        expected, room = call(network), int(bytes_of(network) * share)
    residency = Residency(replace(WHOLE, room=room))
    for _ in range(2):
        with residency.use(keys[0]) as network:
            assert not is_laid(network)
            assert torch.equal(call(network), expected)
            assert not is_laid(network)
        assert is_away(network)


def test_another_policy_keeps_what_was_read(keys: tuple[NetworkKey, ...]):
    told: list[str] = []
    residency = Residency(WHOLE)
    residency.listen(told.append)
    unet, _, vae = (residency.load(key) for key in keys)
    residency.adopt(replace(WHOLE, room=bytes_of(unet)))
    assert is_away(unet)
    residency.adopt(replace(WHOLE, vae_precision=Precision.BFLOAT16))
    for key in keys:
        with residency.use(key):
            pass
    assert {weight.dtype for weight in vae.parameters()} == {torch.bfloat16}
    assert is_laid(unet)
    assert len(told) == 3


def test_a_network_computes_more_exactly_as_long_as_it_is_kept(catalog: Catalog, keys: tuple[NetworkKey, ...]):
    residency = Residency(POLICY)
    key = keys[2]
    residency.load(key)
    assert residency.raise_precision(key)
    assert residency.precision(key) is Precision.FLOAT32
    with residency.use(key) as vae:
        assert is_laid(vae)
    assert not residency.raise_precision(key)
    residency.keep_only([catalog.models["pocket/refiner"]])
    assert residency.precision(key) is Precision.BFLOAT16


def test_what_is_put_away_comes_back_when_it_is_used(keys: tuple[NetworkKey, ...]):
    residency = Residency(WHOLE)
    unet, refiner, _ = (residency.load(key) for key in keys)
    with residency.use(keys[0]):
        residency.put_all_away()
        assert is_laid(unet)
        assert is_away(refiner)
    with residency.use(keys[1]):
        assert is_laid(refiner)


def test_an_error_while_a_network_is_lent_takes_its_layers_away(keys: tuple[NetworkKey, ...]):
    residency = Residency(replace(WHOLE, room=0))
    network = residency.load(keys[0])

    def fail() -> None:
        with residency.use(keys[0]):
            call(network)
            raise ValueError("within")

    with pytest.raises(ValueError, match="within"):
        fail()
    assert is_away(network)


def test_attention_is_sliced_where_the_policy_says_so(keys: tuple[NetworkKey, ...]):
    query = torch.linspace(0, 1, 4096 * 4).view(1, 1, 4096, 4)
    attend: Any = torch.nn.functional.scaled_dot_product_attention
    for sliced in (False, True):
        asked = Watch()
        with asked, Residency(replace(WHOLE, sliced_attention=sliced)).use(keys[2]):
            attend(query, query, query)
        assert asked.times == (4 if sliced else 1)


class Watch(torch.overrides.TorchFunctionMode):
    """Counts how often attention is asked for."""

    def __init__(self) -> None:
        self.times = 0

    def __torch_function__(self, func: Any, types: object, args: Any = (), kwargs: Any = None) -> Any:
        self.times += func is torch.nn.functional.scaled_dot_product_attention
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(("part", "side_by_side"), [(Part.UNET, False), (Part.VAE, True)])
def test_on_a_processor_a_vae_has_the_channels_of_a_pixel_side_by_side(
    catalog: Catalog, part: Part, side_by_side: bool
):
    with Residency(POLICY).use(NetworkKey(catalog.models["pocket/base"], part)) as network:
        weight = network.get_parameter("conv_in.weight" if part is Part.UNET else "decoder.conv_in.weight")
        assert weight.is_contiguous(memory_format=torch.channels_last) is side_by_side
