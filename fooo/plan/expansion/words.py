"""The plain words of a prompt: no weights, brackets or file names; and their stems, to hear a repetition by."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MARK = ","
"""Stands for every mark that parts phrases."""

_SYNTAX = re.compile(
    r"<[^<>]*>"  # <lora:name:0.8>, <style:Name>
    r"|__[\w/*.-]+__"  # __wildcard__
    r"|\bembedding:\S+"
    r"|\b\d+\$\$|\b\d+(?:\.\d+)?::"  # {2$$a|b}, {0.3::a|b}
    r"|(?<!\d):\s*-?\d*\.?\d+"  # (a:1.3), a:0.7 AND, [a:b:0.4]; never 16:9
)
_PARTS = re.compile(r"\bBREAK\b|\bAND\b|\s[-–—]+\s|[\r\n|]")
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_HAN}]+|\d+\.\d+|[^\W_{_HAN}]+(?:['’][^\W_{_HAN}]+)?|[,.;:!?，。；：！？、…\"“”]")
_ONE_HAN = re.compile(f"[{_HAN}]")


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAYING_NOTHING = word_set(
    "a an the this that these those of in on at by to from for as into onto with and or but no not without over under "
    "between through is are be it its his her their my your one like"
)
_ALIKE = {
    "lit": "light", "grey": "gray", "golden": "gold", "warmth": "warm", "painterly": "paint", "cosy": "coz",
    "centre": "center", "centred": "center", "3d": "3d", "cosiness": "coz", "aging": "age", "shiny": "shin",
    "wooden": "wood", "woollen": "wool", "depth": "deep", "brightness": "bright", "imagery": "image",
    "central": "center",
}  # fmt: skip
_ENDINGS = ("ness", "like", "ful", "ing", "ed", "ly", "ic", "s", "y")


def plain(prompt: str) -> str:
    """A prompt in small letters without the syntax of prompts: weights, brackets, networks, wildcards, schedules."""
    text = _PARTS.sub(MARK, _SYNTAX.sub(" ", prompt))
    return unicodedata.normalize("NFKC", text).replace("&", " and ").casefold()


def tokens(text: str) -> tuple[str, ...]:
    """Words without their "'s", marks as `MARK`, Chinese characters that stand together as one; of a plain text."""
    found = (match[0].replace("’", "'").removesuffix("'s") for match in _TOKEN.finditer(text))
    return tuple(each if each[0].isalnum() else MARK for each in found)


def is_han(token: str) -> bool:
    return _ONE_HAN.match(token) is not None


def length(found: Iterable[str]) -> int:
    """How many words the tokens are; two Chinese characters count as one."""
    return sum((len(each) + 1) // 2 if is_han(each) else 1 for each in found if each != MARK)


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """What a word shares with its other forms: "misty" and "mist" give one, so do "glow" and "glowing".

    Light, not linguistic: two words that give the same stem are felt as a repetition; the stem need not be a word.
    """
    if word.startswith("photograph"):
        return "photo"
    word = _ALIKE.get(word, word).replace("colour", "color")
    while (ending := _ending(word)) is not None:
        word = word.removesuffix(ending)
        if word[-1] == word[-2] and word[-1] not in "aeiouls":
            word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] in "ei" else word


def stems(found: Iterable[str]) -> frozenset[str]:
    """The stems of the tokens that say something; Chinese has none."""
    return frozenset(stem(each) for each in found if each != MARK and each not in _SAYING_NOTHING and not is_han(each))


def _ending(word: str) -> str | None:
    return next((each for each in _ENDINGS if word.endswith(each) and _can_lose(word, each)), None)


def _can_lose(word: str, ending: str) -> bool:
    rest = word.removesuffix(ending)
    return len(rest) >= 3 and any(letter in "aeiouy" for letter in rest) and not (ending == "s" and rest[-1] in "su")
