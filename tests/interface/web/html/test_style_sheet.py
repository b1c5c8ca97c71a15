"""The sheet of styles as markup; what its script does with it is tested in a browser."""

import re

import pytest

from fooo.catalog import Catalog, Style
from fooo.catalog.about import About
from fooo.interface.i18n import Words, read_languages
from fooo.interface.web.html.style_sheet import sheet_html, style_title

EN, ZH = (read_languages()[code] for code in ("en", "zh"))
EVIL = "<script>alert(1)</script>\"'&"


def walls(html: str) -> dict[str, bool]:
    """Each family in order, and whether it is seen before anything is looked for."""
    return {
        family: "hidden" not in rest for family, rest in re.findall(r'<section data-family="([^"]*)"([^>]*)>', html)
    }


def tiles(html: str) -> list[str]:
    return re.findall(r'class="tile" data-do="style" data-style="([^"]+)"', html)


@pytest.mark.parametrize("pocket", [True, False])
def test_every_style_has_a_tile_and_the_random_one_comes_first(catalog: Catalog, pocket: bool) -> None:
    found = tiles(sheet_html(catalog.families(), pocket=pocket, words=EN))
    assert found[0] == "Random Style"
    assert sorted(found[1:]) == sorted(catalog.styles)


def test_what_suits_the_model_is_seen_and_the_rest_is_found(catalog: Catalog) -> None:
    of_pocket, of_others = (walls(sheet_html(catalog.families(), pocket=each, words=EN)) for each in (True, False))
    assert [family for family, seen in of_pocket.items() if seen] == ["pocket"]
    assert [family for family, seen in of_others.items() if not seen] == ["pocket"]
    assert list(of_pocket) == list(catalog.families())


def test_a_tile_is_named_and_told_in_the_pages_language_and_found_in_both(catalog: Catalog) -> None:
    style = catalog.styles["Line Art"]
    for words, name, about in ((EN, style.name, style.about.en), (ZH, style.name_zh, style.about.zh)):
        html = sheet_html({"pocket": (style,)}, pocket=True, words=words)
        assert f"<b>{name}</b><small>{about}</small>" in html
        (finds,) = re.findall(r'data-style="Line Art"[^>]* data-words="([^"]+)"', html)
        for told in (style.name.casefold(), style.name_zh, style.about.en.casefold(), style.about.zh):
            assert told in finds


@pytest.mark.parametrize("words", [EN, ZH])
def test_every_family_of_ours_has_a_name_and_a_jump(catalog: Catalog, words: Words) -> None:
    html = sheet_html(catalog.families(), pocket=False, words=words)
    titles = re.findall(r"<section data-family=[^>]*><h3>([^<]+)</h3>", html)
    assert len(set(titles)) == len(catalog.families())
    assert not any("_" in title or title == title.lower() != title.upper() for title in titles)
    assert re.findall(r'data-do="family" data-at="([^"]+)"', html) == [
        each for each in catalog.families() if each != "pocket"
    ]


def test_a_family_of_ones_own_is_called_as_it_is_and_none_becomes_markup() -> None:
    evil = Style(name=EVIL, name_zh=EVIL, family=EVIL, about=About(en=EVIL, zh=EVIL))
    html = sheet_html(
        {"My looks": (Style(name="Mine"),), EVIL: (evil,), "": (Style(name="Loose"),)}, pocket=False, words=ZH
    )
    assert "<h3>My looks</h3>" in html
    assert f"<h3>{ZH('family_other')}</h3>" in html
    assert "<script" not in html
    assert "<b>Mine</b><small></small>" in html


def test_a_style_is_called_by_its_name_where_it_has_no_other(catalog: Catalog) -> None:
    assert style_title("Line Art", catalog.styles, ZH) == catalog.styles["Line Art"].name_zh
    assert style_title("Line Art", catalog.styles, EN) == "Line Art"
    assert style_title("gone", catalog.styles, ZH) == "gone"
    assert style_title("random style", catalog.styles, ZH) == ZH("random_style")


def test_as_many_styles_are_offered_to_be_tried_as_suit_the_model_and_a_dozen_at_most(catalog: Catalog) -> None:
    families = catalog.families()
    of_pocket, of_others = (sheet_html(families, pocket=each, words=EN) for each in (True, False))
    assert EN("try_styles", count=len(families["pocket"])) in of_pocket
    assert EN("try_styles", count=12) in of_others
    one = sheet_html({"mine": (Style(name="Mine"),)}, pocket=False, words=EN)
    assert "try-styles" not in one, "of one there is nothing to compare"
