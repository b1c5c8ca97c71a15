"""Decoding tile by tile: exact for a decoder that looks nowhere else, close for a real one."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch.nn import functional

from fooo.catalog import Catalog
from fooo.image import Picture
from fooo.image.spans import spans
from fooo.pipeline.large import mix_bands
from fooo.pipeline.latents import FACTOR
from fooo.pipeline.vae import MOST, OVERLAP, decode, encode
from fooo.request import Tiling
from fooo.weights import Part, load_network
from tests import model_files

Pixels = npt.NDArray[np.int_]


def test_a_square_of_1024_pixels_is_four_tiles_of_576():
    assert [(span.start, span.stop) for span in spans(128, MOST, OVERLAP)] == [(0, 72), (56, 128)]


def each_alone(latents: torch.Tensor) -> torch.Tensor:
    """A decoder whose pixels depend on their own latent only."""
    return functional.interpolate(latents[:, :3] * 2 + latents[:, 3:], scale_factor=FACTOR)


def in_tiles(decode_one: Callable[[torch.Tensor], torch.Tensor], latents: torch.Tensor) -> torch.Tensor:
    """In tiles of at most 10 latents, of which neighbours share 4."""
    rows, columns = latents.shape[-2:]
    bands = mix_bands(
        lambda row, column: decode_one(latents[..., row, column]),
        (rows, columns),
        most=(10, 10),
        overlap=(4, 4),
        scale=FACTOR,
    )
    return torch.cat([band for _, band in bands], dim=-2)


@pytest.mark.parametrize("size", [(8, 8), (20, 8), (33, 47)])
def test_a_decoder_that_looks_nowhere_else_gives_the_same_picture(size: tuple[int, int]):
    with model_files.random_from(0):
        latents: torch.Tensor = cast(Any, torch).randn(1, 4, *size)
    found = in_tiles(each_alone, latents)
    assert found.shape == (1, 3, 8 * size[0], 8 * size[1])
    assert torch.allclose(found, each_alone(latents), atol=1e-5)


def test_no_tile_is_larger_than_asked_for_and_small_pictures_are_one():
    shapes: list[torch.Size] = []

    def watched(latents: torch.Tensor) -> torch.Tensor:
        shapes.append(latents.shape[-2:])
        return each_alone(latents)

    in_tiles(watched, torch.zeros(1, 4, 30, 10))
    assert max(max(shape) for shape in shapes) <= 10
    shapes.clear()
    in_tiles(watched, torch.zeros(1, 4, 10, 10))
    assert shapes == [torch.Size((10, 10))]


@pytest.fixture(scope="module")
def vae(catalog: Catalog) -> AutoencoderKL:
    return cast(AutoencoderKL, load_network(catalog.models["pocket/base"], Part.VAE).float())


@pytest.fixture(scope="module")
def latents(vae: AutoencoderKL) -> torch.Tensor:
    """Of a picture of soft coloured spots, 704 x 160 pixels: in tiles, two of 416."""
    spots = torch.rand((1, 3, 8, 33), generator=torch.Generator().manual_seed(5)) * 2 - 1
    pixels = functional.interpolate(spots, size=(160, 704), mode="bicubic").clamp(-1, 1)
    with torch.inference_mode():
        found = cast(Any, vae.encode(pixels)).latent_dist.mode()
    return found * cast(Any, vae.config)["scaling_factor"]


def seams(picture: Pixels, whole: Pixels) -> float:
    """By how much two neighbouring columns differ more, or less, than those of the picture that was decoded whole."""
    columns = [np.abs(np.diff(each, axis=1)).mean((0, 2)) for each in (picture, whole)]
    return float(np.abs(columns[0] - columns[1]).max())


def test_a_real_decoder_gives_nearly_the_same_picture_and_no_seams(vae: AutoencoderKL, latents: torch.Tensor):
    whole, tiled = (decode(vae, latents, in_tiles=in_tiles).pixels.astype(int) for in_tiles in (False, True))
    # its norms and its attention see a tile in place of the picture: measured 1.7 of 255; of 1024 x 512 pixels, 0.8
    assert np.abs(whole - tiled).mean() < 3
    halves = [decode(vae, half).pixels.astype(int) for half in latents.chunk(2, dim=-1)]
    # measured 0.6, and 20 where halves stand side by side
    assert seams(tiled, whole) < 1.5
    assert seams(np.concatenate(halves, axis=1), whole) > 3


def test_a_seamless_picture_stays_so_in_tiles(vae: AutoencoderKL, latents: torch.Tensor):
    around = torch.cat([latents, latents.flip(-1)], dim=-1)[..., 48:128]
    pixels, turned = (decode(vae, around.roll(by, -1), Tiling.X, in_tiles=True).pixels.astype(int) for by in (0, 40))
    back = np.roll(turned, -40 * FACTOR, axis=1)
    # the same picture but for where its tiles meet: measured 0.8 of 255
    assert np.abs(back - pixels).mean() < 2


@pytest.mark.parametrize("in_tiles", [False, True])
def test_a_seamless_picture_is_seen_so_from_both_sides_of_its_edges(vae: AutoencoderKL, *, in_tiles: bool):
    spots = torch.rand((1, 3, 4, 16), generator=torch.Generator().manual_seed(5))
    pixels = functional.interpolate(torch.cat([spots, spots.flip(-1)], dim=-1), size=(64, 512), mode="bicubic")
    picture = Picture((pixels[0].clamp(0, 1) * 255).permute(1, 2, 0).byte().numpy().copy())

    def shift_is_lost_by(tiling: Tiling) -> float:
        moved = Picture(np.roll(picture.pixels, 256, axis=1))
        plain, turned = (encode(vae, each, tiling, in_tiles=in_tiles) for each in (picture, moved))
        return float((turned.roll(-32, -1) - plain)[..., :2].abs().mean())

    assert shift_is_lost_by(Tiling.X) < 0.3 * shift_is_lost_by(Tiling.NONE)


def test_decoding_a_large_picture_takes_the_memory_of_a_row_of_tiles_beside_its_pixels():
    held: list[int] = []

    def tile(row: slice, column: slice) -> torch.Tensor:
        held.append(row.start)
        return torch.zeros(1, 3, 8 * (row.stop - row.start), 8 * (column.stop - column.start))

    bands = mix_bands(tile, (200, 100), most=(80, 80), overlap=(16, 16), scale=8)
    place, band = next(bands)
    # the next row of tiles is not asked for before the first one is used
    assert set(held) == {0}
    assert band.shape[-2] == place.stop - place.start < 8 * 80
