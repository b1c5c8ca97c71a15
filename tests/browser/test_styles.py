"""How styles are chosen: from a wall over the page, by family or by a search."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Show

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def open_styles(page: Page) -> Locator:
    page.locator("#chips [data-at=styles]").click()
    sheet = page.locator("#styles")
    expect(sheet).to_be_visible()
    return sheet


def names(tiles: Locator) -> list[str]:
    return [tile.get_attribute("data-style") or "" for tile in tiles.all()]


def chips(page: Page) -> Locator:
    return page.locator("#chips .chosen")


def test_styles_are_chosen_in_order_named_under_the_box_and_drawn_in_that_order(open_page: Open, show: Show) -> None:
    page = open_page()
    sheet = open_styles(page)
    for name in ("Sticker", "Line Art", "Cartoon"):
        sheet.locator(f".tile[data-style='{name}']").click()
    sheet.locator(".tile[data-style='Cartoon']").click()
    expect(sheet.locator("[aria-pressed=true]")).to_have_count(2)
    assert sheet.locator("[data-style=Sticker]").get_attribute("data-place") == "1"
    sheet.locator("[data-do=close]").click()
    expect(sheet).to_be_hidden()
    expect(chips(page)).to_have_text(["Sticker×", "Line Art×"])
    page.locator("#field-prompt textarea").fill("a swan")
    page.locator("#generate").click()
    expect(page.locator("#stop")).to_be_visible()
    assert show.program.jobs()[-1].plan.request.styles == ("Sticker", "Line Art")


def test_a_chip_takes_its_style_away(open_page: Open) -> None:
    page = open_page()
    sheet = open_styles(page)
    for name in ("Sticker", "Line Art"):
        sheet.locator(f"[data-style='{name}']").click()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Remove Sticker").click()
    expect(chips(page)).to_have_text(["Line Art×"])
    open_styles(page)
    expect(sheet.locator("[aria-pressed=true]")).to_have_count(1)


def test_after_a_reload_the_wall_and_the_switch_show_what_was_asked_last(open_page: Open) -> None:
    page = open_page()
    sheet = open_styles(page)
    sheet.locator("[data-style=Sticker]").click()
    page.keyboard.press("Escape")
    switch = page.get_by_role("switch")
    switch.click()
    expect(switch).to_be_checked()
    page.locator("#generate").click()
    expect(page.locator("#stop")).to_be_visible()
    page.reload()
    expect(chips(page)).to_have_text(["Sticker×"])
    expect(switch).to_be_checked()
    open_styles(page)
    expect(sheet.locator("[aria-pressed=true] b")).to_have_text(["Sticker"])
    page.keyboard.press("Escape")
    switch.click()
    expect(switch).not_to_be_checked()


def test_the_pocket_model_shows_its_own_styles_and_the_search_finds_all(open_page: Open, show: Show) -> None:
    page = open_page()
    sheet = open_styles(page)
    own = [style.name for style in show.program.catalog.families()["pocket"]]
    assert names(sheet.locator(".tile:visible")) == ["Random Style", *own]
    search = sheet.locator("input")
    expect(search).to_be_focused()
    for typed, found in (("oil paint", "Oil Painting"), ("油画", "Oil Painting"), ("RANDOM", "Random Style")):
        search.fill(typed)
        assert found in names(sheet.locator(".tile:visible"))
    for style in (show.program.catalog.styles["Line Art"], show.program.catalog.styles["Watercolour"]):
        for sentence in (style.about.en, style.about.zh):
            search.fill(sentence)
            assert names(sheet.locator(".tile:visible")) == [style.name]
    search.fill("zyxomma")
    expect(sheet.locator(".none")).to_be_visible()
    search.fill("")
    assert names(sheet.locator(".tile:visible")) == ["Random Style", *own]


def test_enter_takes_the_style_of_that_name_and_escape_stops_no_job(open_page: Open, show: Show) -> None:
    page = open_page()
    page.locator("#field-prompt textarea").fill("a boat")
    page.locator("#generate").click()
    expect(page.locator("#stop")).to_be_visible()
    sheet = open_styles(page)
    sheet.locator("input").fill("line art")
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_text(["Line Art×"])
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a boat")
    assert len(show.program.jobs()[-1].pictures) == 1


def test_a_full_model_shows_the_other_families_each_a_jump_away(open_page: Open, show: Show) -> None:
    catalog = show.program.catalog
    full = replace(catalog.models["pocket/base"], name="checkpoints/full", knows=None)
    show.folders.now = replace(catalog, models={**catalog.models, full.name: full})
    page = open_page()
    page.locator("#bar [data-do=drawer]").click()
    page.locator("#field-preset label", has_text="default").click()
    page.keyboard.press("Escape")
    sheet = open_styles(page)
    expect(sheet.locator("section[data-family=photo]")).to_be_visible()
    expect(sheet.locator("section[data-family=pocket]")).to_be_hidden()
    sheet.locator("nav [data-at=pixel_game]").click()
    expect(sheet.locator("section[data-family=pixel_game] h3")).to_be_in_viewport()


def test_the_wall_speaks_chinese(open_page: Open, show: Show) -> None:
    page = open_page(locale="zh-CN")
    sheet = open_styles(page)
    style = show.program.catalog.styles["Line Art"]
    tile = sheet.locator(f"[data-style='{style.name}']")
    expect(tile).to_have_text(f"{style.name_zh}{style.about.zh}")
    tile.click()
    page.keyboard.press("Escape")
    expect(chips(page)).to_have_text([f"{style.name_zh}×"])


def test_on_a_phone_the_sheet_fills_the_width_and_no_more(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    sheet = open_styles(page)
    box = sheet.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    assert box["y"] + box["height"] == 640
    assert page.evaluate("document.querySelector('#styles .walls').scrollWidth") == 360
