"""Expansion: fitting phrases for a short prompt, without a network, the same on every machine."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from fooo.plan.expansion.bank import Phrase
from fooo.plan.expansion.reading import Library, Wish, read_wish
from fooo.plan.expansion.traits import Facet, Kind, Look, Traits
from fooo.request import Expansion

Draw = Callable[[int], int]
"""An integer from 0 to below n, drawn from the shot's seed."""

Count = Callable[[str], int]
"""The tokens of a text, without those of begin and end."""

_LONG, _FULL = 20, 40
"""Words. A prompt of `_LONG` needs little, one of `_FULL` nothing."""

_TRIES = 6
"""Phrases of a facet that are drawn before it is left out for lack of room."""

_SHORTEST = 2
"""Tokens: a comma and a word."""

_WEIGHTS: Mapping[Facet, int] = {
    Facet.LIGHT: 6,
    Facet.COMPOSITION: 3,
    Facet.COLOUR: 3,
    Facet.LENS: 3,
    Facet.TEXTURE: 3,
    Facet.MEDIUM: 3,
    Facet.MOOD: 1,
    Facet.FINISH: 2,
}
"""How readily each facet is spoken about."""

_FAMILIES = (
    (Look.ANIME, ("anime", "manga", "comic")),
    (Look.THREE_D, ("3d", "craft")),
    (Look.PAINTING, ("paint",)),
    (Look.LINE, ("draw", "line", "ink")),
    (Look.PHOTO, ("photo", "film")),
)


def looks_of(families: Iterable[str]) -> tuple[Look, ...]:
    """The looks of the families of styles, each once; most families of mood, design or fantasy have none."""
    found = (
        next((look for look, words in _FAMILIES if any(word in family.casefold() for word in words)), None)
        for family in families
    )
    return tuple(dict.fromkeys(look for look in found if look))


class Expander:
    """Phrases to put behind one prompt, parted from it and from each other by ", ".

    None contradicts the prompt or another one, none says again what is said, and together they fit the room. Gentle
    expansion adds one phrase a facet, none to a facet that the prompt speaks about, and nothing that would change what
    is asked for, such as night or black and white; nothing at all to 40 words and more.

    Args:
        prompt: What the person typed.
        library: Phrases and what words mean.
        strength: How much; what a language model writes is not drawn here.
        looks: Of the styles. What the prompt names wins over them; without any, the words around it tell.
        around: The words of styles and presets.
        avoid: The negative prompt.
        parts: The prompts between `AND`, where there are several: each is expanded, so the phrases suit all.
    """

    def __init__(
        self,
        prompt: str,
        library: Library,
        *,
        strength: Expansion,
        looks: Sequence[Look] = (),
        around: str = "",
        avoid: str = "",
        parts: Sequence[str] = (),
    ) -> None:
        self._traits = library.traits
        self._gentle = strength is Expansion.GENTLE
        self._length = 0
        self._said: Set[str] = frozenset()
        self._phrases: Mapping[Facet, Phrases] = {}
        if strength not in {Expansion.GENTLE, Expansion.RICH}:
            return
        wish = read_wish(prompt, library, around=around, avoid=avoid)
        if len(parts) > 1 and len({read_wish(part, library).kind for part in parts}) > 1:
            wish = replace(wish, kind=None)
        self._length, self._said = wish.length, wish.stems
        if not wish.length or (self._gentle and wish.length >= _FULL):
            return
        self._phrases = fitting(wish, library, wish.looks or looks or wish.looks_around, gentle=self._gentle)

    def phrases(self, draw: Draw, *, room: int, count: Count) -> tuple[str, ...]:
        """Those for one picture.

        Args:
            draw: Everything random comes from it.
            room: Tokens that are left in the chunk that the person opened.
            count: Of the model that reads them.
        """
        if not self._phrases or room < _SHORTEST:
            return ()
        most = _how_many(self._length, draw, gentle=self._gentle)
        chooser = _Chooser(self._traits, self._phrases, self._said, draw, room, count)
        return chooser.choose(most, rounds=1 if self._gentle else 2)


@dataclass(frozen=True, eq=False, slots=True)
class Phrases:
    """The phrases of a facet. Args: weighed: Each with how readily it is drawn."""

    weighed: tuple[tuple[Phrase, int], ...]


@lru_cache(maxsize=1024)
def _lengths(phrases: Phrases, count: Count) -> tuple[int, ...]:
    """Tokens of each with a comma before it: remembered, for they are the same in picture after picture."""
    return tuple(count(f", {phrase.text}") for phrase, _ in phrases.weighed)


def fitting(wish: Wish, library: Library, looks: Sequence[Look], *, gentle: bool) -> dict[Facet, Phrases]:
    """The phrases whose traits suit the wish, by facet; facets without any that says something new are left out."""
    closed = wish.facets if gentle else frozenset[Facet]()
    suiting = _suiting(library, frozenset(looks), wish.kind, wish.has, wish.lacks, gentle)
    return {
        facet: phrases
        for facet, phrases in suiting.items()
        if facet not in closed and any(phrase.stems.isdisjoint(wish.stems) for phrase, _ in phrases.weighed)
    }


@lru_cache(maxsize=256)
def _suiting(
    library: Library, looks: frozenset[Look], kind: Kind | None, has: int, lacks: int, gentle: bool
) -> Mapping[Facet, Phrases]:
    """What the bank has for pictures of these traits: remembered, for many prompts differ in their words alone."""
    traits = library.traits
    needed = (traits.asked_for | (traits.bold if gentle else 0)) & ~has
    excluded = traits.contradicting(has) | lacks | needed
    found = {
        facet: tuple(
            (phrase, _weight(phrase, has, traits))
            for phrase in phrases
            if not phrase.tags & excluded and phrase.suits(looks, kind) and _is_same_medium(phrase, has & traits.media)
        )
        for facet, phrases in library.bank.items()
    }
    return {facet: Phrases(weighed) for facet, weighed in found.items() if weighed}


def _is_same_medium(phrase: Phrase, media: int) -> bool:
    """Whether it names no other medium than the wish does; `media` are the wish's."""
    return phrase.facet is not Facet.MEDIUM or not media or bool(phrase.tags & media)


def _weight(phrase: Phrase, has: int, traits: Traits) -> int:
    """How readily it is drawn: what is made for just this picture first, what would change it most last."""
    fits_well = (3 if phrase.subjects else 1) * (2 if phrase.looks else 1)
    was_asked_for = 2 if phrase.tags & traits.asked_for else 1
    is_modest = 1 if phrase.tags & traits.bold & ~has else 4
    return fits_well * was_asked_for * is_modest


def _how_many(length: int, draw: Draw, *, gentle: bool) -> int:
    if not gentle:
        return 6 + draw(4)
    return min(2 + draw(3), 2 if length >= _LONG else 4)


@dataclass(frozen=True, slots=True)
class _Chooser:
    """Draws phrases that agree with each other."""

    traits: Traits
    phrases: Mapping[Facet, Phrases]
    said: Set[str]
    """Stems that are not said again."""
    draw: Draw
    room: int
    count: Count

    def choose(self, most: int, *, rounds: int) -> tuple[str, ...]:
        """Up to `most` phrases, at most one a facet in each round and one medium, ordered by facet."""
        chosen: list[Phrase] = []
        said = set(self.said)
        against = 0
        room = self.room
        for facet in [facet for _ in range(rounds) for facet in self._shuffled()]:
            if len(chosen) == most or room < _SHORTEST:
                break
            if facet is Facet.MEDIUM and any(each.facet is facet for each in chosen):
                continue
            if phrase := self._pick(facet, against, said, room):
                chosen.append(phrase)
                said |= phrase.stems
                against |= self.traits.contradicting(phrase.tags)
                room -= self.count(f", {phrase.text}")
        order = list(Facet)
        return tuple(phrase.text for phrase in sorted(chosen, key=lambda each: order.index(each.facet)))

    def _shuffled(self) -> list[Facet]:
        """The facets, weighty ones mostly first."""
        left = [facet for facet in Facet if facet in self.phrases]
        order: list[Facet] = []
        while left:
            facet = left[_weighted([_WEIGHTS[each] for each in left], self.draw)]
            left.remove(facet)
            order.append(facet)
        return order

    def _pick(self, facet: Facet, against: int, said: Set[str], room: int) -> Phrase | None:
        """One that fits. Args: against: Mask of what it must not have. said: Stems that it must not have."""
        phrases = self.phrases[facet]
        lengths = _lengths(phrases, self.count)
        if min(lengths) > room:
            return None
        weights = [
            0 if phrase.tags & against or not phrase.stems.isdisjoint(said) else weight
            for phrase, weight in phrases.weighed
        ]
        for _ in range(_TRIES):
            if not any(weights):
                break
            drawn = _weighted(weights, self.draw)
            if lengths[drawn] <= room:
                return phrases.weighed[drawn][0]
            weights[drawn] = 0
        return None


def _weighted(weights: Sequence[int], draw: Draw) -> int:
    """A position, drawn by weight."""
    ends = list(accumulate(weights))
    return bisect_right(ends, draw(ends[-1]))
