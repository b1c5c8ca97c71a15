"""How full the chunks of a prompt are, and what still fits behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fooo.catalog import Tokens
from fooo.plan.prompt.chunks import CHUNK, Mark
from fooo.plan.prompt.grammar import Nodes
from fooo.plan.prompt.sayings import Saying, cut, stretches

Sizes = tuple[int, ...]
"""Tokens in each chunk. A `BREAK` at the end has opened one that is still empty."""


@dataclass(frozen=True, eq=False, slots=True)
class Ruler:
    """Measures prompts in tokens.

    Args:
        tokens: Of the tower that reads them.
        lengths: How many tokens each embedding takes.
        steps: Of the picture, at least 1.
    """

    tokens: Tokens
    lengths: Mapping[str, int]
    steps: int
    _known: dict[Saying, Sizes] = field(default_factory=dict[Saying, Sizes], init=False)
    """What is said again and again is measured once: pictures share their negatives, steps their words."""

    def sizes(self, nodes: Nodes) -> list[Sizes]:
        """Of one prompt, at each of the steps."""
        found: list[Sizes] = []
        for stretch in stretches(nodes, self.steps):
            found += [self._sizes(stretch.saying)] * (stretch.until - len(found))
        return found

    def room(self, own: Nodes, whole: Sequence[Sizes]) -> int:
        """Tokens that fit behind a text at every step, in the last chunk that the person's own words have opened.

        Args:
            own: Their words alone.
            whole: The sizes of all that is said, at each of the steps.
        """
        # an only chunk is always theirs
        opened = self.sizes(own) if any(len(sizes) > 1 for sizes in set(whole)) else whole
        different = set(zip(opened, whole, strict=True))
        return min(CHUNK - sizes[-1] if len(sizes) == len(theirs) else 0 for theirs, sizes in different)

    def _sizes(self, saying: Saying) -> Sizes:
        if saying not in self._known:
            sizes = tuple(len(chunk.ids) for chunk in cut(saying, self.tokens, self.lengths))
            self._known[saying] = (*sizes, 0) if saying and saying[-1] is Mark.BREAK else sizes
        return self._known[saying]


def fullest(found: Iterable[Sizes]) -> Sizes:
    """Those of most chunks, and of these those of most tokens; where nothing is said, there is nothing to fill."""
    return max(dict.fromkeys(found), key=lambda sizes: (any(sizes), len(sizes), sum(sizes)))


def without_empty_end(sizes: Sizes) -> Sizes:
    """The sizes that a tower is given: a last chunk in which nothing stands is none."""
    return sizes[:-1] if len(sizes) > 1 and not sizes[-1] else sizes
