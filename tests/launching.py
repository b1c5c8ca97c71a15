"""A miniature project with launch.py, a Python that is nobody's environment, and wheels made by hand: no network."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PROJECT = """
[project]
name = "fooo"
dependencies = ["torch>=2.10", "alpha>=1,<2"]
[project.optional-dependencies]
test = ["pytest>=9"]
"""

MAIN = """
import json, sys
def main(arguments=None):
    print(json.dumps({"arguments": arguments, "prefix": sys.prefix}))
    return 7 if "--offline" in arguments else 0
"""

PYTEST = "import json, os, sys; print(json.dumps({'arguments': sys.argv[1:], 'folder': os.getcwd()}))"


def make_wheel(folder: Path, name: str, version: str, *, requires: str = "", code: str = "") -> Path:
    """A wheel with one module, `code` its text."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    requirement = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}/__init__.py": "",
        f"{name}/__main__.py": code,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requirement}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def plain_python(prefix: Path, *, bare: bool = False, without: str = "", quick_pip: bool = False) -> Path:
    """A Python of its own at `prefix`, its standard library linked from the running one's base; it has pip.

    Args:
        prefix: The folder to make.
        bare: Whether it has nothing else, as a container's Python; else somebody's package lies there too.
        without: A module of the standard library that is left out.
        quick_pip: Whether its environments get a link to pip in place of a pip of their own, which takes seconds.
    """
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    library = prefix / "lib" / version
    library.mkdir(parents=True)
    for entry in Path(os.__file__).parent.iterdir():
        if entry.name not in {
            "site-packages",
            "dist-packages",
            "EXTERNALLY-MANAGED",
            without,
            quick_pip and "ensurepip",
        }:
            (library / entry.name).symlink_to(entry)
    python = prefix / "bin" / "python3"
    python.parent.mkdir()
    base = Path(sys.base_prefix, "bin", version)
    shutil.copy2(base.resolve(), python)
    packages = Path(subprocess.check_output([python, "-c", WHERE_PACKAGES_GO], text=True).strip())
    packages.mkdir(parents=True, exist_ok=True)
    pip = Path(subprocess.check_output([sys.executable, "-c", WHERE_PIP_IS], text=True).strip())
    for entry in pip.glob("pip*"):
        (packages / entry.name).symlink_to(entry)
    if quick_pip:
        (library / "ensurepip").mkdir()
        (library / "ensurepip" / "__main__.py").write_text(LINK_PIP.format(pip=str(pip)))
    if not bare:
        (packages / "somebodys-1.0.dist-info").mkdir()
        (packages / "somebodys-1.0.dist-info" / "METADATA").write_text("Name: somebodys\nVersion: 1.0\n")
    return python


WHERE_PIP_IS = "import pip, pathlib; print(pathlib.Path(pip.__file__).parent.parent)"
WHERE_PACKAGES_GO = "import sysconfig; print(sysconfig.get_path('purelib'))"
LINK_PIP = """
import pathlib, sysconfig
packages = pathlib.Path(sysconfig.get_path("purelib"))
for entry in pathlib.Path({pip!r}).glob("pip*"):
    (packages / entry.name).symlink_to(entry)
"""


@dataclass(frozen=True)
class Ran:
    """How a start ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, object]:
        """What the miniature program prints of itself."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Home:
    """A miniature checkout in `folder`, started by `python`."""

    folder: Path
    python: Path
    extra: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def checkout(self) -> Path:
        return self.folder / "checkout"

    @property
    def venv(self) -> Path:
        return self.checkout / ".venv"

    @property
    def wheels(self) -> Path:
        return self.folder / "wheels"

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the person's own: no pip settings, no cache, no card."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "LD_LIBRARY_PATH": str(Path(sys.base_prefix, "lib")),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_RETRIES": "0",
            "FOOO_TORCH": "cpu",
            **self.extra,
            **more,
        }

    def start(self, *arguments: str, **more: str) -> Ran:
        done = subprocess.run(
            [self.python, self.checkout / "launch.py", *arguments],
            env=self.environment(**more),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def run(self, program: str) -> str:
        """What `program` prints, run by this Python in the checkout."""
        command = [self.python, "-c", program]
        return subprocess.check_output(command, env=self.environment(), cwd=self.checkout, text=True).strip()

    def version_of(self, package: str) -> str:
        return self.run(f"import importlib.metadata as m; print(m.version({package!r}))")

    def unpack(self, *wheels: str) -> None:
        """Put packages into this Python, as `alpha-1.0`, without the second that pip takes."""
        for wheel in wheels:
            with zipfile.ZipFile(self.wheels / f"{wheel}-py3-none-any.whl") as archive:
                archive.extractall(self.run(WHERE_PACKAGES_GO))


def copy_launcher(checkout: Path) -> None:
    """launch.py and what it needs, as they are; in place of the program one that prints how it was started."""
    (checkout / "fooo" / "interface").mkdir(parents=True)
    for name in ("launch.py", "fooo/__init__.py", "fooo/interface/__init__.py", "fooo/interface/arguments.py"):
        shutil.copy2(ROOT / name, checkout / name)
    shutil.copytree(ROOT / "fooo" / "setup", checkout / "fooo" / "setup", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "fooo" / "__main__.py").write_text(MAIN)


def make_home(folder: Path, python: Path, **extra: str) -> Home:
    """The checkout with launch.py and its helpers as they are, the rest in miniature."""
    home = Home(folder, python, extra)
    (home.checkout / "tests" / "oracle").mkdir(parents=True)
    copy_launcher(home.checkout)
    (home.checkout / "pyproject.toml").write_text(PROJECT)
    (home.checkout / "constraints.txt").write_text("torch==2.13.0\nalpha==1.0\npytest==9.2.0\n")
    (home.checkout / "tests" / "oracle" / "requirements.txt").write_text("oracle==1.0\n")
    make_wheel(home.wheels, "torch", "2.13.0+cpu")
    make_wheel(home.wheels, "alpha", "1.0")
    make_wheel(home.wheels, "alpha", "1.1")
    make_wheel(home.wheels, "pytest", "9.2.0", code=PYTEST)
    make_wheel(home.wheels, "oracle", "1.0", requires="nowhere-to-be-found")
    return home


def make_conda(folder: Path) -> Home:
    """A fresh clone in an activated conda environment that holds only Python and pip."""
    python = plain_python(folder / "conda")
    (folder / "conda" / "conda-meta").mkdir()
    return make_home(folder, python, CONDA_PREFIX=str(folder / "conda"))
