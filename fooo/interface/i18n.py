"""The words of the faces in each language.

`languages/<code>.json` holds one text for each id, and `languages/errors/<code>.json` the sentences that have none:
those of errors, which are written in English where they arise.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fooo.catalog.about import About
from fooo.interface.languages import Sentences

FALLBACK = "en"
LANGUAGE_COOKIE = "fooo-language"
"""In which a browser keeps the language that was chosen on the page."""

LANGUAGES = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; `words("step_of", step=3, steps=30)` gives one of them, filled in.

    Args:
        language: Its code.
        texts: By their ids.
        sentences: Those of errors, which have no ids: `words.sentences("is gone")`. English says them as they are.
    """

    language: str
    texts: Mapping[str, str]
    sentences: Sentences = field(default_factory=lambda: Sentences({}))

    def __call__(self, key: str, **values: object) -> str:
        return self.texts[key].format(**values)


Tongues = Mapping[str, Words]
"""Every language that is there, by its code."""


def told(about: About, words: Words) -> str:
    """What is said about something, in the language of the words where it is said in that one."""
    one, other = (about.zh, about.en) if words.language == "zh" else (about.en, about.zh)
    return one or other


def read_languages(folder: Path = LANGUAGES) -> dict[str, Words]:
    """Every language of the folder by its code."""
    return {path.stem: _read_language(path) for path in sorted(folder.glob("*.json"))}


def choose_language(accepted: str, tongues: Tongues, *, chosen: str = "") -> Words:
    """The words for a browser's `Accept-Language`, e.g. ``"zh-CN,zh;q=0.9,en;q=0.8"``; English where none fits.

    Args:
        accepted: By the browser.
        tongues: That there are.
        chosen: The code that its person chose on the page, which comes first; empty: none.
    """
    if chosen in tongues:
        return tongues[chosen]
    for wish in sorted(accepted.split(","), key=_weight, reverse=True):
        code = wish.split(";")[0].strip().split("-")[0].lower()
        if code in tongues:
            return tongues[code]
    return tongues[FALLBACK]


def _read_language(path: Path) -> Words:
    errors = path.parent / "errors" / path.name
    return Words(path.stem, _read_texts(path), Sentences(_read_texts(errors) if errors.is_file() else {}))


def _read_texts(path: Path) -> dict[str, str]:
    return cast(dict[str, str], json.loads(path.read_text(encoding="utf-8")))


def _weight(wish: str) -> float:
    _, _, quality = wish.partition(";q=")
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
