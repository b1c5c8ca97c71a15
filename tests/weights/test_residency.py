from dataclasses import replace

import pytest
import torch

from fooo.catalog import Catalog
from fooo.weights import DeviceKind, MemoryPolicy, NetworkKey, Part, Precision, Residency

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
