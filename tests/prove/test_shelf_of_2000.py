"""A folder of 2,000 model files: how long it takes to know them all."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from fooo.catalog import ModelKind
from fooo.catalog.shelf import read_shelf
from tests.adapter_files import embedding, lora, rrdb
from tests.model_files import Weights, Widths, checkpoint, copies, write
from tests.prove.conftest import Figure
from tests.stopwatch import seconds

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1800)]

FULL = Widths.FULL


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def put(file: Path, weights: Weights, count: int) -> None:
    """Args: count: Of files with that header; every second one has the side-cars that model sites give."""
    write(file, weights, {"ss_tag_frequency": json.dumps({"10_cat": {f"word {n}": n for n in range(200)}})})
    copies(file, count - 1)
    for number in range(2, count, 2):
        said = {
            "name": "v1",
            "model": {"name": f"Model {number}"},
            "trainedWords": ["a", "b"],
            "description": "x" * 4000,
        }
        file.with_name(f"{number}.civitai.info").write_text(json.dumps(said))
        file.with_name(f"{number}.preview.png").touch()


def measure(folder: Path, what: str, figure: Figure) -> None:
    shelf = read_shelf([folder])
    assert (len(shelf.files), shelf.problems) == (2000, ())
    first = seconds(partial(read_shelf, [folder]))
    again = seconds(partial(read_shelf, [folder], shelf))
    figure(f"2,000 files on the shelf, {what}: first", f"{first:.2f} s", "< 2 s")
    figure("the same again", f"{again:.3f} s", "< 0.1 s")
    assert first < 2
    assert again < 0.1


def test_a_mixed_collection_is_known_in_two_seconds(folder: Path, figure: Figure):
    put(folder / "loras/sd1/x.safetensors", lora(ModelKind.SD1, FULL), 1200)
    put(folder / "loras/sdxl/x.safetensors", lora(ModelKind.SDXL_BASE, FULL), 500)
    put(folder / "embeddings/x.safetensors", embedding(ModelKind.SDXL_BASE, FULL), 200)
    put(folder / "checkpoints/sdxl/x.safetensors", checkpoint(ModelKind.SDXL_BASE, FULL), 50)
    put(folder / "checkpoints/sd1/x.safetensors", checkpoint(ModelKind.SD1, FULL), 30)
    put(folder / "upscale_models/x.safetensors", rrdb(blocks=23), 20)
    measure(folder, "a mixed collection", figure)


def test_so_are_2000_of_the_longest_headers(folder: Path, figure: Figure):
    put(folder / "loras/x.safetensors", lora(ModelKind.SDXL_BASE, FULL), 2000)
    measure(folder, "all LoRAs for the whole of SDXL", figure)
