"""Model files that are whole, and those that are not."""

from dataclasses import replace
from pathlib import Path

from fooo.catalog import Catalog
from fooo.catalog.shelf import FileHashes, read_shelf
from fooo.doctor import Finding, State
from fooo.doctor.models import check_base, check_files, check_hashes, check_models
from fooo.settings import Settings
from tests.files.conftest import safetensors_bytes
from tests.files.test_add import write_embedding

PLACES = Settings().models


def faults(found: list[Finding]) -> list[str]:
    return [finding.found for finding in found if finding.state is State.FAULT]


def test_what_ships_is_whole(catalog: Catalog):
    found = list(check_models(catalog, read_shelf(PLACES), PLACES))
    assert faults(found) == []
    assert "pocket/base" in found[-1].found
    assert found[-2].found == "5 whole"


def test_a_file_that_was_cut_short_is_a_fault_with_its_mending(tmp_path: Path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(safetensors_bytes()[:-10])
    (found,) = check_files([path])
    assert found.state is State.FAULT
    assert found.found == f"{path} is cut short: 10 bytes are missing"
    assert found.mend == "Download or copy it again."


def test_damaged_and_pickled_files_on_the_shelf_are_told(catalog: Catalog, tmp_path: Path):
    write_embedding(tmp_path / "whole.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(safetensors_bytes()[:100])
    (tmp_path / "old.ckpt").write_bytes(b"PK")
    found = list(check_models(catalog, read_shelf([tmp_path]), [tmp_path]))
    assert [str(tmp_path / "cut.safetensors") in each for each in faults(found)] == [True]
    assert any(str(tmp_path / "old.ckpt") in each.found for each in found if each.state is State.WARNING)
    assert "6 whole" in [each.found for each in found]


def test_a_known_file_of_another_size_is_a_warning(tmp_path: Path):
    path = tmp_path / "sdxl_lcm_lora.safetensors"
    path.write_bytes(safetensors_bytes(100))
    (found,) = check_files([path])
    assert found.state is State.WARNING
    assert "the published file of that name 393,855,224" in found.found


def test_a_known_file_is_held_to_its_published_hash(tmp_path: Path):
    wrong, unknown = tmp_path / "sdxl_lcm_lora.safetensors", tmp_path / "mine.safetensors"
    for path in (wrong, unknown):
        path.write_bytes(safetensors_bytes(100))
    (found,) = check_hashes([wrong, unknown], FileHashes(tmp_path))
    assert (found.state, found.found) == (State.WARNING, f"{wrong} has not the published hash")
    (gone,) = check_hashes([tmp_path / "taesdxl.safetensors", tmp_path / "none" / wrong.name], FileHashes(tmp_path))
    assert gone.state is State.FAULT


def test_a_file_that_is_gone_is_a_fault(tmp_path: Path):
    assert faults(list(check_files([tmp_path / "none.safetensors"])))


def test_without_a_model_the_doctor_says_how_to_get_one(catalog: Catalog):
    found = check_base(replace(catalog, models={}))
    assert found.state is State.FAULT
    assert "Restore models/pocket" in found.mend
