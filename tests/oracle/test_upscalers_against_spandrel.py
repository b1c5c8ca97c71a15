"""Our upscalers give what spandrel's give of the same files; what we do not have ourselves, spandrel computes."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.settings import ROOT
from fooo.vision.enlarge import load_upscaler
from tests.model_files import write
from tests.oracle.spandrel_child import PICTURE
from tests.vision.enlarge.upscalers import compact, dense, in_old_spelling, saved

_safetensors: Any = importlib.import_module("safetensors.torch")  # untyped

TOLERANCE = 1e-5
"""Of pixels in 0..1: the order in which float32 is added up differs by the layout in memory."""


GROWTH = 32
"""The only one that spandrel reads, and that of every published file."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files, and what spandrel gives of them."""
    folder = tmp_path_factory.mktemp("upscalers")
    saved(dense(blocks=3, width=16, growth=GROWTH), folder / "x4.safetensors")
    saved(dense(blocks=2, growth=GROWTH, folded=2), folder / "x2plus.safetensors")
    old = in_old_spelling(dense(growth=GROWTH, doublings=1).state_dict(), doublings=1)
    write(folder / "old.safetensors", {name: tensor.half() for name, tensor in old.items()})
    saved(compact(layers=4, width=12), folder / "compact.safetensors")
    child = Path(__file__).with_name("spandrel_child.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # noqa: TID251 - the child needs ours, and the checkout
    subprocess.run([sys.executable, "-W", "ignore", child, folder], check=True, env=environment, capture_output=True)
    return folder


def answers(folder: Path) -> dict[str, torch.Tensor]:
    return _safetensors.load_file(folder / "answers.safetensors")


@pytest.mark.parametrize("name", ["x4", "x2plus", "old", "compact"])
def test_our_networks_give_the_same(folder: Path, name: str):
    wanted = answers(folder)[f"{name}.safetensors"]
    ours = load_upscaler(folder / f"{name}.safetensors").network.float()(PICTURE)
    assert ours.shape == wanted.shape
    assert (ours - wanted).abs().max() <= TOLERANCE
    # a hundred times the tolerance is seen: another picture moves the answer by more
    moved = load_upscaler(folder / f"{name}.safetensors").network.float()(PICTURE.flip(3))
    assert (moved - wanted).abs().max() > 100 * TOLERANCE


def test_an_architecture_that_is_not_ours_is_computed_by_spandrel(folder: Path):
    given = answers(folder)
    assert (given["swinir by Fooo"] - given["swinir by hand"].clamp(0, 1)).abs().max() <= TOLERANCE
    assert int(given["swinir scale"]) == 2
