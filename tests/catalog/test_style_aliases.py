import json
from pathlib import Path

import pytest

from fooo.catalog import RANDOM_STYLE, Catalog, read_catalog
from fooo.catalog.styles import fold, from_fooocus, known_names, read_aliases
from fooo.errors import UnknownName
from fooo.request import Expansion


def test_every_alias_leads_to_a_style_that_ships_or_to_none(catalog: Catalog):
    assert {near for near in read_aliases().values() if near} <= set(catalog.styles)


def test_no_alias_is_a_name_of_ours_already(catalog: Catalog):
    own = {fold(name): name for name in catalog.styles}
    assert {name: near for name, near in read_aliases().items() if own.get(fold(name), near) != near} == {}
    assert len({fold(name) for name in read_aliases()}) == len(read_aliases())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("SAI Anime", "Anime"),
        ("sai-anime", "Anime"),
        ("mre-sumi-e-symbolic", "Ink Wash"),
        ("artstyle-art_deco", "Art Deco"),
        ("watercolor", "Watercolour"),
        ("ukiyo e", "Ukiyo-e"),
    ],
)
def test_a_request_may_use_the_names_that_people_know(catalog: Catalog, asked: str, found: str):
    assert catalog.style(asked).name == found


@pytest.mark.parametrize("asked", ["SAI Texture", "Fooocus V2", "Random Style", "Anme", ""])
def test_a_name_that_is_like_nothing_here_is_an_error_that_offers_the_nearest(catalog: Catalog, asked: str):
    with pytest.raises(UnknownName) as told:
        catalog.style(asked)
    assert (told.value.field, asked in told.value.problem) == ("styles", True)
    assert asked != "Anme" or "Anime" in told.value.hint


def test_a_style_of_ones_own_comes_before_the_alias(tmp_path: Path):
    styles = [{"name": "sai-anime", "prompt": "mine"}, {"name": "Anime"}]
    (tmp_path / "mine.json").write_text(json.dumps(styles), encoding="utf-8")
    found = read_catalog(styles=tmp_path, presets=tmp_path / "none", models=())
    assert found.style("SAI Anime").prompt == "mine"


def test_fooocuss_choice_becomes_styles_and_expansion_and_names_the_rest(catalog: Catalog):
    names = ["Fooocus V2", "SAI Cinematic", "Fooocus Cinematic", "Fooocus Sharp", "random style", "Line Art", "No-Such"]
    found = catalog.styles_of_fooocus(names)
    assert found.styles == ("Cinematic", RANDOM_STYLE, "Line Art")
    assert found.expansion is Expansion.GENTLE
    assert found.missing == ("Fooocus Sharp", "No-Such")
    assert catalog.styles_of_fooocus([]).expansion is Expansion.OFF


def test_an_alias_of_a_style_that_is_not_there_is_not_known():
    known = known_names(["Ink"], {"Old Ink": "ink", "Gone": "Missing", "Nothing": None, "INK": "Missing"})
    assert known == {"ink": "Ink", "old ink": "Ink"}
    assert from_fooocus(["gone", "old_ink"], known).missing == ("gone",)
