"""What is kept between runs: files in one piece, and marks that tell what they were made with."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)

Settings = Mapping[str, int | str]
MARK = "made.json"


class MadeOtherwise(Exception):
    """What is kept was made with other settings; the message says what differs, and what to do."""


def write_whole(file: Path, content: bytes) -> None:
    """In one piece or not at all."""
    part = file.with_name(file.name + ".part")
    part.write_bytes(content)
    part.replace(file)


def settle(kept: Path, settings: Settings) -> None:
    """Sees to it that `kept`, a file or a folder, is made with `settings`, so that nothing is mixed into it.

    Where it is not there yet, the settings are written down for it. What is there without a mark is older than marks:
    it is taken over as made with them, with a line in the log.

    Raises:
        MadeOtherwise: It was made with others.
    """
    made, there = read_mark(kept), is_there(kept)
    if made is None or not there:
        if there:
            log.info("%s says nothing of how it was made: taken over as made with the present settings", kept)
        write_mark(kept, settings)
    elif made != settings:
        names = [name for name in {**made, **settings} if made.get(name) != settings.get(name)]
        differ = ", ".join(f"{name} {made.get(name)} and not {settings.get(name)}" for name in names)
        raise MadeOtherwise(
            f"{kept} was made with {differ}: delete it to have it made anew, or ask for what it was made with."
        )


def read_mark(kept: Path) -> Settings | None:
    mark = _mark(kept)
    return json.loads(mark.read_text("utf-8")) if mark.exists() else None


def write_mark(kept: Path, settings: Settings) -> None:
    mark = _mark(kept)
    mark.parent.mkdir(parents=True, exist_ok=True)
    write_whole(mark, json.dumps(dict(settings), indent=1).encode())


def is_there(kept: Path) -> bool:
    """Whether the file is there, or anything but its mark in the folder."""
    return any(not each.name.startswith(MARK) for each in kept.iterdir()) if kept.is_dir() else kept.exists()


def _mark(kept: Path) -> Path:
    """In a folder, so that it goes with it; beside a file, which is known by its ending."""
    return kept.with_name(f"{kept.name}.{MARK}") if kept.suffix else kept / MARK
