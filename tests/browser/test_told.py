"""What is told beside the box: it covers nothing that can be pressed, and is never printed over itself."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.bringing import PASTE
from tests.browser.test_prompt_box import BRING, box_of, file, picture

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

PHONE = {"width": 360, "height": 740}

COVERED_BY_THE_TIP = """() => {
  const tip = document.querySelector("#tip").getBoundingClientRect();
  const isUnder = ({ left, right, top, bottom }) =>
    left < tip.right && right > tip.left && top < tip.bottom && bottom > tip.top;
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true });
  const buttons = [...document.querySelectorAll("button")].filter(isSeen);
  return buttons.filter((each) => isUnder(each.getBoundingClientRect())).map((each) => each.textContent);
}"""


def test_a_sentence_about_a_word_lies_on_no_button_and_goes_with_the_word(open_one: Open) -> None:
    page = open_one(viewport=PHONE)
    box = box_of(page)
    page.evaluate(BRING, ["drop", [file("a.png", "image/png", picture("PNG"))]])
    expect(page.locator(".brought")).to_be_visible()
    box.fill("a zyxomma")
    expect(page.locator("#marks .unlearnt")).to_have_text("zyxomma")
    box.evaluate("box => box.setSelectionRange(4, 4)")
    expect(page.locator("#tip")).to_be_visible()
    assert page.evaluate(COVERED_BY_THE_TIP) == []
    box.evaluate(PASTE, json.dumps({"prompt": "a cat"}))
    expect(box).to_have_value("a cat")
    expect(page.locator("#tip")).to_be_hidden()


def test_what_is_told_below_the_box_is_never_printed_over_itself(open_one: Open) -> None:
    page = open_one(viewport=PHONE)
    box_of(page).fill("cat " * 80)
    told = page.locator("#final .tells small")
    expect(told.filter(has_text="read in 2 parts")).to_have_count(1)
    switch, tells = page.locator("#final .switch").bounding_box(), page.locator("#final .tells").bounding_box()
    assert switch
    assert tells
    assert switch["x"] + switch["width"] <= tells["x"]
    assert page.locator("#final .tells").evaluate("place => place.scrollWidth - place.clientWidth") == 0
