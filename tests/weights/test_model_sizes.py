"""How large networks are, by the headers of files of which no number is read."""

from pathlib import Path

import pytest
import torch

from fooo.catalog import Catalog, ModelKind
from fooo.errors import ModelError
from fooo.weights import model_sizes
from tests import model_files
from tests.model_files import Widths
from tests.small_checkpoints import models_in


def numbers(network: torch.nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


@pytest.mark.parametrize("kind", [ModelKind.SDXL_BASE, ModelKind.SD1])
def test_a_checkpoint_at_its_full_size_has_as_many_numbers_as_its_networks(tmp_path: Path, kind: ModelKind):
    made = model_files.shapes(kind, Widths.FULL)
    model_files.write(tmp_path / "x.safetensors", model_files.checkpoint(kind, Widths.FULL))
    model = models_in(tmp_path)["x.safetensors"]
    sizes = model_sizes(model, pixels=9)
    towers = [tower for tower in (made.text_encoder, made.text_encoder_2) if tower is not None]
    assert sizes.unets == (numbers(made.unet),)
    assert sizes.vae == numbers(made.vae)
    # files have a tower's positions and its scale, too
    assert sizes.towers == pytest.approx([numbers(tower) for tower in towers], abs=100)
    assert sizes.pixels == 9


def test_a_refiner_counts_with_its_unet_and_a_vae_beside_it_in_place_of_the_models_own(
    catalog: Catalog, tmp_path: Path
):
    base, refiner = catalog.models["pocket/base"], catalog.models["pocket/refiner"]
    vae = model_files.write(tmp_path / "x.vae.safetensors", {"decoder.x": torch.zeros(3, 5)})
    plain, more = model_sizes(base, pixels=9), model_sizes(base, [refiner], vae, pixels=9)
    assert more.towers == plain.towers
    assert more.unets[0] == plain.unets[0] > more.unets[1] > 0
    assert more.vae == 15


def test_a_file_that_is_cut_short_is_a_sentence(tmp_path: Path):
    file = model_files.write(tmp_path / "x.safetensors", model_files.checkpoint(ModelKind.SD1))
    model = models_in(tmp_path)["x.safetensors"]
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ModelError, match="cut short"):
        model_sizes(model, pixels=9)
