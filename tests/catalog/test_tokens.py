"""Tokens against transformers' own CLIP tokenizer."""

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.catalog.tokens import Tokens
from fooo.errors import ModelError
from fooo.settings import ROOT

POCKET = ROOT / "models/pocket/base"
FOLDERS = [POCKET / "tokenizer", POCKET / "tokenizer_2"]
transformers: Any = importlib.import_module("transformers")
ORACLES = {folder: transformers.CLIPTokenizer.from_pretrained(folder) for folder in FOLDERS}
OURS = {folder: Tokens(folder) for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS)
@given(text=st.text(max_size=60).filter(lambda text: "<|" not in text and "!" not in text))
def test_any_text_has_the_tokens_that_transformers_finds(folder: Path, text: str):
    assert OURS[folder].ids(text) == ORACLES[folder](text, add_special_tokens=False, verbose=False)["input_ids"]


def test_an_exclamation_mark_is_a_word_for_the_second_tower_too():
    # it is that tower's padding, for which transformers takes it also where a person typed it; OpenCLIP, who trained
    # the tower, does not
    first, second = (OURS[folder].ids("wow!") for folder in FOLDERS)
    assert first == second
    assert ORACLES[FOLDERS[1]]("wow!", add_special_tokens=False)["input_ids"][-1] == OURS[FOLDERS[1]].padding


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_marks_are_those_of_the_files(folder: Path):
    ours, oracle = OURS[folder], ORACLES[folder]
    marks = oracle.bos_token_id, oracle.eos_token_id, oracle.pad_token_id, len(oracle)
    assert (ours.begin, ours.end, ours.padding, ours.count) == marks
    assert ours.ids(",") == [ours.comma]


def test_a_single_file_of_newer_programs_says_the_same(tmp_path: Path):
    ORACLES[FOLDERS[0]].save_pretrained(tmp_path)
    assert not (tmp_path / "vocab.json").exists()
    newer = Tokens(tmp_path)
    assert newer.ids("a red cat, 猫!") == OURS[FOLDERS[0]].ids("a red cat, 猫!")
    assert (newer.begin, newer.end, newer.padding) == (OURS[FOLDERS[0]].begin, OURS[FOLDERS[0]].end, newer.end)


@pytest.mark.parametrize("name", ["vocab.json", "merges.txt", "tokenizer_config.json"])
def test_a_file_that_is_missing_or_damaged_is_named(tmp_path: Path, name: str):
    folder = Path(shutil.copytree(FOLDERS[0], tmp_path / "tokenizer"))
    (folder / name).write_text("{" if name.endswith("json") else "one two three", "utf-8")
    with pytest.raises(ModelError, match=f"{name}.*damaged"):
        Tokens(folder)
    for each in (name, "tokenizer.json"):
        (folder / each).unlink()
    with pytest.raises(ModelError, match=f"{name}.*cannot be read"):
        Tokens(folder)


def test_a_vocabulary_without_the_marks_is_no_vocabulary(tmp_path: Path):
    folder = Path(shutil.copytree(FOLDERS[0], tmp_path / "tokenizer"))
    (folder / "vocab.json").write_text(json.dumps({"a": 0}), "utf-8")
    (folder / "merges.txt").write_text("", "utf-8")
    with pytest.raises(ModelError, match="does not hold a vocabulary"):
        Tokens(folder)
