import sys
from pathlib import Path

import pytest

from fooo.setup.torch_build import build_of, cost_of, read_wish, resolve, serves, source

INDEX = "https://download.pytorch.org/whl/"
LINUX_WHEEL = ["filelock", 'nvidia-cudnn-cu13==9.2; platform_system == "Linux"', "triton==3.7"]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the package index has another build for other systems")


@pytest.mark.parametrize("typed", ["cpu", "cuda", "rocm", "xpu", "mps", "cu126", "rocm7.1", "https://mirror.example/x"])
def test_a_build_or_an_address_is_taken(typed: str) -> None:
    assert read_wish(typed) == typed


@pytest.mark.parametrize("typed", ["", "gpu", "cuda13", "cu", "CPU "])
def test_another_word_is_refused_with_those_that_are_known(typed: str) -> None:
    with pytest.raises(ValueError, match="cpu, cuda, rocm, xpu, mps or the address"):
        read_wish(typed)


def smi(folder: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '{says}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@on_linux
@pytest.mark.parametrize(
    ("says", "build"),
    [
        ("580.65.06, 8.9\\n", "cu130"),
        ("580.65.06, 7.5\\n", "cu130"),
        ("581.10, 6.1\\n", "cu126"),
        ("550.54.15, 9.0\\n", "cu126"),
        ("580.65.06, 8.9\\n580.65.06, 6.1\\n", "cu126"),
    ],
)
def test_an_old_card_or_driver_gets_the_older_cuda(
    says: str, build: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smi(tmp_path, monkeypatch, says)
    assert resolve(None) == build
    assert resolve("cuda") == build


@on_linux
def test_a_wish_wins_over_the_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smi(tmp_path, monkeypatch, "580.65.06, 8.9\\n")
    assert resolve("cpu") == "cpu"
    assert resolve("rocm").startswith("rocm")


@on_linux
@pytest.mark.parametrize(
    ("version", "requires", "build"),
    [
        ("2.13.0+cpu", [], "cpu"),
        ("2.13.0+cu126", LINUX_WHEEL, "cu126"),
        ("2.13.0+rocm7.2", ["triton-rocm"], "rocm7.2"),
        ("2.13.0", LINUX_WHEEL, "cu130"),
        ("2.13.0", ["filelock", "sympy"], "cpu"),
        ("2.13.0", ['nvidia-cudnn-cu13; platform_machine == "sparc"'], "cpu"),
    ],
)
def test_a_wheel_tells_which_build_it_is(version: str, requires: list[str], build: str) -> None:
    assert build_of(version, requires) == build


@pytest.mark.parametrize(
    ("have", "wanted", "exact", "enough"),
    [
        ("cu130", "cpu", False, True),  # nobody asked: any build computes on the CPU
        ("cu130", "cpu", True, False),
        ("cpu", "cu130", False, False),
        ("cu129", "cu130", False, True),
        ("cu130", "cu126", False, False),  # an old card
        ("cu126", "cu126", False, True),
        ("rocm7.1", "rocm7.2", False, True),
        ("cpu", "https://mirror.example/whl/cpu/", True, True),
    ],
)
def test_what_is_there_is_kept_when_it_will_do(have: str, wanted: str, exact: bool, enough: bool) -> None:
    assert serves(have, wanted, exact=exact) is enough


def test_a_wheel_folder_of_the_person_comes_first() -> None:
    assert source("cpu", pinned="2.13.0", local=[("2.13.0+cpu", "cpu")]) == ["torch==2.13.0+cpu"]


@on_linux
@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("cu130", ["torch"]),
        ("cpu", ["torch==2.13.0+cpu", "--extra-index-url", f"{INDEX}cpu"]),
        ("rocm7.2", ["torch==2.13.0+rocm7.2", "--extra-index-url", f"{INDEX}rocm7.2"]),
        ("https://m.example/cu126/", ["torch==2.13.0+cu126", "--extra-index-url", "https://m.example/cu126/"]),
        ("https://m.example/simple", ["torch", "--index-url", "https://m.example/simple"]),
    ],
)
def test_each_build_comes_from_where_it_is(wanted: str, told: list[str]) -> None:
    # A wheel of another build in the person's folder must not be taken for it.
    assert source(wanted, pinned="2.13.0", local=[("2.13.0+xpu", "xpu")]) == told


@pytest.mark.parametrize("build", ["cpu", "mps", "cu130", "rocm7.2", "xpu", "https://m.example/cu126/"])
def test_every_build_has_its_cost(build: str) -> None:
    assert cost_of(build).disk >= 3
    assert "you named" not in cost_of(build).name
