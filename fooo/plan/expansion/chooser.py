"""Expansion: fitting phrases for a short prompt, without a network, the same on every machine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fooo.plan.expansion.bank import Phrase
from fooo.plan.expansion.reading import Library, Wish, read_wish
from fooo.plan.expansion.traits import Facet, Look


class Strength(StrEnum):
    """How much is added: nothing; 2 to 4 phrases that change nothing said; 6 to 9 that may set a scene."""

    OFF = "off"
    GENTLE = "gentle"
    RICH = "rich"


Draw = Callable[[int], int]
"""An integer from 0 to below n, drawn from the shot's seed."""

_LONG, _FULL = 20, 40
"""Words. A prompt of `_LONG` needs little, one of `_FULL` nothing."""

_TRIES = 6
"""Phrases of a facet that are tried before it is left out for lack of room."""

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


def expand(
    prompt: str,
    library: Library,
    *,
    strength: Strength,
    draw: Draw,
    room: int,
    count: Callable[[str], int],
    looks: Sequence[Look] = (),
    around: str = "",
    avoid: str = "",
) -> tuple[str, ...]:
    """Phrases to put behind a prompt, parted from it and from each other by ", ".

    None contradicts the prompt or another one, none says again what is said, and together they fit the room. Gentle
    expansion adds one phrase a facet, none to a facet that the prompt speaks about, and nothing that would change what
    is asked for, such as night or black and white; nothing at all to 40 words and more.

    Args:
        prompt: What the person typed.
        library: Phrases and what words mean.
        strength: How much.
        draw: Everything random comes from it.
        room: Tokens that are left in the chunk that the person opened.
        count: Tokens of a text, without those of begin and end.
        looks: Of the styles. What the prompt names wins over them; without any, the words around it tell.
        around: The words of styles and presets.
        avoid: The negative prompt.
    """
    if strength is Strength.OFF:
        return ()
    wish = read_wish(prompt, library, around=around, avoid=avoid)
    gentle = strength is Strength.GENTLE
    if not wish.length or (gentle and wish.length >= _FULL):
        return ()
    phrases = fitting(wish, library, wish.looks or looks or wish.looks_around, gentle=gentle)
    most = _how_many(wish, draw, gentle=gentle)
    return _Chooser(library, wish, phrases, draw, room, count).choose(most, rounds=1 if gentle else 2)


def fitting(wish: Wish, library: Library, looks: Sequence[Look], *, gentle: bool) -> dict[Facet, list[Phrase]]:
    """The phrases that the wish allows, by facet; facets without any are left out."""
    traits = library.traits
    forbidden = traits.contradicting(wish.has) | wish.lacks
    needed = (traits.asked_for | (traits.bold if gentle else 0)) & ~wish.has
    closed = wish.facets if gentle else frozenset[Facet]()
    fitting = {
        facet: [
            phrase
            for phrase in phrases
            if not phrase.tags & (forbidden | needed)
            and phrase.suits(looks, wish.kind)
            and phrase.stems.isdisjoint(wish.stems)
            and _is_same_medium(phrase, wish.has & traits.media)
        ]
        for facet, phrases in library.bank.items()
        if facet not in closed
    }
    return {facet: phrases for facet, phrases in fitting.items() if phrases}


def _is_same_medium(phrase: Phrase, media: int) -> bool:
    """Whether it names no other medium than the wish does; `media` are the wish's."""
    return phrase.facet is not Facet.MEDIUM or not media or bool(phrase.tags & media)


def _how_many(wish: Wish, draw: Draw, *, gentle: bool) -> int:
    if not gentle:
        return 6 + draw(4)
    return min(2 + draw(3), 2 if wish.length >= _LONG else 4)


@dataclass(frozen=True, slots=True)
class _Chooser:
    """Draws phrases that agree with each other."""

    library: Library
    wish: Wish
    phrases: Mapping[Facet, list[Phrase]]
    draw: Draw
    room: int
    count: Callable[[str], int]

    def choose(self, most: int, *, rounds: int) -> tuple[str, ...]:
        """Up to `most` phrases, at most one a facet in each round and one medium, ordered by facet."""
        chosen: list[Phrase] = []
        for facet in [facet for _ in range(rounds) for facet in self._shuffled()]:
            if len(chosen) == most:
                break
            if facet is Facet.MEDIUM and any(each.facet is facet for each in chosen):
                continue
            if phrase := self._pick(facet, chosen):
                chosen.append(phrase)
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

    def _pick(self, facet: Facet, chosen: Sequence[Phrase]) -> Phrase | None:
        against = self.library.traits.contradicting(_union(chosen))
        said = frozenset[str]().union(*(each.stems for each in chosen))
        left = [each for each in self.phrases[facet] if not each.tags & against and each.stems.isdisjoint(said)]
        for _ in range(min(_TRIES, len(left))):
            phrase = left.pop(self._weighted([self._weight(each) for each in left]))
            if self.count("".join(f", {each.text}" for each in (*chosen, phrase))) <= self.room:
                return phrase
        return None

    def _weight(self, phrase: Phrase) -> int:
        """What is made for just this picture comes first, what would change it most comes last."""
        traits = self.library.traits
        fits_well = (3 if phrase.subjects else 1) * (2 if phrase.looks else 1)
        was_asked_for = 2 if phrase.tags & traits.asked_for else 1
        is_modest = 1 if phrase.tags & traits.bold & ~self.wish.has else 4
        return fits_well * was_asked_for * is_modest

    def _weighted(self, weights: Sequence[int]) -> int:
        """A position, drawn by weight."""
        at = self.draw(sum(weights))
        for position, weight in enumerate(weights):
            at -= weight
            if at < 0:
                return position
        raise ValueError("the draw was not below its limit")


def _union(phrases: Iterable[Phrase]) -> int:
    tags = 0
    for phrase in phrases:
        tags |= phrase.tags
    return tags
