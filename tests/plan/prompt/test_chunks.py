"""How tokens are cut: expected layouts are counted by hand, by the webui's rule."""

from hypothesis import given
from hypothesis import strategies as st

from fooo.plan.prompt.chunks import CHUNK, Chunk, Mark, Weighed, chunk

COMMA, WORD = 1, 2


def lengths(*parts: Weighed | Mark) -> list[int]:
    return [len(each.ids) for each in chunk(parts, COMMA)]


def words(count: int, weight: float = 1.0) -> Weighed:
    return Weighed((WORD,) * count, weight)


def test_no_words_are_one_empty_chunk():
    assert chunk([], COMMA) == (Chunk(),)


def test_75_tokens_are_one_chunk_and_76_are_two():
    assert lengths(words(75)) == [75]
    assert lengths(words(76)) == [75, 1]


def test_what_stands_behind_the_last_comma_moves_on_when_it_is_fewer_than_20_tokens():
    assert lengths(words(55), Weighed((COMMA,)), words(30)) == [56, 30]
    assert lengths(words(54), Weighed((COMMA,)), words(30)) == [75, 10]


def test_a_comma_behind_a_full_chunk_begins_the_next():
    assert lengths(words(75), Weighed((COMMA,)), words(3)) == [75, 4]


def test_a_break_ends_the_chunk_and_two_leave_an_empty_one():
    assert lengths(words(3), Mark.BREAK, words(4)) == [3, 4]
    assert lengths(words(3), Mark.BREAK, Mark.BREAK, words(4)) == [3, 0, 4]
    assert lengths(Mark.BREAK, words(1)) == [0, 1]


def test_each_token_keeps_its_weight():
    (first,) = chunk([words(2, 1.1), words(1, 0.5)], COMMA)
    assert first.weights == (1.1, 1.1, 0.5)


@given(
    st.lists(
        st.one_of(st.just(Mark.BREAK), st.lists(st.integers(1, 4), max_size=120).map(lambda ids: Weighed(tuple(ids)))),
        max_size=6,
    )
)
def test_no_token_is_lost_or_moved_and_no_chunk_is_too_long(parts: list[Weighed | Mark]):
    chunks = chunk(parts, COMMA)
    assert [token for each in chunks for token in each.ids] == [
        token for part in parts if isinstance(part, Weighed) for token in part.ids
    ]
    assert all(len(each.ids) == len(each.weights) <= CHUNK for each in chunks)
