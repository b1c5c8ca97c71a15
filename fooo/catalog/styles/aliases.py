"""Other programs' names of styles: Fooocus's and the webui's, each with the nearest of ours."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fooo.catalog.styles.style import RANDOM_STYLE, fold, is_random
from fooo.request import Expansion

_TABLE = Path(__file__).parent.parent / "data" / "style_aliases.json"

_EXPANDS = fold("Fooocus V2")
"""The name by which Fooocus switches its prompt expansion on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FooocusStyles:
    """What a choice of styles in Fooocus comes to here.

    Attributes:
        styles: Our names, in order, each once.
        expansion: Gentle where Fooocus would have expanded the prompt, else off.
        missing: Names that nothing here comes near.
    """

    styles: tuple[str, ...]
    expansion: Expansion
    missing: tuple[str, ...]


def read_aliases() -> dict[str, str | None]:
    """The name of our nearest style by other programs' names; None where there is none."""
    return cast(dict[str, str | None], json.loads(_TABLE.read_text(encoding="utf-8")))


def known_names(styles: Iterable[str], aliases: Mapping[str, str | None]) -> dict[str, str]:
    """The name of the style by every name that it is known by, folded; a style's own name comes before an alias."""
    own = {fold(name): name for name in styles}
    nearest = {fold(name): own[fold(near)] for name, near in aliases.items() if near and fold(near) in own}
    return nearest | own


def from_fooocus(names: Iterable[str], known: Mapping[str, str]) -> FooocusStyles:
    """Translate a choice of Fooocus's styles; `known` as from `known_names`."""
    found: list[str] = []
    missing: list[str] = []
    expansion = Expansion.OFF
    for name in names:
        if fold(name) == _EXPANDS:
            expansion = Expansion.GENTLE
        elif is_random(name):
            found.append(RANDOM_STYLE)
        elif fold(name) in known:
            found.append(known[fold(name)])
        else:
            missing.append(name)
    return FooocusStyles(styles=tuple(dict.fromkeys(found)), expansion=expansion, missing=tuple(missing))
