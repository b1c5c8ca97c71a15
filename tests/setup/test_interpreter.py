import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from fooo.setup.interpreter import is_sound
from fooo.setup.places import UNFINISHED
from tests.launching import Home, make_conda, make_home, plain_python

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Python made for these tests is laid out as on Linux"
)

SUPPORTED = ((3, 11), (3, 14))


def uses_this_python(home: Home) -> str:
    return home.run("from fooo.setup.interpreter import uses_this_python; print(uses_this_python(set()))")


def test_condas_base_is_not_filled(tmp_path: Path) -> None:
    conda = make_conda(tmp_path)
    assert uses_this_python(conda) == "True"
    (conda.folder / "conda" / "condabin").mkdir()
    assert uses_this_python(conda) == "False"


@pytest.mark.parametrize("spoil", ["somebody's package", "EXTERNALLY-MANAGED"])
def test_a_containers_python_that_is_not_ours_to_fill_is_left_alone(tmp_path: Path, spoil: str) -> None:
    python = plain_python(tmp_path / "python", bare=spoil == "EXTERNALLY-MANAGED")
    home = make_home(tmp_path, python, container="podman")
    if spoil == "EXTERNALLY-MANAGED":
        (Path(home.run("import sysconfig; print(sysconfig.get_path('stdlib'))")) / spoil).touch()
    assert uses_this_python(home) == "False"


def cut_off(venv: Path) -> None:
    (venv / UNFINISHED).touch()


def lose_the_base(venv: Path) -> None:
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to(venv / "nowhere")


def lose_the_settings(venv: Path) -> None:
    (venv / "pyvenv.cfg").unlink()


def crash(venv: Path) -> None:
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (venv / "bin" / "python").chmod(0o755)


def lose_the_right_to_start(venv: Path) -> None:
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").write_text("no program")


@pytest.mark.parametrize("spoil", [cut_off, lose_the_base, lose_the_settings, crash, lose_the_right_to_start])
def test_a_broken_environment_is_seen(spoil: Callable[[Path], None], tmp_path: Path) -> None:
    venv.create(tmp_path, symlinks=True)
    assert is_sound(tmp_path, SUPPORTED)
    spoil(tmp_path)
    assert not is_sound(tmp_path, SUPPORTED)


def test_an_environment_of_a_python_that_is_not_supported_is_not_used(tmp_path: Path) -> None:
    venv.create(tmp_path, symlinks=True)
    here = sys.version_info[:2]
    assert is_sound(tmp_path, (here, (here[0], here[1] + 1)))
    assert not is_sound(tmp_path, ((3, 0), here))
    assert not is_sound(tmp_path, ((here[0], here[1] + 1), (4, 0)))


def test_setting_up_loads_nothing_but_the_standard_library() -> None:
    root = Path(__file__).resolve().parents[2]
    names = ", ".join(f"fooo.setup.{file.stem}" for file in (root / "fooo" / "setup").glob("[!_]*.py"))
    program = f"import sys; sys.path.insert(0, {str(root)!r}); import {names}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-ISc", program], text=True).split()
    assert {name.partition(".")[0] for name in loaded} <= sys.stdlib_module_names | {"__main__", "fooo"}
    assert {name for name in loaded if name.startswith("fooo.")} == {"fooo.setup", *names.split(", ")}
