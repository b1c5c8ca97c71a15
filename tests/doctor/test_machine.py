"""Facts about the machine, and what the doctor says of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.doctor import State
from fooo.doctor.machine import (
    GIB,
    check_build,
    check_catalog,
    check_disk,
    check_memory,
    check_versions,
    folder_here,
    installed_build,
    memory_here,
)


def test_what_is_installed_here_is_told_and_whole():
    told = {finding.name: finding for finding in check_versions()}
    assert {finding.state for finding in told.values()} == {State.OK}
    assert "torch 2." in told["Packages"].found


@pytest.mark.parametrize(
    ("have", "wanted", "state", "says"),
    [
        ("cpu", "cpu", State.OK, "built for CPU"),
        ("cu126", "cu130", State.OK, "built for NVIDIA's CUDA"),
        ("cpu", "cu130", State.WARNING, "built for CPU, and here is NVIDIA's CUDA"),
        ("cu130", "cu126", State.WARNING, "here is NVIDIA's CUDA"),
        (None, "rocm7.2", State.WARNING, "here is AMD's ROCm"),
    ],
)
def test_a_build_of_pytorch_that_cannot_use_the_card_is_told(have: str | None, wanted: str, state: State, says: str):
    found = check_build(have, wanted)
    assert (found.state, says in found.found) == (state, True)
    assert found.mend == ("" if state is State.OK else f"Start once with --torch {wanted}.")


def test_little_memory_is_a_warning():
    assert check_memory(16 * GIB, GIB).state is State.OK
    little = check_memory(4 * GIB, GIB)
    assert (little.state, little.found) == (State.WARNING, "4.0 GiB, 1.0 GiB of it free")
    assert "preset pocket" in little.mend


@pytest.mark.parametrize(("free", "state"), [(20 * GIB, State.OK), (5 * GIB, State.WARNING), (GIB // 4, State.FAULT)])
def test_a_full_disk_is_a_fault(free: int, state: State):
    assert check_disk("Pictures", Path("outputs"), free).state is state


def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path: Path):
    (tmp_path / "file").write_text("")
    found = folder_here("Pictures", tmp_path / "file" / "below")
    assert found.state is State.FAULT
    assert "cannot be written (Not a directory)" in found.found
    assert folder_here("Pictures", tmp_path / "new").state is not State.FAULT


def test_what_is_wrong_in_files_of_the_catalog_is_told_with_its_mending(catalog: Catalog):
    wrong = replace(catalog, problems=("The style file x.json is not UTF-8 at line 3; save it as UTF-8.",))
    *_, last = check_catalog(wrong)
    assert last.state is State.WARNING
    assert (last.found, last.mend) == ("The style file x.json is not UTF-8 at line 3", "Save it as UTF-8.")


def test_what_the_shelf_says_is_left_to_the_model_files(catalog: Catalog):
    said = "The model file x.safetensors is cut short; copy it again."
    wrong = replace(catalog, problems=(said,), shelf=replace(catalog.shelf, problems=(said,)))
    assert "Catalog" not in [each.name for each in check_catalog(wrong)]


def test_this_machine_can_be_asked():
    assert memory_here().name == "Memory"
    assert installed_build().name == "PyTorch"
