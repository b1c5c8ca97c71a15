"""The shipped library, dice that fall the same everywhere, and a count of tokens that is easy to check by hand."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from fooo.plan.expansion import Draw, Expander, Kind, Library, Look, read_library, read_wish
from fooo.request import Expansion

MUCH_ROOM = 70


@pytest.fixture(scope="session")
def library() -> Library:
    return read_library()


@pytest.fixture(scope="session")
def dice() -> Callable[[int], Draw]:
    """Dice by seed: the nth throw is a number of the SHA-256 of seed and n."""

    def dice(seed: int) -> Draw:
        throws = 0

        def draw(below: int) -> int:
            nonlocal throws
            throws += 1
            return int.from_bytes(sha256(f"{seed}|expansion|{throws}".encode()).digest()) % below

        return draw

    return dice


@pytest.fixture(scope="session")
def count() -> Callable[[str], int]:
    """Words and commas."""
    return lambda text: len(text.replace(",", " , ").split())


@pytest.fixture(scope="session")
def expanded(
    library: Library, dice: Callable[[int], Draw], count: Callable[[str], int]
) -> Callable[..., tuple[str, ...]]:
    """The phrases for a prompt, a seed and a strength; with much room unless told."""

    def expanded(
        prompt: str, seed: int = 1, strength: Expansion = Expansion.GENTLE, room: int = MUCH_ROOM, **more: object
    ) -> tuple[str, ...]:
        looks = tuple(Look(each) for each in str(more.get("looks", "")).split())
        around, avoid = str(more.get("around", "")), str(more.get("avoid", ""))
        expander = Expander(prompt, library, strength=strength, looks=looks, around=around, avoid=avoid)
        return expander.phrases(dice(seed), room=room, count=count)

    return expanded


@pytest.fixture(scope="session")
def kind_of(library: Library) -> Callable[[str], Kind | None]:
    return lambda prompt: read_wish(prompt, library).kind
