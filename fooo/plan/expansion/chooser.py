"""Expansion: fitting phrases for a short prompt, without a network, the same on every machine."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from fooo.plan.expansion.bank import Bank, Phrase
from fooo.plan.expansion.reading import Library, Wish, read_wish
from fooo.plan.expansion.traits import Facet, Kind, Look, Traits
from fooo.request import Expansion

Draw = Callable[[int], int]
"""An integer from 0 to below n, drawn from the shot's seed."""

_LONG, _FULL = 20, 40
"""Words. A prompt of `_LONG` needs little, one of `_FULL` nothing."""

_TRIES = 6
"""Phrases of a facet that are tried before it is left out for lack of room."""

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
    ) -> None:
        self._traits = library.traits
        self._gentle = strength is Expansion.GENTLE
        self._length = 0
        self._phrases: dict[Facet, list[tuple[Phrase, int]]] = {}
        if strength not in {Expansion.GENTLE, Expansion.RICH}:
            return
        wish = read_wish(prompt, library, around=around, avoid=avoid)
        self._length = wish.length
        if not wish.length or (self._gentle and wish.length >= _FULL):
            return
        looks = wish.looks or looks or wish.looks_around
        # weighed once, not for each picture
        self._phrases = {
            facet: [(each, _weight(each, wish, library.traits)) for each in found]
            for facet, found in fitting(wish, library, looks, gentle=self._gentle).items()
        }

    def phrases(self, draw: Draw, *, room: int, count: Callable[[str], int]) -> tuple[str, ...]:
        """Those for one picture.

        Args:
            draw: Everything random comes from it.
            room: Tokens that are left in the chunk that the person opened.
            count: Tokens of a text, without those of begin and end.
        """
        if not self._phrases:
            return ()
        most = _how_many(self._length, draw, gentle=self._gentle)
        chooser = _Chooser(self._traits, self._phrases, draw, room, count)
        return chooser.choose(most, rounds=1 if self._gentle else 2)


def fitting(wish: Wish, library: Library, looks: Sequence[Look], *, gentle: bool) -> dict[Facet, list[Phrase]]:
    """The phrases that the wish allows, by facet; facets without any are left out."""
    traits = library.traits
    needed = (traits.asked_for | (traits.bold if gentle else 0)) & ~wish.has
    excluded = traits.contradicting(wish.has) | wish.lacks | needed
    closed = wish.facets if gentle else frozenset[Facet]()
    fitting = {
        facet: [
            phrase
            for phrase in phrases
            if not phrase.tags & excluded
            and phrase.stems.isdisjoint(wish.stems)
            and _is_same_medium(phrase, wish.has & traits.media)
        ]
        for facet, phrases in _suiting(library, frozenset(looks), wish.kind).items()
        if facet not in closed
    }
    return {facet: phrases for facet, phrases in fitting.items() if phrases}


@lru_cache(maxsize=64)
def _suiting(library: Library, looks: frozenset[Look], kind: Kind | None) -> Bank:
    """What the bank has for that look and that kind of subject: remembered, for prompts differ in little else."""
    return {
        facet: tuple(phrase for phrase in phrases if phrase.suits(looks, kind))
        for facet, phrases in library.bank.items()
    }


def _is_same_medium(phrase: Phrase, media: int) -> bool:
    """Whether it names no other medium than the wish does; `media` are the wish's."""
    return phrase.facet is not Facet.MEDIUM or not media or bool(phrase.tags & media)


def _weight(phrase: Phrase, wish: Wish, traits: Traits) -> int:
    """How readily it is drawn: what is made for just this picture first, what would change it most last."""
    fits_well = (3 if phrase.subjects else 1) * (2 if phrase.looks else 1)
    was_asked_for = 2 if phrase.tags & traits.asked_for else 1
    is_modest = 1 if phrase.tags & traits.bold & ~wish.has else 4
    return fits_well * was_asked_for * is_modest


def _how_many(length: int, draw: Draw, *, gentle: bool) -> int:
    if not gentle:
        return 6 + draw(4)
    return min(2 + draw(3), 2 if length >= _LONG else 4)


@dataclass(frozen=True, slots=True)
class _Chooser:
    """Draws phrases that agree with each other."""

    traits: Traits
    phrases: Mapping[Facet, Sequence[tuple[Phrase, int]]]
    """Each with its weight."""
    draw: Draw
    room: int
    count: Callable[[str], int]

    def choose(self, most: int, *, rounds: int) -> tuple[str, ...]:
        """Up to `most` phrases, at most one a facet in each round and one medium, ordered by facet."""
        chosen: list[Phrase] = []
        room = self.room
        for facet in [facet for _ in range(rounds) for facet in self._shuffled()]:
            if len(chosen) == most or room < _SHORTEST:
                break
            if facet is Facet.MEDIUM and any(each.facet is facet for each in chosen):
                continue
            if phrase := self._pick(facet, chosen, room):
                chosen.append(phrase)
                room -= self.count(f", {phrase.text}")
        order = list(Facet)
        return tuple(phrase.text for phrase in sorted(chosen, key=lambda each: order.index(each.facet)))

    def _shuffled(self) -> list[Facet]:
        """The facets, weighty ones mostly first."""
        left = [facet for facet in Facet if facet in self.phrases]
        order: list[Facet] = []
        while left:
            facet = left[self._weighted([_WEIGHTS[each] for each in left])]
            left.remove(facet)
            order.append(facet)
        return order

    def _pick(self, facet: Facet, chosen: Sequence[Phrase], room: int) -> Phrase | None:
        against = self.traits.contradicting(_union(chosen))
        said = frozenset[str]().union(*(each.stems for each in chosen))
        left = [pair for pair in self.phrases[facet] if not pair[0].tags & against and pair[0].stems.isdisjoint(said)]
        for _ in range(min(_TRIES, len(left))):
            phrase, _ = left.pop(self._weighted([weight for _, weight in left]))
            if self.count(f", {phrase.text}") <= room:
                return phrase
        return None

    def _weighted(self, weights: Sequence[int]) -> int:
        """A position, drawn by weight."""
        ends = list(accumulate(weights))
        return bisect_right(ends, self.draw(ends[-1]))


def _union(phrases: Iterable[Phrase]) -> int:
    tags = 0
    for phrase in phrases:
        tags |= phrase.tags
    return tags
