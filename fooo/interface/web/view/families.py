"""Pictures of one family stand together."""

from collections.abc import Callable, Sequence

from fooo.interface.web.view.view import Finished


def beside_parents(finished: Sequence[Finished], content_of: Callable[[Finished], str]) -> tuple[Finished, ...]:
    """The pictures with each family together, where its newest is.

    Args:
        finished: Newest first.
        content_of: The SHA-256 of its file.
    """
    if not any(one.parent for one in finished):
        return tuple(finished)
    family_of: dict[str, int] = {}
    families: dict[int, list[Finished]] = {}
    for number, one in enumerate(reversed(finished)):
        # a parent is older than what was made from it
        family = family_of.get(one.parent, number) if one.parent else number
        family_of[content_of(one)] = family
        families.setdefault(family, []).insert(0, one)
    return tuple(one for family in sorted(families.values(), key=_newest(finished)) for one in family)


def _newest(finished: Sequence[Finished]) -> Callable[[Sequence[Finished]], int]:
    """The place of a family among the pictures."""
    places = {(one.job, one.number): place for place, one in enumerate(finished)}
    return lambda family: places[family[0].job, family[0].number]
