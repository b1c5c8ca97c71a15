"""What a model says it has learnt, in `knows.json` in its folder: prompts that work, and the words beyond it.

Its things and looks may have Chinese names even where it reads none: a person who types one is told the English one.
"""

import random
import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import cycle, groupby
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from fooo.catalog.user_files import FileStates, states_of
from fooo.errors import ModelError

Word = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]
"""What people call something, the commonest first."""

Phrase = tuple[str, ...]
"""Words that stand next to each other, in small letters; each Chinese character is one."""

_IGNORING = ConfigDict(extra="ignore")


@checked_dataclass(frozen=True, slots=True, config=_IGNORING)
class Noun:
    """A thing. Args: plural: Of the first of its words."""

    words: Words
    plural: Word
    chinese: tuple[Word, ...] = ()


@checked_dataclass(frozen=True, slots=True, config=_IGNORING)
class Look:
    """A style, a colour, a paper (the colour of a background) or a place."""

    words: Words
    chinese: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A short prompt that a model can draw. Args: prompt: As it reads it. said: As a person does."""

    prompt: str
    said: str


@checked_dataclass(frozen=True, config=_IGNORING)
class Knowledge:
    """Everything that a small model has learnt.

    Attributes:
        others: Words that name neither thing nor look, as "above".
        reads_chinese: Whether it has learnt the Chinese names too; else they only tell people what there is.
    """

    nouns: Annotated[tuple[Noun, ...], Field(min_length=1)]
    styles: tuple[Look, ...] = ()
    colours: tuple[Look, ...] = ()
    papers: tuple[Look, ...] = ()
    places: tuple[Look, ...] = ()
    others: tuple[Word, ...] = ()
    reads_chinese: bool = True

    def beyond(self, prompt: str) -> tuple[str, ...]:
        """The words of a prompt that it has not learnt, in order, each once and as typed.

        Known phrases are taken off first, the longest that fits; Chinese characters that are left next to each other
        are one word, but for a name that it has learnt in English only: see `english_of`. Never among them: numbers,
        punctuation, the weight in `(word:1.2)`, brackets such as `<lora:...>`, and words that show nothing ("the",
        "masterpiece"). The time grows with the prompt's length, not faster.
        """
        text = _BRACKET.sub(" ", prompt)
        spans: list[tuple[int, int]] = []
        goes_on = False
        for start, end, is_name in self._unknown(_tokens(text)):
            if goes_on and not is_name and text[spans[-1][1] : start] in {"", "-"}:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
            goes_on = not is_name
        found: dict[str, str] = {}
        for start, end in spans:
            found.setdefault(text[start:end].casefold(), text[start:end])
        return tuple(found.values())

    def suggestions(self, rng: random.Random, count: int, *, chinese: bool = False) -> tuple[Suggestion, ...]:
        """Up to `count` short prompts that it can draw, each of another thing, such as "a red fox, cartoon".

        They are said in Chinese where that is asked for and its things have names in it, else in English.
        """
        in_chinese = chinese and any(noun.chinese for noun in self.nouns)
        nouns = [noun for noun in self.nouns if noun.chinese or not in_chinese]
        chosen = rng.sample(nouns, min(count, len(nouns)))
        colours, styles = (_shuffled(looks, rng, chinese=in_chinese) for looks in (self.colours, self.styles))
        # every second one keeps the colour that it has by itself
        parts = [
            (noun, None if number % 2 else colour, style)
            for number, (noun, colour, style) in enumerate(zip(chosen, cycle(colours), cycle(styles), strict=False))
        ]
        return tuple(
            Suggestion(
                prompt=_in_chinese(*each) if in_chinese and self.reads_chinese else _in_english(*each),
                said=_in_chinese(*each) if in_chinese else _in_english(*each),
            )
            for each in parts
        )

    def english_of(self, word: str) -> str:
        """The English name of what is called so in Chinese, where it has learnt that alone; else empty."""
        return self._english.get(tuple(token.key for token in _tokens(word)), "")

    def in_english(self, prompt: str) -> str:
        """A prompt with the English names in the place of the Chinese ones; empty where it holds none of those.

        Counts are kept, as the 两只 of 两只猫. Chinese words that show nothing, as the 的 of 红色的猫, are left away;
        what has no English name here stays.
        """
        # as long as before, so that the places in it are those of the prompt
        tokens = _tokens(_BRACKET.sub(lambda bracket: " " * len(bracket[0]), prompt))
        said, at, copied, found, several = "", 0, 0, False, False
        while at < len(tokens):
            ahead = tuple(token.key for token in tokens[at : at + self._longest])
            named = _known_length(ahead, self._english)
            count = _COUNTS.get(ahead[0], "") if ahead[1:2] and ahead[1] in _MEASURES else ""
            several = bool(count) or (several and bool(ahead[0]))
            if named or count or (ahead[:1] in self._phrases and _HAN.match(ahead[0])):
                english = self._english.get(ahead[:named], "") or count or _JOINING.get(ahead[0], "")
                if several and english in self._plurals:
                    english, several = self._plurals[english], False
                said += f"{prompt[copied : tokens[at].start]} {english} "
                copied = tokens[at + max(named, 1) - 1].end
                found = found or bool(named)
            at += max(named, 1)
        return _tidy(said + prompt[copied:]) if found else ""

    def _unknown(self, tokens: Sequence["_Token"]) -> Iterator[tuple[int, int, bool]]:
        """What it has not learnt: where it begins and ends, and whether it is a name with an English one."""
        keys = tuple(token.key for token in tokens)
        at = 0
        while at < len(tokens):
            ahead = keys[at : at + self._longest]
            length, named = _known_length(ahead, self._phrases), _known_length(ahead, self._english)
            if named > length:
                yield tokens[at].start, tokens[at + named - 1].end, True
            elif not length and tokens[at].has_letter:
                yield tokens[at].start, tokens[at].end, False
            at += max(length, named) or 1

    @cached_property
    def _phrases(self) -> frozenset[Phrase]:
        looks = (*self.styles, *self.colours, *self.papers, *self.places)
        things = [each for noun in self.nouns for each in (*noun.words, noun.plural)]
        plurals = [_plural(word) for noun in self.nouns for word in noun.words]
        seen = [each for look in looks for each in look.words]
        # each English word of a look says something alone ("shiny", "meadow"); the "hot" of "hot dog" does not
        single = [word for look in looks for phrase in _split(look.words) for word in phrase]
        chinese = [name for name, _ in self._named_in_chinese()] if self.reads_chinese else []
        return frozenset(_split((*things, *plurals, *seen, *single, *chinese, *self.others, _SHOWING_NOTHING)))

    @cached_property
    def _english(self) -> dict[Phrase, str]:
        """By the Chinese names that it does not read: the English one."""
        if self.reads_chinese:
            return {}
        found: dict[Phrase, str] = {}
        for name, english in self._named_in_chinese():
            for phrase in _split([name]):
                found.setdefault(phrase, english)
        return found

    def _named_in_chinese(self) -> Iterator[tuple[str, str]]:
        """Each Chinese name, and what people leave of that of a look, with the commonest English one."""
        looks = (*self.styles, *self.colours, *self.papers, *self.places)
        for each in (*self.nouns, *looks):
            yield from ((name, each.words[0]) for name in each.chinese)
        for look in looks:
            yield from ((_CHINESE_FRAME.sub("", name), look.words[0]) for name in look.chinese)

    @cached_property
    def _plurals(self) -> dict[str, str]:
        """Of the first of each thing's words."""
        return {noun.words[0]: noun.plural for noun in self.nouns}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, (*self._phrases, *self._english)))


def _tidy(text: str) -> str:
    """English marks, and one space where there are several."""
    marked = re.sub(r"[ ,]*[，、][ ,]*", ", ", text)
    spaced = re.sub(r" {2,}", " ", marked)
    return re.sub(r"(?<=[(\[]) | (?=[,.;:!?)\]。！？])", "", spaced).strip(" ,")


def _known_length(keys: Phrase, known: Container[Phrase]) -> int:
    """How many of the words are the longest known phrase that begins with the first one; 0 where none does."""
    return next((length for length in range(len(keys), 0, -1) if keys[:length] in known), 0)


_KNOWLEDGE = TypeAdapter(Knowledge)
_MEND = "mend or remove it"


def read_knowledge(folder: Path) -> Knowledge | None:
    """What the model in a folder says it has learnt; None where it says nothing.

    Raises:
        ModelError: Its `knows.json` cannot be read or has another form.
    """
    path = folder / "knows.json"
    return _read(path, states_of([path]))


@lru_cache(maxsize=16)
def _read(path: Path, _states: FileStates) -> Knowledge | None:
    """Read and worked out once for each state of the file."""
    try:
        return _KNOWLEDGE.validate_json(path.read_bytes().removeprefix(BOM_UTF8))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", _MEND) from None
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        place = ".".join(map(str, detail["loc"])) or "its beginning"
        raise ModelError(path, f"is wrong at {place}: {detail['msg']}", _MEND) from None


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, a Chinese character, or a mark. Args: key: To find it by, empty of a mark. start, end: In the text."""

    key: str
    start: int
    end: int

    @property
    def has_letter(self) -> bool:
        return any(character.isalpha() for character in self.key)


_TOKEN = re.compile("h|w+(?:aw+)*|[am]")
"""In a text's kinds, as `_kind` gives them; an apostrophe belongs to a word only inside."""

_HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_BRACKET = re.compile(r"<\w+:[^<>]*>")
_SILENT_H = re.compile("hour|honest|hono|heir")
_SAID_AS_A_CONSONANT = re.compile(r"eu|ew|once?\b|one-|ufo|uku|uni(?!m|n)|ura|us[aeu]|ute|uti|uto")
"""As in a ewe, a one-eyed cat, a unicorn, a used car, a utensil; not in an unimportant thing."""
_CHINESE_FRAME = re.compile("^在|(?:[中上下里色]|背景|风格|质感)$")
"""What people leave away: a place is also the 草地 of 在草地上, a colour the 红 of 红色."""


_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTS = (
    {"两": "two"}
    | dict(zip("二三四五六七八九十", _NUMBERS, strict=True))
    | dict(zip("23456789", _NUMBERS[:-1], strict=True))
)
_MEASURES = frozenset("只个张条朵辆座颗棵匹片块把件架艘幅碗双头位名")
"""What stands between a count and its thing."""
_JOINING = {"和": "and", "与": "and"}


def _tokens(text: str) -> list[_Token]:
    kinds = "".join(map(_kind, text))
    return [
        _Token("" if match[0] in "am" else _key(text[match.start() : match.end()]), match.start(), match.end())
        for match in _TOKEN.finditer(kinds)
    ]


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    """h: Han; w: of other words; a: apostrophe; s: space, and what joins like it; m: a mark that parts phrases."""
    if _HAN.match(character):
        return "h"
    if character in "'’":
        return "a"
    if character in "-_" or character.isspace():
        return "s"
    # category M: many scripts write vowels as marks on their letters
    return "w" if character.isalnum() or unicodedata.category(character).startswith("M") else "m"


def _key(typed: str) -> str:
    return typed.casefold().replace("’", "'").removesuffix("'s")


def _split(texts: Iterable[str]) -> Iterator[Phrase]:
    """The phrases in the texts: what stands between their marks."""
    for text in texts:
        for inside, tokens in groupby(_tokens(text), key=lambda token: bool(token.key)):
            if inside:
                yield tuple(token.key for token in tokens)


def _plural(noun: str) -> str:
    """By the common rules of spelling; of "slice of pizza" that of "slice"."""
    head, of, rest = noun.partition(" of ")
    if head.endswith(("s", "x", "ch", "sh")):
        return f"{head}es{of}{rest}"
    if head.endswith("y") and head[-2:-1] not in tuple("aeiou"):
        return f"{head[:-1]}ies{of}{rest}"
    return f"{head}s{of}{rest}"


def _shuffled(looks: Sequence[Look], rng: random.Random, *, chinese: bool) -> list[Look | None]:
    """Those that have a name in that language, in any order; one None where none has any."""
    named = [look for look in looks if look.chinese or not chinese]
    return [*rng.sample(named, len(named))] or [None]


def _in_english(noun: Noun, colour: Look | None, style: Look | None) -> str:
    name = noun.words[0]
    is_one = name != noun.plural or not name.endswith("s")  # "a fish", but "glasses"
    thing = f"{colour.words[0]} {name}" if colour else name
    return ", ".join((_with_article(thing) if is_one else thing, *(style.words[:1] if style else ())))


def _with_article(thing: str) -> str:
    said = thing.casefold()
    vowel = said[0] in "aeiou" or _SILENT_H.match(said)
    return f"an {thing}" if vowel and not _SAID_AS_A_CONSONANT.match(said) else f"a {thing}"


def _in_chinese(noun: Noun, colour: Look | None, style: Look | None) -> str:
    name = noun.chinese[0]
    return "，".join((f"{colour.chinese[0]}的{name}" if colour else name, *(style.chinese[:1] if style else ())))


_SHOWING_NOTHING = """
a, an, the, this, that, these, those, some, any, each, every, all, both, no, not, without, with, and, or, but, of,
in, on, at, by, to, from, for, as, into, onto, over, under, above, below, behind, before, beside, besides, between,
near, next, around, against, inside, outside, across, through, up, down, off, out, left, right, top, bottom,
middle, center, centre, front, side, together, alone, very, really, quite, so, too, just, only, also, more, most,
much, many, few, little, lots, several, couple, pair, piece, slice, bunch, kind, it, its, he, she, they, we, you, i, me,
him, her, them, his, their, my, your, our, is, are, was, were, be, being, been, has, have, had, having, do, does,
can, will, there, here, where, when, while, who, which, what, like, please, draw, paint, make, create, show, break,
picture, pictures, image, drawing, style, styled, colored, coloured, color, colour, colors, colours, background,
zero, one, two, three, four, five, six, seven, eight, nine, ten, masterpiece, best, quality, good, great, high,
highly, ultra, super, extremely, detailed, detail, details, intricate, beautiful, pretty, lovely, gorgeous,
stunning, amazing, awesome, wonderful, nice, fine, perfect, cute, adorable, sharp, crisp, focus, professional,
award, winning, resolution, hd, uhd, hq, hdr, 4k, 8k, vivid, vibrant, colorful, colourful, trending, artstation,
aesthetic, elegant,
的、了、着、是、有、和、与、在、上、下、里、这、那、一、二、两、三、四、五、六、七、八、九、十、几、些、个、只、张、条、朵、辆、
座、颗、棵、匹、片、块、把、件、架、艘、幅、碗、双、群、大、小、小小、巨大、请、画、一幅画、图片、图像、背景、渐变、上面、下面、
旁边、左边、右边、高质量、精美、杰作、可爱、漂亮、美丽、好看
"""
"""Function words, counts and praise, parted by marks: in no prompt do they name a thing or a look."""
