"""How styles are chosen: from a wall over the page, by family or by a search."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from fooo.catalog import Catalog
from tests.browser.conftest import Show, until
from tests.detectors import CENTERFACE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

PLACES = """() => [...document.querySelectorAll("#stage .contact .shot")]
  .map((shot) => shot.getBoundingClientRect().toJSON())"""
"""Of all at once: one by one, they may be made anew between."""


def open_styles(page: Page) -> Locator:
    page.locator("#chips [data-at=styles]").click()
    sheet = page.locator("#styles")
    expect(sheet).to_be_visible()
    return sheet


def names(tiles: Locator) -> list[str]:
    return [tile.get_attribute("data-style") or "" for tile in tiles.all()]


def chips(page: Page) -> Locator:
    return page.locator("#chips .chosen")


def until_looks_are_there(page: Page) -> None:
    page.wait_for_function("document.querySelector('#styles .star') || !document.querySelector('#styles').open")
    page.locator("#styles .star").first.wait_for(state="attached")


def full_model(show: Show) -> None:
    """From now on another model draws than the pocket one; nothing has to be fetched for it."""
    catalog = show.program.catalog
    full = replace(catalog.models["pocket/base"], name="checkpoints/full", knows=None)
    show.folders.now = replace(catalog, models={**catalog.models, full.name: full}, detectors=(CENTERFACE,))


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


def test_the_pocket_model_shows_its_own_styles_and_the_search_finds_all(open_one: Open, catalog: Catalog) -> None:
    page = open_one()
    sheet = open_styles(page)
    own = [style.name for style in catalog.families()["pocket"]]
    assert names(sheet.locator(".tile:visible")) == ["Random Style", *own]
    search = sheet.locator("input")
    expect(search).to_be_focused()
    for typed, found in (("oil paint", "Oil Painting"), ("油画", "Oil Painting"), ("RANDOM", "Random Style")):
        search.fill(typed)
        assert found in names(sheet.locator(".tile:visible"))
    for style in (catalog.styles["Line Art"], catalog.styles["Watercolour"]):
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
    full_model(show)
    page = open_page()
    page.locator("#bar [data-do=drawer]").click()
    page.locator("#field-preset label", has_text="default").click()
    page.keyboard.press("Escape")
    sheet = open_styles(page)
    expect(sheet.locator("section[data-family=photo]")).to_be_visible()
    expect(sheet.locator("section[data-family=pocket]")).to_be_hidden()
    sheet.locator("nav [data-at=pixel_game]").click()
    expect(sheet.locator("section[data-family=pixel_game] h3")).to_be_in_viewport()


def test_the_wall_speaks_chinese(open_page: Open, catalog: Catalog) -> None:
    page = open_page(locale="zh-CN")
    sheet = open_styles(page)
    style = catalog.styles["Line Art"]
    tile = sheet.locator(f"[data-style='{style.name}']")
    expect(tile).to_have_text(f"{style.name_zh}{style.about.zh}")
    tile.click()
    page.keyboard.press("Escape")
    expect(chips(page)).to_have_text([f"{style.name_zh}×"])


def test_on_a_phone_the_sheet_fills_the_width_and_no_more(open_one: Open) -> None:
    page = open_one(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    sheet = open_styles(page)
    box = sheet.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    assert box["y"] + box["height"] == 640
    assert page.evaluate("document.querySelector('#styles .walls').scrollWidth") == 360


def test_a_style_is_chosen_by_its_look_in_two_clicks(open_page: Open) -> None:
    page = open_page()
    page.locator("#chips [data-at=styles]").click()
    picture = page.locator("#styles .tile[data-style='Line Art'] img")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('#styles [data-style=\"Line Art\"] img').naturalWidth > 0")
    picture.click()
    expect(chips(page)).to_have_text(["Line Art×"])


def test_pictures_fill_places_that_are_there_and_a_style_without_one_shows_its_name(open_one: Open) -> None:
    page = open_one()
    sheet = open_styles(page)
    until_looks_are_there(page)
    bare = sheet.locator(".tile[data-style='Line Art']")
    box = bare.bounding_box()
    page.evaluate(
        "document.querySelectorAll('#styles .tile img').forEach((image) => image.dispatchEvent(new Event('error')))"
    )
    expect(sheet.locator(".tile img")).to_have_count(0)
    assert bare.bounding_box() == box
    expect(bare.locator("b")).to_be_visible()


def test_favourites_stand_first_and_are_there_after_a_reload(open_page: Open, show: Show) -> None:
    page = open_page()
    sheet = open_styles(page)
    expect(sheet.locator(".favourites")).to_be_hidden()
    star = page.get_by_role("button", name="Favourite: Line Art")
    star.focus()
    page.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(sheet.locator(".favourites")).to_be_hidden()  # nothing moves under a finger
    page.reload()
    page.locator("#chips [data-at=styles]").click()
    until_looks_are_there(page)
    expect(sheet.locator(".favourites .tile")).to_have_attribute("data-style", "Line Art")
    expect(sheet.locator(".tile[data-style='Line Art']")).to_have_count(1)
    sheet.locator("input").fill("线稿")
    expect(sheet.locator(".favourites")).to_be_visible()
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    own = [style.name for style in show.program.catalog.families()["pocket"]]
    open_styles(page)
    assert names(sheet.locator(".tile:visible")) == ["Random Style", *own]


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("pace", [0.02], indirect=True)
def test_twelve_styles_are_tried_on_the_words_and_a_press_on_one_finishes_it(
    open_page: Open, show: Show, locale: str
) -> None:
    full_model(show)
    page = open_page(locale=locale)
    page.locator("#bar [data-do=drawer]").click()
    page.locator("#field-preset label", has_text="default").click()
    page.keyboard.press("Escape")
    page.locator("#field-prompt textarea").fill("a lighthouse")
    sheet = open_styles(page)
    sheet.locator("[data-do=try-styles]").click()
    expect(sheet).to_be_hidden()
    shots = page.locator("#stage .contact .shot")
    expect(shots).to_have_count(12)
    places = page.evaluate(PLACES)
    done = page.locator("#stage .contact button.shot")
    expect(done).to_have_count(12)
    assert page.evaluate(PLACES) == places
    (job,) = show.program.jobs()
    assert (job.plan.request.prompt, len({shot.seed for shot in job.plan.shots})) == ("a lighthouse", 1)
    styles = show.program.catalog.styles
    third = styles[job.plan.request.sheet[2]]
    title = third.name_zh if locale == "zh-CN" else third.name
    expect(done.nth(2)).to_have_text(title)
    done.nth(2).click()
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a lighthouse")
    whole = show.program.jobs()[-1].plan
    assert (whole.request.styles, whole.shots[0].seed) == ((third.name,), job.plan.shots[0].seed)
    assert whole.shots[0].texts == job.plan.shots[2].texts
    # the others are still there, each to be finished from its large view
    page.locator("#row a.open").first.click()
    page.locator("#viewer [data-do=finish]").click()
    expect(page.locator("#viewer")).to_be_hidden()
    page.wait_for_function("document.querySelector('#stage figure')")
    assert until(lambda: len(show.program.jobs()) == 3)


def test_on_a_phone_a_contact_sheet_is_as_wide_as_the_wall(open_page: Open, show: Show) -> None:
    page = open_page(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    page.locator("#field-prompt textarea").fill("a cat")
    open_styles(page).locator("[data-do=try-styles]").click()
    shots = page.locator("#stage .contact .shot")
    expect(shots).to_have_count(11)
    boxes = [box for shot in shots.all() if (box := shot.bounding_box())]
    assert len({box["y"] for box in boxes}) == 4, "three in a row"
    assert max(box["x"] + box["width"] for box in boxes) <= 360
    assert page.evaluate("document.documentElement.scrollWidth") == 360
