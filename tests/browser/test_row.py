"""What is done with an earlier picture, in the row where it stands: by one click, and by the keyboard."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fooo.request import Keep, Vary
from tests.browser.conftest import Show, ask, until

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

ACTS = "#row .acts"
COUNT_CLICKS = "window.clicks = 0; addEventListener('click', (event) => { clicks += event.isTrusted; }, true)"
COUNT_SHIFTS = (
    "window.moved = 0; new PerformanceObserver((list) => {"
    "for (const each of list.getEntries()) window.moved += each.value; }).observe({ type: 'layout-shift' })"
)


def two_drawn(page: Page) -> None:
    ask(page, "a pair", count=2)
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#stop")).to_be_hidden()
    expect(page.locator("#row a.open")).to_have_count(1)


def asked_for(page: Page, how: str) -> list[str]:
    """The requests to the server that name the act, as they are made from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if how in (request.post_data or "") else None)
    return asked


def test_an_earlier_picture_is_upscaled_by_one_click_and_one_request(open_page: Open, show: Show) -> None:
    show.folders.now = replace(show.folders.now, upscalers={"RealESRGAN_x4plus": Path("photo.safetensors")})
    page = open_page()
    two_drawn(page)
    older = show.program.jobs()[-1].pictures[0]
    page.evaluate(COUNT_CLICKS)
    asked = asked_for(page, "upscale_2")
    page.locator("#row a.open").hover()
    page.locator(ACTS).get_by_text("Upscale 2x").click()
    assert until(lambda: len(show.program.jobs()) == 2)
    plan = show.program.jobs()[-1].plan
    assert isinstance(plan.request.start, Keep)
    assert plan.request.start.picture == show.program.pictures.add(older.path)
    assert page.evaluate("clicks") == 1
    assert len(asked) == 1
    # what it has begun is told where the acts have been
    expect(page.locator(ACTS)).to_have_count(0)


def test_an_earlier_picture_offers_the_same_acts_as_the_large_one_in_the_same_order(open_page: Open) -> None:
    page = open_page(locale="zh-CN")
    two_drawn(page)
    page.locator("#row a.open").hover()
    expect(page.locator(ACTS)).to_be_visible()
    assert page.locator(f"{ACTS} > *").all_inner_texts() == page.locator("#stage .acts > *").all_inner_texts()
    page.locator("#field-prompt").hover()
    expect(page.locator(ACTS)).to_have_count(0)


def test_the_keyboard_reaches_each_act_of_an_earlier_picture(open_page: Open, show: Show) -> None:
    page = open_page()
    two_drawn(page)
    page.locator("#stage .acts > *").last.focus()
    page.keyboard.press("Tab")
    expect(page.locator("#row a.open")).to_be_focused()
    acts = page.get_by_role("toolbar", name="a pair").locator("> *")
    page.keyboard.press("Tab")
    expect(acts.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(acts.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    assert until(lambda: len(show.program.jobs()) == 2)
    start = show.program.jobs()[-1].plan.request.start
    assert isinstance(start, Vary)
    assert start.strength == 0.85


def test_tab_leaves_the_acts_of_a_picture_by_one_press(open_page: Open) -> None:
    page = open_page()
    two_drawn(page)
    page.locator("#stage .acts > *").last.focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.locator(f"{ACTS} > *").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#field-prompt textarea")).to_be_focused()
    expect(page.locator(ACTS)).to_have_count(0)


@pytest.mark.parametrize("width", [500, 1280], ids=["narrow", "wide"])
def test_nothing_moves_for_the_acts_of_an_earlier_picture(open_page: Open, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    two_drawn(page)
    page.reload()  # what is said of the picture that was drawn last has its place then
    page.locator("#final .actions").wait_for()
    page.wait_for_timeout(500)
    page.evaluate(COUNT_SHIFTS)
    page.locator("#row a.open").hover()
    expect(page.locator(ACTS)).to_be_visible()
    page.locator("#field-prompt").hover()
    expect(page.locator(ACTS)).to_have_count(0)
    assert page.evaluate("moved") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_on_the_way_to_the_acts_of_a_picture_another_does_not_take_their_place(open_page: Open) -> None:
    page = open_page()
    ask(page, "a pair", count=3)
    expect(page.locator("#row a.open")).to_have_count(2)
    expect(page.locator("#stop")).to_be_hidden()
    page.locator("#row a.open").first.hover()
    first = page.locator("#row a.open").first.get_attribute("data-number")
    expect(page.locator(ACTS)).to_be_visible()
    # in one go: a hand is quicker than a test on a busy machine
    page.evaluate("""() => {
      const move = { bubbles: true, pointerType: "mouse" };
      const over = (place) => place.dispatchEvent(new PointerEvent("pointerover", move));
      over([...document.querySelectorAll("#row a.open")].at(-1));
      over(document.querySelector("#row .acts button"));
    }""")
    page.wait_for_timeout(500)
    assert page.locator(f"{ACTS} [data-do=act]").first.get_attribute("data-number") == first
    page.locator("#row a.open").last.hover()
    expect(page.locator(f"{ACTS} [data-do=act]").first).not_to_have_attribute("data-number", str(first))


@pytest.mark.parametrize("pace", [0.1], indirect=True)
def test_the_acts_stay_while_another_picture_is_drawn(open_page: Open) -> None:
    page = open_page()
    ask(page, "a pair", count=20)
    expect(page.locator("#row a.open")).to_have_count(1)
    page.locator("#stage figure.drawing img[src]").wait_for()
    page.locator("#row a.open").hover()
    page.locator(ACTS).evaluate("acts => window.shown = acts")
    steps = page.locator("#status span").inner_text()
    expect(page.locator("#status span")).not_to_have_text(steps)
    assert page.evaluate("shown.isConnected")


def test_on_a_phone_a_tap_shows_the_picture_with_its_acts_and_a_press_on_one_is_one_request(
    open_page: Open, show: Show
) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    two_drawn(page)
    older = show.program.jobs()[-1].pictures[0]
    asked = asked_for(page, "vary_subtle")
    page.locator("#row a.open").tap()
    act = page.locator("#viewer [data-how=vary_subtle]")
    expect(act).to_be_in_viewport()
    assert asked == []
    act.tap()
    assert until(lambda: len(show.program.jobs()) == 2)
    start = show.program.jobs()[-1].plan.request.start
    assert isinstance(start, Vary)
    assert start.picture == show.program.pictures.add(older.path)
    assert len(asked) == 1


def test_on_a_phone_the_chips_beyond_the_edge_fade_there_and_the_last_one_is_clear_at_the_end(open_one: Open) -> None:
    page = open_one(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page.locator("#chips [data-at=styles]").tap()
    page.locator("#styles .tile:visible").first.tap()
    page.keyboard.press("Escape")
    choices, repeat = page.locator("#choices"), page.locator("#repeat .chip")
    expect(page.locator("#chips .chosen")).to_be_visible()
    assert choices.evaluate("row => row.scrollWidth > row.clientWidth"), "all chips fit: nothing is shown by this test"
    assert choices.evaluate("row => getComputedStyle(row).maskImage").startswith("linear-gradient(to right")
    box = choices.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    choices.evaluate("row => row.scrollLeft = row.scrollWidth")
    faded = page.evaluate("parseFloat(getComputedStyle(document.body).getPropertyValue('--fade'))")
    last = repeat.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= 360 - faded
