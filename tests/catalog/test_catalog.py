import json
import shutil
from pathlib import Path

import pytest

from fooo.catalog import Catalog, ModelHashes, Style, read_catalog
from fooo.catalog.identify import identify_folder
from fooo.catalog.local_models import find_models
from fooo.errors import FoooError, UnknownName
from fooo.settings import ROOT

POCKET = ROOT / "models" / "pocket"


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_what_ships_can_be_read(catalog: Catalog):
    assert {"default", "pocket"} <= set(catalog.presets)
    assert {"3D Render", "Line Art", "Sticker"} <= set(catalog.styles)
    assert catalog.fitting_preset() == "pocket"


@pytest.mark.parametrize(
    ("template", "gives"), [("ink of {prompt}", "ink of a cat"), ("soft light", "a cat, soft light"), ("", "a cat")]
)
def test_a_style_never_drops_the_words(template: str, gives: str):
    assert Style("s", template).apply("a cat") == gives


def test_braces_in_the_words_are_left_alone():
    assert Style("s", "{prompt}, ink").apply("{prompt} {x}") == "{prompt} {x}, ink"


@pytest.mark.parametrize("content", ["", "{", '{"name": "a"}', '[{"prompt": "no name"}]', "[1]"])
def test_a_broken_style_file_is_named(tmp_path: Path, content: str):
    write(tmp_path / "mine.json", content)
    with pytest.raises(FoooError, match=r"mine\.json"):
        read_catalog(styles=tmp_path, presets=tmp_path / "none", models=())


def test_two_styles_of_one_name_are_refused(tmp_path: Path):
    for name in ("a.json", "b.json"):
        write(tmp_path / name, [{"name": "Ink", "prompt": "ink"}])
    with pytest.raises(FoooError, match=r"'Ink' stands twice, again in .*b\.json"):
        read_catalog(styles=tmp_path, presets=tmp_path / "none", models=())


@pytest.mark.parametrize("content", ["", "[]", '{"promt": "a"}', '{"sampling": {"steps": 0}}'])
def test_a_broken_preset_file_is_named(tmp_path: Path, content: str):
    write(tmp_path / "mine.json", content)
    with pytest.raises(FoooError, match=r"mine\.json"):
        read_catalog(styles=tmp_path / "none", presets=tmp_path, models=())


def test_names_are_found_in_other_capitals(catalog: Catalog):
    assert catalog.style("line ART").name == "Line Art"
    with pytest.raises(UnknownName):
        catalog.style("line")


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
