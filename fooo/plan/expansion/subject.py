"""What an English prompt is a picture of: the kind of its first noun phrase's head."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fooo.plan.expansion.lexicon import Lexicon
from fooo.plan.expansion.traits import Kind
from fooo.plan.expansion.words import MARK, word_set

_PLACING = word_set(
    "in on at with by from under over near behind beside between among amid through into onto inside outside around "
    "against across above below beneath during along beyond for to like as wearing holding carrying during while "
    "featuring where when using of"
)
"""Words after which something stands that the picture is not mainly of."""

_PARTING = _PLACING | word_set(
    "a an the this that these those and or but is are was were be being been it its he she they his her their my your "
    "our who which there has have having not no some many several very who's looks stands sits walks runs"
)

_TRANSPARENT = word_set(
    "photo photograph photography picture image portrait painting drawing sketch illustration render rendering view "
    "scene shot closeup depiction poster wallpaper selfie snapshot study watercolor watercolour oil print engraving "
    "silhouette profile interior exterior bowl cup glass plate mug slice piece pair group bunch pack lot kind type "
    "variety basket jar tray pile stack heap handful number row set collection couple trio swarm hand hands eye eyes "
    "face head back front top side part detail lots dozens hundreds thousands photos paintings up still frame cover "
    "logo icon sticker emblem badge art bottle box can carton bar stick drop splash puff roll pot loaf family team "
    "army crowd herd flock"
)
"""Before "of", these leave the subject to what follows: a bowl of soup, a portrait of a fox."""

_MEDIUM = word_set(
    "masterpiece quality resolution detail details score rating absurdres concept "
    "oil photo photograph portrait painting illustration sketch drawing poster wallpaper art"
)
"""Nouns that name or praise the picture, not what is in it."""

_ABSTRACT = word_set("abstract abstraction pattern patterns fractal fractals mandala geometric")

_FACES = frozenset({"portrait", "headshot", "selfie"})

_COOKED = word_set("fried roast roasted grilled baked smoked steamed boiled braised barbecued bbq")

_DISHES = word_set("platter bowl bowls plate plates board basket tray dish dishes")


@dataclass(frozen=True, slots=True)
class _Run:
    """Words without a parting word in between. Args: main: It may name what the picture is of."""

    words: tuple[str, ...]
    main: bool


def find_kind(found: Sequence[str], lexicon: Lexicon) -> Kind | None:
    """What the tokens of a prompt are of; None where they have no noun that the lexicon knows.

    The first thing that can be seen and does not only tell a place or a possession ("in a forest, a girl with a lamp"
    is of the girl), or `ABSTRACT` where that is called a pattern or abstract; then the first that can be seen at all;
    then `ABSTRACT`, where there was a noun.
    """
    others: list[Kind] = []
    for run in _runs(found):
        kind = _head(run.words, lexicon)
        if run.main and (kind not in {None, Kind.ABSTRACT} or _ABSTRACT.intersection(run.words)):
            return Kind.ABSTRACT if _ABSTRACT.intersection(run.words) else kind
        others.extend([kind] if kind else [])
    if _FACES.intersection(found):
        return Kind.PERSON
    return next((kind for kind in others if kind is not Kind.ABSTRACT), others[0] if others else None)


def _runs(found: Sequence[str]) -> Iterator[_Run]:
    words: list[str] = []
    main = True
    for token in (*found, MARK):
        if token != MARK and token not in _PARTING:
            words.append(token)
            continue
        shows_what_follows = token == "of" and bool(words) and words[-1] in _TRANSPARENT
        if words:
            yield _Run(tuple(words), main and not shows_what_follows)
        main = main if shows_what_follows else _opens_main(token, before=main)
        words = []


def _opens_main(token: str, *, before: bool) -> bool:
    """Whether what follows a mark or a parting word may be the main thing."""
    return token == MARK or (before and token not in _PLACING)


def _head(words: Sequence[str], lexicon: Lexicon) -> Kind | None:
    """The kind of the last noun before the words go on to something else, as a verb: "a dog running"."""
    found: Kind | None = None
    at = 0
    while at < len(words):
        kind, width = lexicon.at(words, at) if words[at] not in _MEDIUM else (None, 1)
        seen = kind not in {None, Kind.ABSTRACT}
        if found not in {None, Kind.ABSTRACT} and not seen:
            break
        if not (found is Kind.FOOD and words[at] in _DISHES):
            found = kind or found
        at += width
    return Kind.FOOD if found is Kind.ANIMAL and _COOKED.intersection(words) else found
