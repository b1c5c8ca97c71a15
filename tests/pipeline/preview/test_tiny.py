import importlib
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.errors import ModelError
from fooo.pipeline.preview import TinyPreview, find_tiny
from tests import model_files
from tests.pipeline.hooks.parts import drawn

# Its types say less than is true, so it is taken as untyped here.
diffusers: Any = importlib.import_module("diffusers")

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network() -> Any:
    with cast(Any, torch).random.fork_rng():
        cast(Any, torch).manual_seed(0)
        return diffusers.AutoencoderTiny().eval()


@pytest.fixture
def file(network: Any, tmp_path: Path) -> Path:
    return model_files.write(tmp_path / "taesdxl.safetensors", network.state_dict())


def vae_scaled(factor: float) -> AutoencoderKL:
    return diffusers.AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, scaling_factor=factor)


def test_it_draws_what_diffusers_draws_of_the_same_file(network: Any, file: Path):
    latents = drawn(1, 4, 8, 12)
    picture = TinyPreview(file, CPU).draw(latents)
    with torch.no_grad():
        wanted = network.decode(latents).sample[0].permute(1, 2, 0)
    assert picture.size == (96, 64)
    wanted_pixels = ((wanted / 2 + 0.5).clamp(0, 1) * 255).round().numpy().astype(np.uint8)
    assert np.array_equal(picture.pixels, wanted_pixels)


def test_of_a_large_picture_it_draws_a_smaller_one(file: Path):
    assert TinyPreview(file, CPU).draw(drawn(1, 4, 64, 128)).size == (512, 256)


@pytest.mark.parametrize(("factor", "found"), [(0.13025, True), (0.18215, False), (0.7246, False)])
def test_it_is_taken_for_the_latents_that_it_was_made_for(file: Path, factor: float, found: bool):
    assert (find_tiny(vae_scaled(factor), {"taesdxl": file}, CPU) is not None) is found


@pytest.mark.parametrize("what", ["cut short", "another network", "gone"])
def test_a_file_that_cannot_be_read_costs_no_picture(file: Path, what: str, caplog: pytest.LogCaptureFixture):
    match what:
        case "cut short":
            file.write_bytes(file.read_bytes()[:1000])
        case "another network":
            model_files.write(file, {"decoder.layers.0.weight": torch.zeros(1)})
        case _:
            file.unlink()
    with pytest.raises(ModelError):
        TinyPreview(file, CPU)
    assert find_tiny(vae_scaled(0.13025), {"taesdxl": file}, CPU) is None
    assert "The preview is coarse without it." in caplog.text
