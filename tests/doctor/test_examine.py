"""The whole examination, and a machine whose PyTorch is broken."""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.doctor import Area, Finding, State, examine, exit_code
from fooo.settings import NetworkSettings, Settings


def examined(catalog: Catalog, outputs: Path) -> list[Finding]:
    network = NetworkSettings(offline=True)
    return list(examine(catalog, outputs=outputs, places=Settings().models, network=network, always_cpu=True))


class _Broken(MetaPathFinder):
    """Stands for a PyTorch whose libraries are of another system."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname == "fooo.doctor.device":
            raise ImportError("libcudart.so.13: cannot open shared object file\nmore")
        return None


@pytest.fixture
def broken_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fooo.doctor.device", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Broken(), *sys.meta_path])


def test_every_area_is_looked_at_and_a_sound_machine_has_no_fault(catalog: Catalog, tmp_path: Path):
    found = examined(catalog, tmp_path / "outputs")
    assert {finding.area for finding in found} == set(Area)
    assert exit_code(found) == 0
    assert all(finding.mend for finding in found if finding.state is not State.OK)


@pytest.mark.usefixtures("broken_torch")
def test_a_broken_pytorch_is_one_fault_among_the_others(catalog: Catalog, tmp_path: Path):
    found = examined(catalog, tmp_path / "outputs")
    (fault,) = (finding for finding in found if finding.state is State.FAULT)
    assert fault.found == "nothing: PyTorch does not work (libcudart.so.13: cannot open shared object file)"
    assert {finding.area for finding in found} == set(Area)
    assert exit_code(found) == 4
