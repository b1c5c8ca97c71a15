"""Puts a model file among the others: a known one, one of this machine, or one behind a link."""

import hashlib
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from fooo.catalog.identify import identify_file
from fooo.catalog.known_models import KNOWN_MODELS, known_file, read_link, source_url
from fooo.catalog.model_files.contents import (
    Checkpoint,
    ClipVision,
    Contents,
    ControlLora,
    ControlNet,
    Embedding,
    IpAdapter,
    Lora,
    TextEncoder,
    Unknown,
    Upscaler,
    Vae,
)
from fooo.catalog.presets import PresetFile
from fooo.catalog.shelf import FolderKind
from fooo.errors import ModelError, RequestError
from fooo.files.convert import PICKLES, convert
from fooo.files.fetch import fetch
from fooo.files.web import RefusedError, TryAgainError, Web
from fooo.monitor import Monitor
from fooo.settings import NetworkSettings

_INCOMING = "incoming"
"""Below the models' folder: where a file waits until it is known what it holds, in a folder of its address's own."""

_HOMES: dict[type[Contents], FolderKind] = {
    Checkpoint: FolderKind.CHECKPOINTS,
    Lora: FolderKind.LORAS,
    Embedding: FolderKind.EMBEDDINGS,
    Vae: FolderKind.VAES,
    Upscaler: FolderKind.UPSCALERS,
    ControlNet: FolderKind.GUIDES,
    ControlLora: FolderKind.GUIDES,
    IpAdapter: FolderKind.GUIDES,
    ClipVision: FolderKind.CLIP_VISION,
    TextEncoder: FolderKind.TEXT_ENCODERS,
}


def add(what: str, *, models: Path, network: NetworkSettings, monitor: Monitor) -> Path | None:
    """The model in its folder below `models`; None after a stop.

    Args:
        what: Name of a known model, path of a file, or link to one.
        models: Our own folder of models.
        network: How the network may be used.
        monitor: Hears `Downloading`, and is asked whether to go on.

    Raises:
        RequestError: It is none of the three.
        ModelError: It cannot be had or read, is nothing that Fooo uses, or is there already.
        StorageFull: The disk has not the space.
    """
    if "://" in what:
        return add_link(what, models=models, network=network, monitor=monitor)
    if (path := Path(what).expanduser()).is_file():
        return add_file(path, models=models)
    if known := known_file(what):
        return fetch(known, models=models, network=network, monitor=monitor)
    names = ", ".join(model.name for model in KNOWN_MODELS)
    raise RequestError("model", f"{what!r} is no file here, no link and no known model", f"known are: {names}")


def add_file(path: Path, *, models: Path) -> Path:
    """The file once more, below `models`: as a second name of the same bytes where the disk can do that.

    Raises:
        ModelError: It cannot be read, is nothing that Fooo uses, or one of its name is there.
    """
    if path.suffix.lower() not in PICKLES:
        return _take(path, _free_place(path, path.name, models))
    with _sentences(models), tempfile.TemporaryDirectory(dir=models, prefix=".converting-") as folder:
        converted = convert(path, Path(folder) / f"{path.stem}.safetensors")
        return converted.replace(_free_place(converted, converted.name, models))


def add_link(link: str, *, models: Path, network: NetworkSettings, monitor: Monitor) -> Path | None:
    """The file behind a link, below `models`; None after a stop.

    Raises:
        RequestError: It is no link to a file.
        ModelError, StorageFull: As of `fetch`; or the file is nothing that Fooo uses, and waits in `models/incoming`.
    """
    found = read_link(link)
    known = next((model.file for model in KNOWN_MODELS if source_url(model.file) == found.url), None)
    if known:
        return fetch(known, models=models, network=network, monitor=monitor)
    try:
        name = found.name or _name_at_server(found.url, network)
        own = hashlib.sha256(found.url.encode()).hexdigest()[:12]
        file = PresetFile(folder=_INCOMING, name=f"{own}/{name}", url=found.url)
    except ValidationError:
        raise RequestError("link", f"the file at {link} has a name that is not safe", "save it by hand") from None
    path = fetch(file, models=models, network=network, monitor=monitor)
    if path is None:
        return None
    with _sentences(path):
        place = path.replace(_free_place(path, path.name, models))
    with suppress(OSError):  # what else came from there stays
        path.parent.rmdir()
    return place


def _name_at_server(url: str, network: NetworkSettings) -> str:
    try:
        with Web(network) as web, web.get(url, end=0) as reply:
            return reply.name or ""
    except TryAgainError as error:
        raise RequestError("link", f"{url} cannot be asked: {error.problem}", "try again later") from None
    except RefusedError as error:
        raise RequestError("link", f"{url} {error.problem}", error.hint) from None


def _free_place(path: Path, name: str, models: Path) -> Path:
    """Where a file of such contents goes; its folder is made.

    Raises:
        ModelError: It cannot be read, is nothing that Fooo uses, or one of its name is there.
    """
    contents = identify_file(path).contents
    if isinstance(contents, Unknown):
        raise ModelError(path, contents.why, "choose another file")
    place = models / _HOMES[type(contents)].value / name
    if place.exists():
        raise ModelError(place, "is there already", "take it away first, or give the new one another name")
    with _sentences(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    return place


@contextmanager
def _sentences(place: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ModelError(place, f"cannot be written ({error.strerror})", "look at the folder, and its disk") from None


def _take(path: Path, place: Path) -> Path:
    with _sentences(place):
        try:
            place.hardlink_to(path.resolve())
        except OSError:  # it lies on another disk, or this one knows no second names
            part = place.with_name(f"{place.name}.copy.part")
            try:
                shutil.copy2(path, part)
                part.replace(place)
            finally:
                part.unlink(missing_ok=True)
    return place
