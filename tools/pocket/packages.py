"""The packages that the drawings come from: pinned, checked, fetched through npm, their ordinary client."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tools.pocket.words import Drawings


class PackageError(Exception):
    """A package is missing or damaged; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    sha512: str
    """Base64, as npm writes a package's integrity."""
    licence: str
    credit: str
    drawings: Drawings | None
    """None: the names of the drawings."""

    @property
    def file(self) -> str:
        """What `npm pack` calls it."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


PACKAGES = (
    Package(
        "@lobehub/fluent-emoji-3d", "1.1.0",
        "Wlq2lVStTnr8BDpIJ0pEnTKO4LuDxxqTEhTvRtD1DLRF0me7ogeRQjKoehDHXuVJ2Qaecgl5wRBv60lUAG3h7g==",
        "MIT", "Microsoft; packed by LobeHub", Drawings.FLUENT_3D,
    ),
    Package(
        "@iconify-json/fluent-emoji", "1.2.7",
        "D8G6bKAyIsyxP1rzZtIWr/gg/fO4Rg1+DyCWlfqKK4h8W+4Em/Y0P6QYgJUQTlUcagzJvSyg+9OBv4hz4Hc/QA==",
        "MIT", "Microsoft; packed by Iconify", Drawings.FLUENT,
    ),
    Package(
        "@iconify-json/fluent-emoji-flat", "1.2.6",
        "RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==",
        "MIT", "Microsoft; packed by Iconify", Drawings.FLUENT_FLAT,
    ),
    Package(
        "@iconify-json/fluent-emoji-high-contrast", "1.2.6",
        "esqhZPpkrF7sNX3NsLoh8KW64okEr/bzko7WNnFP+qTJGAqDPDYjp0925yxuivXy3HtVQB8xhIKu3+Nq1byX5w==",
        "MIT", "Microsoft; packed by Iconify", Drawings.FLUENT_INK,
    ),
    Package(
        "@iconify-json/noto", "1.2.9",
        "DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
        "Apache-2.0", "Google; packed by Iconify", Drawings.NOTO,
    ),
    Package(
        "@iconify-json/twemoji", "1.2.5",
        "uKpuIEV0v6K5BW3Mjdyl+XKFVAbbcPxAgifKvEMtZoUZB5+YiY5zaMm2uNNCxyXzAWU9yNLlj41WU6/mvgALsw==",
        "CC-BY-4.0", "Twitter, Inc and other contributors; packed by Iconify", Drawings.TWEMOJI,
    ),
    Package(
        "unicode-emoji-json", "0.9.0",
        "HdrQW/7SdbXUsTd8uTATv7LvQJkCSgbAgRCDCtOhQ6xn3EAx+xZHQtRniOXWJK3ywIqPegkNhP4U4EbuFsiQng==",
        "MIT", "Mu-An Chiou and contributors, from Unicode's data", None,
    ),
)  # fmt: skip


def fetch(
    folder: Path, packages: tuple[Package, ...] = PACKAGES, *, npm: str | Path = "npm"
) -> dict[Drawings | None, Path]:
    """Every package's unpacked folder; what lies there whole already is not fetched again.

    Args:
        folder: Where they go.
        packages: Which.
        npm: The client, by its name or its path.

    Raises:
        PackageError: Some could not be had, or were damaged; the others are there, and another run goes on from them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing: list[str] = []
    for package in packages:
        try:
            _fetch(folder, package, npm)
        except PackageError as error:
            missing.append(str(error))
    if missing:
        raise PackageError(" ".join([*missing, "The others are kept: run `data` again."]))
    return {package.drawings: folder / package.file.removesuffix(".tgz") / "package" for package in packages}


def _fetch(folder: Path, package: Package, npm: str | Path) -> None:
    packed, unpacked = folder / package.file, folder / package.file.removesuffix(".tgz")
    if packed.exists() and not _whole(packed, package):
        packed.unlink()
        shutil.rmtree(unpacked, ignore_errors=True)
    if not packed.exists():
        _pack(folder, package, npm)
        if not packed.exists() or not _whole(packed, package):
            packed.unlink(missing_ok=True)
            raise PackageError(f"{package.name} {package.version} arrived damaged and was thrown away.")
    if unpacked.exists():
        return
    part = unpacked.with_name(unpacked.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with tarfile.open(packed) as tar:
            tar.extractall(part, filter="data")
    except tarfile.TarError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise PackageError(f"{package.name} {package.version} cannot be unpacked ({error}).") from error
    part.rename(unpacked)


def _pack(folder: Path, package: Package, npm: str | Path) -> None:
    client = shutil.which(npm)
    if client is None:
        raise PackageError(f"{package.name} needs npm, which is not installed; install Node.js.")
    wanted = f"{package.name}@{package.version}"
    command = [str(Path(client).absolute()), "pack", "--silent", "--pack-destination", str(folder.resolve()), wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["npm did not say why"])[-1]
        raise PackageError(f"{package.name} {package.version} could not be fetched ({why}).")


def _whole(file: Path, package: Package) -> bool:
    return base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode() == package.sha512


def versions(packages: tuple[Package, ...] = PACKAGES) -> list[str]:
    return [f"{package.name}@{package.version}" for package in packages]


def licence_table(packages: tuple[Package, ...] = PACKAGES) -> str:
    """Markdown: what each package is, whose, and under which licence."""
    rows = [f"| `{each.name}` {each.version} | {each.credit} | {each.licence} |" for each in packages]
    return "\n".join(["| package | made by | licence |", "|---|---|---|", *rows, ""])
