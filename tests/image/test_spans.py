from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fooo.image.spans import spans


@given(st.integers(1, 1000), st.integers(2, 128), st.data())
def test_spans_cover_everything_evenly_and_overlap_enough(length: int, most: int, data: st.DataObject):
    overlap = data.draw(st.integers(0, most - 1))
    found = list(spans(length, most, overlap))
    assert (found[0].start, found[-1].stop) == (0, length)
    assert len({span.stop - span.start for span in found}) == 1
    assert all(span.stop - span.start <= most for span in found)
    assert all(one.stop - following.start >= overlap for one, following in pairwise(found))


@given(st.integers(1, 1000), st.integers(2, 128), st.data())
def test_spans_around_overlap_enough_at_the_end_too(length: int, most: int, data: st.DataObject):
    overlap = data.draw(st.integers(0, most - 1))
    first, *others = found = list(spans(length, most, overlap, around=True))
    if not others:
        assert (first.start, first.stop) == (0, length)
        return
    again = slice(first.start + length, first.stop + length)
    assert len({span.stop - span.start for span in found}) == 1
    assert all(span.stop - span.start <= most for span in found)
    assert all(one.stop - following.start >= overlap for one, following in pairwise([*found, again]))
    assert all(0 <= span.start < length for span in found)
