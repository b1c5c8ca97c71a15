"""Which network enlarges, by the styles of a request."""

import pytest

from fooo.catalog import Catalog
from fooo.catalog.known_models import known_file
from fooo.plan.finish.upscalers import FOR_DRAWINGS, FOR_PHOTOGRAPHS, QUICK, UNLIKE_THEIR_FAMILY, upscaler_for


@pytest.mark.parametrize(
    ("names", "upscaler"),
    [
        ([], FOR_PHOTOGRAPHS),
        (["Street Photo"], FOR_PHOTOGRAPHS),
        (["Oil Painting", "Candlelight"], FOR_PHOTOGRAPHS),
        (["Anime"], FOR_DRAWINGS),
        (["Pen and Ink"], FOR_DRAWINGS),
        (["Logo"], FOR_DRAWINGS),
        (["8-bit"], FOR_DRAWINGS),
        (["Cinematic", "Anime"], FOR_DRAWINGS),
        (["Flat Vector"], FOR_DRAWINGS),
        (["3D Render"], FOR_PHOTOGRAPHS),
        (["Ukiyo-e"], FOR_DRAWINGS),
        (["Concept Art"], FOR_PHOTOGRAPHS),
    ],
)
def test_lines_and_even_areas_have_their_own_network(catalog: Catalog, names: list[str], upscaler: str):
    assert upscaler_for(catalog.styles[name] for name in names) == upscaler


def test_the_quick_one_is_quick_for_every_style(catalog: Catalog):
    assert upscaler_for([catalog.styles["Anime"]], quick=True) == QUICK


def test_each_of_them_is_a_published_file():
    for name in (FOR_PHOTOGRAPHS, FOR_DRAWINGS, QUICK):
        known = known_file(name)
        assert known is not None
        assert known.folder == "upscalers"


def test_every_exception_is_a_style_that_there_is(catalog: Catalog):
    assert {name for names in UNLIKE_THEIR_FAMILY.values() for name in names} <= set(catalog.styles)
