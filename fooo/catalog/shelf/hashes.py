"""The hashes by which model sites know a file: computed once for each state of the file, and kept on the disk."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

from fooo.atomic import atomic_write
from fooo.catalog.model_files.bounded_json import read_json
from fooo.catalog.model_files.header import read_header
from fooo.errors import ModelError

_MOST_KEPT = 20_000


class FileHashes:
    """AutoV2 and AutoV3, as Civitai and the webui write them.

    Args:
        folder: Where what was computed is kept, in `hashes.json`; it is made when it is first needed. What cannot be
            kept is computed again next time. None: it is kept as long as this is.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = folder / "hashes.json" if folder else None
        self._known: dict[str, str] | None = None
        self._lock = threading.Lock()

    def sha256(self, path: Path) -> str:
        """64 hex digits, over the whole file.

        Raises:
            ModelError: It cannot be read.
        """
        return self._once("sha256", path, lambda: digest_of(path))

    def known_sha256(self, path: Path) -> str | None:
        """The same where it was computed before; None else, at once."""
        try:
            key = _key("sha256", path)
        except OSError:
            return None
        with self._lock:
            return self._read().get(key)

    def auto_v2(self, path: Path) -> str:
        """The first 10 hex digits of the file's SHA-256: of checkpoints, and of everything else.

        Raises:
            ModelError: It cannot be read.
        """
        return self.sha256(path)[:10]

    def auto_v3(self, path: Path) -> str:
        """The first 12 hex digits of the SHA-256 over a safetensors file's tensors: of LoRAs, whatever their notes say.

        Raises:
            ModelError: It cannot be read, or is damaged.
        """
        return self._once("tensors", path, lambda: digest_of(path, begin=read_header(path).data_start))[:12]

    def _once(self, which: str, path: Path, compute: Callable[[], str]) -> str:
        """Two threads that ask at once may compute it twice; neither waits for another file."""
        try:
            key = _key(which, path)
        except OSError as error:
            raise unreadable(path, error) from None
        with self._lock:
            known = self._read()
            if key in known:
                return known[key]
        digest = compute()
        with self._lock:
            known = self._read()
            known[key] = digest
            self._keep(known)
        return digest

    def _read(self) -> dict[str, str]:
        if self._known is None:
            self._known = _kept_in(self._file) if self._file else {}
        return self._known

    def _keep(self, known: dict[str, str]) -> None:
        """All at once, so that whoever reads at the same time sees the old file or the new one."""
        for old in list(known)[:-_MOST_KEPT]:
            del known[old]
        if self._file is None:
            return
        # what cannot be kept, as on a full disk, is computed again
        with contextlib.suppress(OSError), atomic_write(self._file) as part:
            part.write_text(json.dumps(known, indent=0), encoding="utf-8")


def _key(which: str, path: Path) -> str:
    """Raises: OSError."""
    state = path.stat()
    return f"{which} {state.st_size} {state.st_mtime_ns} {path.absolute()}"


def _kept_in(file: Path) -> dict[str, str]:
    try:
        content: object = read_json(file.read_bytes())
    except (OSError, ValueError):
        return {}
    entries = cast(dict[str, object], content) if isinstance(content, dict) else {}
    return {key: digest for key, digest in entries.items() if isinstance(digest, str)}


def digest_of(path: Path, *, begin: int = 0) -> str:
    """The SHA-256 of a file from a byte on, 64 hex digits.

    Raises:
        ModelError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(begin)
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> ModelError:
    """Of a model file whose bytes or whose state cannot be had."""
    return ModelError(path, f"cannot be read ({error.strerror})", "look at its rights, or copy it again")
