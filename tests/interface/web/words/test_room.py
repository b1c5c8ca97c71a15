import pytest

from fooo.interface.i18n import read_languages
from fooo.interface.web.words import told_of_room

EN = read_languages()["en"]


@pytest.mark.parametrize(
    ("chunks", "told"),
    [
        ((), ""),
        ((59,), ""),
        ((60,), "room for about 15 more words"),
        ((75,), "full: more words begin a second part"),
        ((75, 3), "read in 2 parts (75 + 3 tokens)"),
    ],
)
def test_the_room_is_told_from_where_it_matters(chunks: tuple[int, ...], told: str) -> None:
    assert told_of_room(chunks, EN) == told
