"""Reading a prompt: its subject, looks and traits, what it rules out, and which words must not be said again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fooo.plan.expansion.bank import Bank, read_bank
from fooo.plan.expansion.chinese import find_chinese_kind, find_chinese_place, split_denied, words_of_chinese
from fooo.plan.expansion.lexicon import Lexicon, read_lexicon
from fooo.plan.expansion.subject import find_kind
from fooo.plan.expansion.traits import Facet, Heard, Kind, Look, Traits, read_traits
from fooo.plan.expansion.words import MARK, is_han, length, plain, stems, tokens, word_set

DATA = Path(__file__).parent / "data"

_DENYING = word_set("no not without never zero don't isn't aren't doesn't")
_DENYING_PEOPLE = word_set("nobody uninhabited deserted unpeopled")
_DENIED_WORDS = 4
_ENDING_DENIAL = word_set("but with in on at under over while only just and")


@dataclass(frozen=True, eq=False, slots=True)
class Library:
    """All that is read from files: phrases, traits, nouns."""

    bank: Bank
    traits: Traits
    lexicon: Lexicon


@dataclass(frozen=True, slots=True)
class Wish:
    """What a prompt and the words around it say.

    Attributes:
        kind: Of the subject; None where no noun is known.
        looks: Those that the prompt names.
        looks_around: Those that the words around it name.
        facets: Those that the prompt itself speaks about.
        has: Mask of the traits that are said or implied.
        lacks: Mask of the traits that are ruled out by "no ..." or by the negative prompt.
        stems: Of every word, also of the ruled out.
        length: Of the prompt, in words.
    """

    kind: Kind | None
    looks: tuple[Look, ...]
    looks_around: tuple[Look, ...]
    facets: frozenset[Facet]
    has: int
    lacks: int
    stems: frozenset[str]
    length: int


@lru_cache(maxsize=1)
def read_library(folder: Path = DATA) -> Library:
    """The library that ships with the program, or another one of the same form; read once, for it never changes."""
    traits = read_traits(folder / "traits.json")
    lexicon = read_lexicon(english=folder / "nouns.json", chinese=folder / "nouns.zh.json")
    return Library(read_bank(folder / "phrases", traits), traits, lexicon)


def read_wish(prompt: str, library: Library, *, around: str = "", avoid: str = "") -> Wish:
    """What the words say.

    Args:
        prompt: What the person typed, in any dialect of prompts.
        library: What words mean.
        around: What styles and presets add to it.
        avoid: The negative prompt.
    """
    own, others, avoided = _read(prompt, library), _read(around, library), _read(avoid, library)
    ruled_out = own.denied.tags | others.denied.tags | avoided.heard.tags
    kind = _kind(own.said, library.lexicon)
    has = own.affirmed.tags | others.affirmed.tags
    return Wish(
        kind=kind,
        looks=own.affirmed.looks,
        looks_around=others.affirmed.looks,
        facets=own.affirmed.facets,
        has=has | _implied(kind, has | ruled_out, library.traits),
        lacks=ruled_out & ~has,
        stems=own.stems | others.stems | avoided.stems,
        length=length(own.tokens),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one text says.

    Attributes:
        tokens, heard, stems: Of all of it.
        said, affirmed: The tokens that say what is there, and what is heard in them.
        denied: What is heard in those that say what is not.
    """

    tokens: tuple[str, ...]
    heard: Heard
    stems: frozenset[str]
    said: tuple[str, ...]
    affirmed: Heard
    denied: Heard


@lru_cache(maxsize=512)
def _read(text: str, library: Library) -> _Reading:
    """Remembered: what stands around the prompts is the same for picture after picture."""
    found = tokens(plain(text))
    said, denied = _split(found)
    return _Reading(
        tokens=found,
        heard=_hear(found, library),
        stems=stems(found),
        said=said,
        affirmed=_hear(said, library),
        denied=_hear(denied, library),
    )


def _split(found: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tokens that say what is there, and those that say what is not."""
    said: list[str] = []
    denied: list[str] = []
    left = 0
    for token in found:
        if token in _DENYING:
            left = _DENIED_WORDS
        elif token == "free" and said:
            denied.append(said.pop())
        elif token in _DENYING_PEOPLE:
            denied.append("people")
        elif left and token != MARK and token not in _ENDING_DENIAL:
            denied.append(token)
            left -= 1
        else:
            left = 0
            there, not_there = split_denied(token) if is_han(token) else (token, "")
            said.extend(each for each in (there,) if each)
            denied.extend(each for each in (not_there,) if each)
    return tuple(said), tuple(denied)


def _hear(found: Sequence[str], library: Library) -> Heard:
    heard = library.traits.hear(found)
    return heard | library.traits.hear_chinese(_chinese_words(found, library))


def _chinese_words(found: Sequence[str], library: Library) -> Iterator[str]:
    """By longest match among traits and nouns, so that the 花 of 花园 is no flower."""
    for token in found:
        if is_han(token):
            yield from words_of_chinese(token, library.traits.said_in_chinese, library.lexicon.chinese)


def _kind(found: Sequence[str], lexicon: Lexicon) -> Kind | None:
    """The language that the prompt begins with first; places last; what can be seen before what cannot."""
    han = [token for token in found if is_han(token)]
    chinese = [find_chinese_kind(token, lexicon.chinese) for token in han]
    places = [find_chinese_place(token, lexicon.chinese) for token in han]
    english = find_kind([MARK if is_han(token) else token for token in found], lexicon)
    in_order = [*chinese, english, *places] if found and is_han(found[0]) else [english, *chinese, *places]
    known = [kind for kind in in_order if kind]
    return next((kind for kind in known if kind is not Kind.ABSTRACT), known[0] if known else None)


def _implied(kind: Kind | None, said: int, traits: Traits) -> int:
    bits = traits.implied.get(kind, ()) if kind else ()
    return sum(bit for bit in bits if not traits.against[bit] & said and not bit & said)
