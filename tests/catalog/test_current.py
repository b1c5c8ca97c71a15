"""The catalog follows the folders while the program runs."""

import logging
from pathlib import Path

import pytest
import torch

from fooo.catalog import Catalog, CurrentCatalog, read_catalog
from fooo.errors import ModelError
from fooo.settings import ROOT
from tests.model_files import write


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Folders:
    """Reads the model folder at `models`, which takes `seconds` by the clock; counts how often it was read."""

    def __init__(self, models: Path, clock: Clock, *, seconds: float = 0.0) -> None:
        self._models, self._clock, self._seconds = models, clock, seconds
        self.reads = 0

    def __call__(self, last: Catalog | None) -> Catalog:
        self.reads += 1
        self._clock.now += self._seconds
        return read_catalog(styles=ROOT / "styles", presets=ROOT / "presets", models=(self._models,), last=last)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def put_a_lora(file: Path) -> None:
    name = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"
    write(file, {f"{name}.lora_down.weight": torch.ones(4, 768), f"{name}.lora_up.weight": torch.ones(8, 4)})


def test_files_that_come_and_go_are_followed_without_a_restart(clock: Clock, tmp_path: Path):
    catalog = CurrentCatalog(Folders(tmp_path, clock), clock=clock)
    assert catalog().loras == {}
    put_a_lora(tmp_path / "loras/ink.safetensors")
    clock.now += 3
    assert list(catalog().loras) == ["ink.safetensors"]
    (tmp_path / "loras/ink.safetensors").unlink()
    clock.now += 3
    assert catalog().loras == {}


def test_what_was_read_just_now_is_not_read_again(clock: Clock, tmp_path: Path):
    folders = Folders(tmp_path, clock)
    catalog = CurrentCatalog(folders, clock=clock)
    for _ in range(10):
        catalog()
        clock.now += 0.1
    assert folders.reads == 1


def test_slow_folders_are_read_for_a_twentieth_of_the_time_at_most(clock: Clock, tmp_path: Path):
    folders = Folders(tmp_path, clock, seconds=3.0)
    catalog = CurrentCatalog(folders, clock=clock)
    for _ in range(59):
        clock.now += 1
        catalog()
    assert folders.reads == 1
    clock.now += 1
    catalog()
    assert folders.reads == 2


def test_what_is_newly_wrong_is_logged_once(clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    catalog = CurrentCatalog(Folders(tmp_path, clock), clock=clock)
    (tmp_path / "loras").mkdir()
    (tmp_path / "loras/torn.safetensors").write_bytes(b"\x00" * 20)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            clock.now += 3
            catalog()
    assert sum("torn.safetensors" in record.getMessage() for record in caplog.records) == 1


def test_where_the_folders_cannot_be_read_any_more_what_was_there_stays(
    clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    put_a_lora(tmp_path / "loras/ink.safetensors")
    folders = Folders(tmp_path, clock)

    def read(last: Catalog | None) -> Catalog:
        if last is not None:
            raise ModelError(tmp_path / "knows.json", "is broken", "copy it again")
        return folders(last)

    catalog = CurrentCatalog(read, clock=clock)
    clock.now += 3
    assert list(catalog().loras) == ["ink.safetensors"]
    assert "knows.json is broken" in caplog.text


def test_a_catalog_that_cannot_be_read_at_the_start_is_an_error(clock: Clock, tmp_path: Path):
    def read(last: Catalog | None) -> Catalog:
        raise ModelError(tmp_path / "knows.json", "is broken", "copy it again")

    with pytest.raises(ModelError, match="is broken"):
        CurrentCatalog(read, clock=clock)


def test_styles_and_presets_are_read_again_only_when_a_file_of_theirs_has_changed(tmp_path: Path):
    styles, presets = tmp_path / "styles", tmp_path / "presets"
    styles.mkdir()
    presets.mkdir()

    def read(last: Catalog | None) -> Catalog:
        return read_catalog(styles=styles, presets=presets, models=(tmp_path / "models",), last=last)

    (styles / "mine.json").write_text('[{"name": "Ink", "prompt": "{prompt}, ink"}]', encoding="utf-8")
    first = read(None)
    assert read(first).styles is first.styles
    (styles / "more.json").write_text('[{"name": "Chalk", "prompt": "{prompt}, chalk"}, 5]', encoding="utf-8")
    second = read(first)
    assert set(second.styles) == {"Ink", "Chalk"}
    assert read(second).problems == second.problems != ()
    (styles / "more.json").unlink()
    assert read(second) == first
