import errno
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog, ModelHashes, ModelKind, read_catalog
from fooo.catalog.identify import identify_folder
from fooo.catalog.local_models import find_models, part_files
from fooo.errors import UnknownName
from fooo.settings import ROOT, Settings

POCKET = ROOT / "models" / "pocket"

links = pytest.mark.skipif(os.name == "nt", reason="making links needs a right there that few have")


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_what_ships_can_be_read(catalog: Catalog):
    assert {"default", "pocket"} <= set(catalog.presets)
    assert {"3D Render", "Line Art", "Sticker"} <= set(catalog.styles)
    assert catalog.fitting_preset() == "pocket"


def test_names_are_found_in_other_capitals(catalog: Catalog):
    assert catalog.style("line ART").name == "Line Art"
    with pytest.raises(UnknownName):
        catalog.style("line")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("pocket/base", "pocket/base"),
        ("POCKET\\Base", "pocket/base"),
        ("base.safetensors", "pocket/base"),
        ("other/base", None),
        ("ase", None),
        ("refiner", None),
    ],
)
def test_a_model_is_found_without_its_folders_but_in_no_other(catalog: Catalog, asked: str, found: str | None):
    if found:
        assert catalog.model(asked, {ModelKind.SDXL_BASE}, "models.base").name == found
    else:
        with pytest.raises(UnknownName):
            catalog.model(asked, {ModelKind.SDXL_BASE}, "models.base")


def test_of_two_models_that_end_alike_the_folder_decides(catalog: Catalog):
    pocket = catalog.models["pocket/base"]
    both = replace(catalog, models={**catalog.models, "mine/base": replace(pocket, name="mine/base")})
    assert both.model("mine/base", {ModelKind.SDXL_BASE}, "models.base").name == "mine/base"
    with pytest.raises(UnknownName, match="mine/base"):
        both.model("base", {ModelKind.SDXL_BASE}, "models.base")


@pytest.mark.parametrize(
    "change",
    [{"addition_embed_type": None}, {"in_channels": 9}, {"block_out_channels": [320, 640]}, {"sample_size": None}],
)
def test_a_folder_that_is_no_sdxl_is_not_taken_for_one(tmp_path: Path, change: dict[str, object]):
    config = json.loads((POCKET / "base/unet/config.json").read_text())
    write(tmp_path / "unet/config.json", {**config, **change})
    assert identify_folder(tmp_path) is None
    write(tmp_path / "unet/config.json", config)
    assert identify_folder(tmp_path) is not None


def test_the_first_folder_wins_and_others_add_to_it(tmp_path: Path):
    for root in ("one", "two"):
        shutil.copytree(POCKET / "base/unet", tmp_path / root / "mine/unet")
    shutil.copytree(POCKET / "refiner/unet", tmp_path / "two/deep/er/unet")
    models = find_models([tmp_path / "one", tmp_path / "two", tmp_path / "none"])
    assert {name: model.folder.relative_to(tmp_path).as_posix() for name, model in models.items()} == {
        "mine": "one/mine",
        "deep/er": "two/deep/er",
    }


def place_model(folder: Path) -> Path:
    shutil.copytree(POCKET / "base/unet", folder / "unet")
    return folder


@links
def test_a_linked_model_is_found_under_the_links_name(tmp_path: Path):
    place_model(tmp_path / "data/sdxl")
    place_model(tmp_path / "disk/more/turbo")
    (tmp_path / "models/checkpoints").mkdir(parents=True)
    (tmp_path / "models/checkpoints/mine").symlink_to(tmp_path / "data/sdxl")
    (tmp_path / "models/disk").symlink_to(tmp_path / "disk")
    assert list(find_models([tmp_path / "models"])) == ["checkpoints/mine", "disk/more/turbo"]


@links
def test_links_that_lead_back_or_nowhere_are_passed_over(tmp_path: Path):
    place_model(tmp_path / "a/model")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "here").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to(tmp_path / "itself")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    assert list(find_models([tmp_path, tmp_path / "itself", tmp_path / "lost"])) == ["a/model"]


def test_a_model_folder_that_is_a_model_itself_gives_it_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = place_model(tmp_path / "sdxl")
    assert list(find_models([folder])) == ["sdxl"]
    monkeypatch.chdir(folder)
    assert list(find_models([Path()])) == ["sdxl"]
    monkeypatch.chdir(folder / "unet")
    assert list(find_models([Path("..")])) == ["sdxl"]


def test_models_are_found_four_levels_down_and_not_within_another(tmp_path: Path):
    place_model(tmp_path / "1/2/3/4")
    place_model(tmp_path / "1/2/3/5/5")
    place_model(tmp_path / "1/2/3/4/inner")
    assert list(find_models([tmp_path])) == ["1/2/3/4"]


def test_what_lies_deeper_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "1/2/3/4/5/6").mkdir(parents=True)
    opened: list[Path] = []

    list_folder = Path.iterdir

    def list_and_note(self: Path) -> Iterator[Path]:
        opened.append(self)
        return list_folder(self)

    monkeypatch.setattr(Path, "iterdir", list_and_note)
    assert find_models([tmp_path]) == {}
    assert [folder.relative_to(tmp_path).as_posix() for folder in opened] == [".", "1", "1/2", "1/2/3"]


def test_a_folder_that_cannot_be_read_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place_model(tmp_path / "open/model")
    (tmp_path / "closed").mkdir()
    list_folder = Path.iterdir

    def refuse_one(self: Path) -> Iterator[Path]:
        if self.name == "closed":
            raise PermissionError(errno.EACCES, "no")
        return list_folder(self)

    monkeypatch.setattr(Path, "iterdir", refuse_one)
    assert list(find_models([tmp_path, tmp_path / "closed"])) == ["open/model"]


@pytest.mark.parametrize(
    ("there", "loaded"),
    [
        (["model.safetensors", "model.fp16.safetensors"], ["model.safetensors"]),
        (["model.fp16.safetensors"], ["model.fp16.safetensors"]),
        (
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.fp16.safetensors"],
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
        ),
        (["model.fp16-00001-of-00002.safetensors", "model.fp16-00002-of-00002.safetensors"],) * 2,
        (["model-00001-of-00002.fp16.safetensors", "model-00002-of-00002.fp16.safetensors"],) * 2,
        (
            ["diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.non_ema.safetensors", "lora.safetensors"],
            ["diffusion_pytorch_model.safetensors"],
        ),
        (["model.bin", "config.json"], []),
    ],
)  # fmt: skip
def test_a_parts_weight_files_are_those_that_the_loaders_take(tmp_path: Path, there: list[str], loaded: list[str]):
    for name in there:
        (tmp_path / name).touch()
    (tmp_path / "model-00009-of-00009.safetensors").mkdir()
    assert [file.name for file in part_files(tmp_path)] == loaded
    assert part_files(tmp_path / "missing") == ()


def test_a_model_is_as_large_as_what_is_loaded_of_it(tmp_path: Path):
    shutil.copytree(POCKET / "base", tmp_path / "base")
    (alone,) = find_models([tmp_path]).values()
    size, sha256 = alone.bytes, ModelHashes().sha256(alone)
    unet = tmp_path / "base/unet/diffusion_pytorch_model.safetensors"
    for spare in (
        "whole_checkpoint.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae_1_0/diffusion_pytorch_model.safetensors",
        "unet/old/diffusion_pytorch_model.safetensors",
    ):
        (tmp_path / "base" / spare).parent.mkdir(exist_ok=True)
        shutil.copy(unet, tmp_path / "base" / spare)
    (beside,) = find_models([tmp_path]).values()
    assert [file.parent.name for file in beside.weight_files] == ["text_encoder", "text_encoder_2", "unet", "vae"]
    assert (beside.bytes, ModelHashes().sha256(beside)) == (size, sha256)


def test_a_models_hash_follows_its_weights_and_is_read_once(tmp_path: Path):
    shutil.copytree(POCKET / "refiner", tmp_path / "refiner")
    (model,) = find_models([tmp_path]).values()
    hashes = ModelHashes()
    first = hashes.sha256(model)
    assert hashes.sha256(model) == first == ModelHashes().sha256(model)
    (weights,) = model.weight_files
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert hashes.sha256(model) != first


def test_tiny_decoders_are_found_beside_the_models_the_first_folders_first(tmp_path: Path):
    settings = Settings()
    for folder, names in (("one", ["taesdxl"]), ("two", ["taesdxl", "taesd"])):
        for name in names:
            file = tmp_path / folder / "vae_approx" / f"{name}.safetensors"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    catalog = read_catalog(
        styles=settings.styles, presets=settings.presets, models=(tmp_path / "one", tmp_path / "two")
    )
    assert catalog.preview_decoders == {
        "taesd": tmp_path / "two/vae_approx/taesd.safetensors",
        "taesdxl": tmp_path / "one/vae_approx/taesdxl.safetensors",
    }
