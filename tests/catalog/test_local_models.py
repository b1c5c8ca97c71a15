"""Checkpoints in one file as models beside those in folders."""

import hashlib
import shutil
from pathlib import Path

import pytest
import torch

from fooo.catalog import BASES, Catalog, LocalModel, ModelHashes, ModelKind, read_catalog
from fooo.catalog.local_models import find_models, models_on
from fooo.catalog.model_files.contents import Prediction
from fooo.catalog.shelf import read_shelf
from fooo.errors import UnknownName
from fooo.request import Size
from fooo.settings import ROOT
from tests.model_files import Widths, original, shapes, write

POCKET = ROOT / "models" / "pocket"


def put(file: Path, kind: ModelKind = ModelKind.SDXL_BASE, *marks: str) -> Path:
    weights = original(shapes(kind, Widths.SMALL)) | {mark: torch.empty(0, device="meta") for mark in marks}
    return write(file, weights)


def catalog_of(*places: Path) -> Catalog:
    return read_catalog(styles=ROOT / "styles", presets=ROOT / "presets", models=places)


def test_a_checkpoint_is_a_model_by_its_files_name(tmp_path: Path):
    file = put(tmp_path / "checkpoints/mine/x.safetensors", ModelKind.SDXL_BASE, "v_pred", "ztsnr")
    model = models_on(read_shelf([tmp_path]))["mine/x.safetensors"]
    assert (model.kind, model.native_size) == (ModelKind.SDXL_BASE, Size(width=1024, height=1024))
    assert (model.file, model.path, model.folder) == (file, file, file.parent)
    assert (model.weight_files, model.bytes) == ((file,), file.stat().st_size)
    assert model.checkpoint
    assert (model.checkpoint.prediction, model.checkpoint.zero_terminal_snr) == (Prediction.V, True)


@pytest.mark.parametrize(
    ("kind", "side"),
    [(ModelKind.SD1, 512), (ModelKind.SD2, 512), (ModelKind.SDXL_REFINER, 1024), (ModelKind.SDXL_INPAINT, 1024)],
)
def test_every_kind_of_checkpoint_is_a_model(tmp_path: Path, kind: ModelKind, side: int):
    put(tmp_path / "x.safetensors", kind)
    (model,) = models_on(read_shelf([tmp_path])).values()
    assert (model.kind, model.native_size) == (kind, Size(width=side, height=side))


@pytest.mark.parametrize(("kind", "side"), [(ModelKind.SD1, 512), (ModelKind.SD2, 768), (ModelKind.SDXL_BASE, 1024)])
@pytest.mark.parametrize("widths", Widths)
def test_a_folder_of_each_family_is_a_model_too(tmp_path: Path, kind: ModelKind, side: int, widths: Widths):
    shapes(kind, widths).unet.save_config(tmp_path / "mine/unet")
    (model,) = find_models([tmp_path]).values()
    assert (model.name, model.kind, model.native_size) == ("mine", kind, Size(width=side, height=side))


def test_its_hash_is_its_files(tmp_path: Path):
    file = put(tmp_path / "x.safetensors", ModelKind.SD1)
    (model,) = models_on(read_shelf([tmp_path])).values()
    with file.open("rb") as stream:
        assert ModelHashes().sha256(model) == hashlib.file_digest(stream, "sha256").hexdigest()


@pytest.mark.parametrize("typed", ["x.safetensors", "x", "X", "checkpoints/x.safetensors"])
def test_the_catalog_finds_it_by_each_way_to_write_its_name(tmp_path: Path, typed: str):
    put(tmp_path / "checkpoints/x.safetensors")
    found = catalog_of(tmp_path).model(typed, BASES, "models.base")
    assert found.name == "x.safetensors"


def test_the_catalog_keeps_kinds_apart(tmp_path: Path):
    put(tmp_path / "checkpoints/x.safetensors", ModelKind.SD1)
    with pytest.raises(UnknownName):
        catalog_of(tmp_path).model("x", {ModelKind.SDXL_BASE}, "models.base")


def test_the_first_base_is_of_sdxl_then_of_an_older_family_then_the_pockets(tmp_path: Path):
    shutil.copytree(POCKET / "base/unet", tmp_path / "pocket/base/unet")
    assert name_of(catalog_of(tmp_path).first_base()) == "pocket/base"
    put(tmp_path / "checkpoints/a.safetensors", ModelKind.SD1)
    assert name_of(catalog_of(tmp_path).first_base()) == "a.safetensors"
    put(tmp_path / "checkpoints/z.safetensors")
    assert name_of(catalog_of(tmp_path).first_base()) == "z.safetensors"


def test_the_folder_that_tells_how_a_checkpoint_is_built_is_no_model(tmp_path: Path):
    shutil.copytree(POCKET / "base/unet", tmp_path / "checkpoints/x.config/unet")
    assert find_models([tmp_path]) == {}


def name_of(model: LocalModel | None) -> str | None:
    return model.name if model else None


def test_the_catalog_tells_what_is_wrong_on_the_shelf(tmp_path: Path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints/x.safetensors").write_bytes(b"<html>" * 100)
    assert any("is a web page in a model's name" in said for said in catalog_of(tmp_path).problems)
