from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.catalog.aspect_ratios import TRAINED, trained_sizes
from fooo.errors import RequestError
from fooo.plan.sizes import choose_sizes, fits, nearest, read_size
from fooo.request import Size

SDXL, POCKET = Size(width=1024, height=1024), Size(width=128, height=128)


def size(text: str) -> Size:
    width, height = text.split("x")
    return Size(width=int(width), height=int(height))


@pytest.mark.parametrize(
    ("words", "drawn", "wanted"),
    [
        ("square", "1024x1024", "1024x1024"),
        ("portrait 3:4", "896x1152", "896x1152"),
        ("portrait", "896x1152", "896x1152"),
        ("photo 3:2", "1216x832", "1216x832"),
        ("photo 2:3", "832x1216", "832x1216"),
        ("story 9:16", "768x1344", "768x1344"),
        ("wide 16:9", "1344x768", "1344x768"),
        ("16:9", "1344x768", "1344x768"),
        ("cinema 21:9", "1536x640", "1536x640"),
        ("宽屏", "1344x768", "1344x768"),
        ("竖版 3：4", "896x1152", "896x1152"),
        ("1920x1080", "1344x768", "1920x1080"),
        ("1080 × 1920", "768x1344", "1080x1920"),
        ("512*512", "1024x1024", "512x512"),
        ("1152x896", "1152x896", "1152x896"),
        ("1200x896", "1200x896", "1200x896"),
        ("1366x768", "1344x768", "1366x768"),
        ("4096x4096", "1024x1024", "4096x4096"),
    ],
)
def test_words_choose_what_sdxl_draws_and_what_the_person_gets(words: str, drawn: str, wanted: str):
    sizes = choose_sizes(words, SDXL)
    assert (str(sizes.drawn), str(sizes.wanted)) == (drawn, wanted)


@pytest.mark.parametrize(
    ("words", "drawn", "wanted"),
    [
        ("wide 16:9", "168x96", "168x96"),
        ("portrait", "112x144", "112x144"),
        ("160x160", "160x160", "160x160"),
        ("1920x1080", "168x96", "1920x1080"),
    ],
)
def test_the_pocket_model_draws_the_same_shapes_at_its_own_scale(words: str, drawn: str, wanted: str):
    sizes = choose_sizes(words, POCKET)
    assert (str(sizes.drawn), str(sizes.wanted)) == (drawn, wanted)


def test_no_wish_is_the_models_own_size():
    assert choose_sizes(None, SDXL).drawn == choose_sizes(None, SDXL).wanted == SDXL


@pytest.mark.parametrize(
    "words", ["huge", "0:3", "3:0", "12x12", "99999x1", "5000x5000", "wide-ish 16:9", "", "x", "1:2:3"]
)
def test_words_that_name_no_size_are_refused_with_those_that_do(words: str):
    with pytest.raises(RequestError) as refusal:
        read_size(words, SDXL)
    assert refusal.value.field == "size"


@pytest.mark.parametrize("trained", TRAINED)
def test_each_of_the_26_training_sizes_is_drawn_as_it_is(trained: tuple[int, int]):
    wish = Size(width=trained[0], height=trained[1])
    assert choose_sizes(wish, SDXL).drawn == wish


@given(st.integers(64, 4096), st.integers(64, 4096), st.sampled_from([SDXL, POCKET]))
def test_what_is_drawn_can_always_be_drawn_well_and_no_training_shape_is_nearer(width: int, height: int, native: Size):
    sizes = choose_sizes(Size(width=width, height=height), native)
    assert fits(sizes.drawn, native)
    assert sizes.wanted == Size(width=width, height=height)
    if sizes.drawn != sizes.wanted:
        assert sizes.drawn == nearest(Fraction(width, height), native)
        assert sizes.drawn in trained_sizes(native)
