import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import Catalog
from fooo.weights import DeviceKind, MemoryPolicy, NetworkKey, Part, Precision, Residency
from tests import model_files

POLICY = MemoryPolicy(
    device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.BFLOAT16, offload=True
)


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
