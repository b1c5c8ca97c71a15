"""The words of the faces in each language: `languages/<code>.json`, one text for each id."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fooo.catalog.about import About

FALLBACK = "en"
LANGUAGES = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language; `words("step_of", step=3, steps=30)` gives one of them, filled in."""

    language: str
    texts: Mapping[str, str]

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
    files = sorted(folder.glob("*.json"))
    return {
        path.stem: Words(path.stem, cast(dict[str, str], json.loads(path.read_text(encoding="utf-8"))))
        for path in files
    }


def choose_language(accepted: str, tongues: Tongues) -> Words:
    """The words for a browser's `Accept-Language`, e.g. ``"zh-CN,zh;q=0.9,en;q=0.8"``; English where none fits."""
    for wish in sorted(accepted.split(","), key=_weight, reverse=True):
        code = wish.split(";")[0].strip().split("-")[0].lower()
        if code in tongues:
            return tongues[code]
    return tongues[FALLBACK]


def _weight(wish: str) -> float:
    _, _, quality = wish.partition(";q=")
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
