"""SDXL at its full size on this machine: seconds and memory of loading, beside diffusers' own way."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
import torch

from fooo.catalog import ModelKind
from fooo.settings import ROOT
from tests import model_files
from tests.model_files import Widths
from tests.prove.conftest import Figure

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how much memory is no view of a file"),
    pytest.mark.skipif(psutil.virtual_memory().available < 14 * 2**30, reason="needs 14 GiB of free memory"),
]

CONFIGS = ROOT / "fooo" / "catalog" / "configs"
MOST, MOST_STREAMED = 8.5 * 2**30, 4 * 2**30

WATCHED = """
import json, sys, threading, time
from pathlib import Path

most = 0

def watch():
    global most
    while True:
        [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon")]
        most = max(most, int(line.split()[1]) * 1024)
        time.sleep(0.02)

def tell(**seconds):
    time.sleep(0.1)
    print(json.dumps({"most": most, **seconds}))

threading.Thread(target=watch, daemon=True).start()
"""
"""Memory that is no view of a file, as often as 50 times a second."""

OURS = """
import torch
from fooo.catalog import Sampler, Schedule
from fooo.events import Placement
from fooo.catalog.local_models import models_on
from fooo.catalog.shelf import read_shelf
from fooo.monitor import Answer
from fooo.pipeline import Networks, TextEncoders, decode, denoise, prepare_run
from fooo.plan import Generate, Shot, Texts
from fooo.request import Size
from fooo.weights import DeviceKind, MemoryPolicy, NetworkKey, Part, Precision, Residency

half = Precision.BFLOAT16
held = {
    "whole": {},
    "streamed": {"placement": Placement.STREAMED, "room": 0, "rows": 2, "tiled_vae": True},
}[sys.argv[2]]
policy = MemoryPolicy(device=DeviceKind.CPU, precision=half, vae_precision=half, **held)
pixels, guidance = int(sys.argv[3]), float(sys.argv[4])
started = time.monotonic()
[model] = models_on(read_shelf([Path(sys.argv[1])])).values()
residency = Residency(policy)
for part in (Part.TEXT_ENCODER, Part.TEXT_ENCODER_2, Part.UNET, Part.VAE):
    residency.load(NetworkKey(model, part))
loaded = time.monotonic()
generate = Generate(
    size=Size(width=pixels, height=pixels), steps=1, guidance=guidance, sampler=Sampler.EULER,
    schedule=Schedule.DDIM_UNIFORM, base="base", refiner=None, refiner_step=None,
)
shot = Shot(number=0, seed=7, texts=Texts.of("a red apple"), passes=(generate,))
networks = Networks(base=model, refiner=None, residency=residency, encoders=TextEncoders(residency))
latents = denoise(prepare_run(shot, generate, networks, watch=lambda clean, moment: Answer.GO)).latents
assert torch.isfinite(latents).all()
drawn = time.monotonic()
if policy.tiled_vae:
    with residency.use(networks.decoder) as vae:
        decode(vae, latents, in_tiles=True)
tell(load=loaded - started, step=drawn - loaded, decoded=time.monotonic() - drawn)
"""

THEIRS = """
import torch
from diffusers import StableDiffusionXLPipeline

started = time.monotonic()
pipeline = StableDiffusionXLPipeline.from_single_file(
    str(Path(sys.argv[1]) / "xl.safetensors"), config=sys.argv[2], torch_dtype=torch.bfloat16, local_files_only=True,
    add_watermarker=False,
)
loaded = time.monotonic()
latents = pipeline(
    "a red apple", height=512, width=512, num_inference_steps=1, guidance_scale=1, output_type="latent",
    generator=torch.Generator().manual_seed(7),
).images
assert torch.isfinite(latents).all()
tell(load=loaded - started, step=time.monotonic() - loaded)
"""


@dataclass(frozen=True)
class Measured:
    """Args: most: Bytes; load, step, decoded: Seconds."""

    most: int
    load: float
    step: float
    decoded: float = 0.0

    def __str__(self) -> str:
        decoded = f", {self.decoded:.1f} s to decode" if self.decoded > 0.1 else ""
        return f"{self.load:.1f} s to load, {self.step:.1f} s for a step{decoded}, {self.most / 2**30:.2f} GiB"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """With SDXL's base as one file of 6.9 GB, float16, filled with small random numbers that come round again."""
    folder = tmp_path_factory.mktemp("full") / "models"
    file = model_files.write(folder / "xl.safetensors", model_files.checkpoint(ModelKind.SDXL_BASE, Widths.FULL))
    with model_files.random_from(0):
        block = cast(Any, torch).randn(2**24).mul_(0.02).half().numpy().tobytes()
    with file.open("r+b") as stream:
        start = 8 + int.from_bytes(stream.read(8), "little")
        stream.seek(start)
        left = file.stat().st_size - start
        for piece in cycle([block]):
            left -= stream.write(piece[:left])
            if not left:
                break
    yield folder
    shutil.rmtree(folder.parent)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As diffusers wants it: with a vocabulary in each of its folders, and a list of the networks."""
    folder = tmp_path_factory.mktemp("config") / "sdxl"
    shutil.copytree(CONFIGS / "sdxl", folder)
    for name in ("tokenizer", "tokenizer_2"):
        shutil.copytree(CONFIGS / "clip", folder / name, dirs_exist_ok=True)
    index = json.loads((ROOT / "models" / "pocket" / "base" / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def measure(program: str, *arguments: object) -> Measured:
    done = subprocess.run(
        [sys.executable, "-c", WATCHED + program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def test_a_full_checkpoint_loads_and_draws_a_step_in_less_memory_than_it_would_take_twice(
    folder: Path, config: Path, figure: Figure
):
    measure(OURS, folder, "whole", 512, 1)  # the file is in the system's cache from now on, for both
    ours, theirs = measure(OURS, folder, "whole", 512, 1), measure(THEIRS, folder, config)
    figure("SDXL base, one float16 file of 6.9 GB, bfloat16, 512 x 512, at most", str(ours), "<= 8.5 GiB")
    figure("the same with diffusers' from_single_file", str(theirs), "")
    assert ours.most <= MOST


def test_a_streamed_checkpoint_draws_a_picture_in_the_memory_of_few_of_its_layers(folder: Path, figure: Figure):
    streamed = measure(OURS, folder, "streamed", 512, 5)
    figure("the same streamed, with guidance, and the picture decoded", str(streamed), "<= 4 GiB")
    assert streamed.most <= MOST_STREAMED
