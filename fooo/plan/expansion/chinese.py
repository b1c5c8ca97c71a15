"""What a Chinese prompt is a picture of, and the words in it: by longest match, without a network."""

import re
from collections.abc import Container, Iterator, Mapping

from fooo.plan.expansion.traits import Kind

LONGEST = 6

_PLACE_FIRST = re.compile("^在.+?(?:里面|里|上|中|下|旁边|旁|边|前面|前|后面|后|内|外)的?")
_PLACE_LAST = re.compile("(?<=.)(?:在|于).*$")
_COUNTED = re.compile(
    "[一二两三四五六七八九十几多][个只条匹头位名座栋间片朵棵株辆艘架把件双对群杯碗盘瓶壶块份张幅盏颗串束名枝]"
)
_DENIED = re.compile("(?:没有|沒有|不要|不含|不带|无(?=人(?!机)|云|雾|雨|雪))([^的，。]{1,6})")


def split_denied(text: str) -> tuple[str, str]:
    """What is said and what is said not to be there: of 没有人的街道 the 的街道, and the 人."""
    return _DENIED.sub("", text), "".join(_DENIED.findall(text))


def words_of_chinese(text: str, *known: Container[str]) -> Iterator[str]:
    """The known words of the text from its beginning, each time the longest."""
    at = 0
    while at < len(text):
        width = _longest(text, at, known)
        if width:
            yield text[at : at + width]
        at += width or 1


def find_chinese_kind(text: str, nouns: Mapping[str, Kind]) -> Kind | None:
    """What characters without marks between them are of; None where no noun is known.

    The last noun of the first row of nouns, of what follows the last 的. Places at the beginning and at the end, after
    在, do not count.
    """
    return _kind(_PLACE_LAST.sub("", _PLACE_FIRST.sub("", text)), nouns)


def find_chinese_place(text: str, nouns: Mapping[str, Kind]) -> Kind | None:
    """The same, places included."""
    return _kind(text, nouns)


def _kind(text: str, nouns: Mapping[str, Kind]) -> Kind | None:
    parts = _COUNTED.sub("", text).split("的")
    return next((kind for part in reversed(parts) if (kind := _first_row(part, nouns))), None)


def _first_row(text: str, nouns: Mapping[str, Kind]) -> Kind | None:
    """Of nouns that stand next to each other the last; a thing that can be seen before what cannot."""
    found: Kind | None = None
    at = 0
    while at < len(text):
        width = _longest(text, at, (nouns,))
        if not width and found not in {None, Kind.ABSTRACT}:
            break
        if width:
            found = nouns[text[at : at + width]]
        at += width or 1
    return found


def _longest(text: str, at: int, known: tuple[Container[str], ...]) -> int:
    widths = range(min(LONGEST, len(text) - at), 0, -1)
    return next((width for width in widths if any(text[at : at + width] in words for words in known)), 0)
