"""What is said about a model file: in its header, and in the small files beside it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from fooo.catalog.model_files.bounded_json import read_json

_MOST_BYTES = 2 * 2**20
_MOST_WORDS = 32
_LONGEST = 1000
_FREQUENT = 5
"""How many of the captions' words are taken where nobody says which one calls the thing up."""

_PICTURES = tuple(f"{middle}{end}" for middle in (".preview", "") for end in (".png", ".jpg", ".jpeg", ".webp"))
_JSON = (".civitai.info", ".json")
_TEXT = ".txt"
SIDE_CARS = (*_JSON, _TEXT, ".yaml", *_PICTURES)
"""Behind the name of a model file, without its ending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """From the files beside a model file."""

    title: str | None = None
    trigger_words: tuple[str, ...] = ()
    preview: Path | None = None


def read_notes(path: Path, beside: Collection[str]) -> Notes:
    """What the side-cars say; one that cannot be read says nothing.

    Args:
        path: The model file.
        beside: Which of `SIDE_CARS` are there.
    """
    said = [_read_object(_side_car(path, end)) for end in _JSON if end in beside]
    words = [word for each in said for word in _words_in(each)]
    if _TEXT in beside:
        words += _read(_side_car(path, _TEXT)).decode("utf-8-sig", "replace").splitlines()
    picture = next((end for end in _PICTURES if end in beside), None)
    return Notes(
        title=next((title for each in said if (title := _title_in(each))), None),
        trigger_words=_tidy(words),
        preview=_side_car(path, picture) if picture else None,
    )


def title_of(metadata: Mapping[str, str]) -> str | None:
    """As the file calls itself in its header."""
    return _line(metadata.get("modelspec.title")) or None


def trigger_words_of(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The words that call up what a file has learnt, as its header says; else the commonest of its captions."""
    said = _tidy([metadata.get("modelspec.trigger_phrase", "")])
    return said or _tidy(_frequent(metadata.get("ss_tag_frequency", "")))


def _frequent(text: str) -> Iterator[str]:
    """Of the words counted in each folder of pictures, those that stand nearly always there."""
    try:
        folders = _object(read_json(text.encode())) if text else {}
    except ValueError:
        return
    counts = Counter[str]()
    for folder in folders.values():
        counts.update({word: count for word, count in _object(folder).items() if type(count) is int and count < 2**31})
    most = max(counts.values(), default=0)
    frequent = [word for word, count in counts.items() if count >= 0.8 * most]
    yield from sorted(frequent, key=lambda word: -counts[word])[:_FREQUENT]


def _side_car(path: Path, end: str) -> Path:
    return path.with_name(path.stem + end)


def _read(path: Path) -> bytes:
    """The file's bytes; none of one that is too large or cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError:
        return b""
    return content if len(content) <= _MOST_BYTES else b""


def _read_object(path: Path) -> dict[str, Any]:
    try:
        return _object(read_json(_read(path)))
    except ValueError:
        return {}


def _object(found: object) -> dict[str, Any]:
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _words_in(said: Mapping[str, Any]) -> Iterable[object]:
    """`trainedWords` of Civitai, `activation text` of the webui."""
    trained = said.get("trainedWords")
    yield from cast(list[object], trained) if isinstance(trained, list) else []
    yield said.get("activation text")


def _title_in(said: Mapping[str, Any]) -> str:
    """Of Civitai's note on one version of a model."""
    parts = (_line(_object(said.get("model")).get("name")), _line(said.get("name")))
    return " ".join(filter(None, parts)) if all(parts) else ""


def _tidy(words: Iterable[object]) -> tuple[str, ...]:
    """Each once, without empty ones and those that are no words but whole stories."""
    lines = dict.fromkeys(line for word in words if (line := _line(word).strip(", ")))
    return tuple(islice(lines, _MOST_WORDS))


def _line(text: object) -> str:
    """A text on one line; "" of a longer one, and of what is no text."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return ""
    return " ".join(text.split())
