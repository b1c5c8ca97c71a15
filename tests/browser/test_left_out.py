"""What is added to the words is left out, phrase by phrase."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Show

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_a_press_leaves_an_added_phrase_out_and_another_takes_it_back(open_page: Open, show: Show) -> None:
    page = open_page()
    page.locator("#known [data-mark]").wait_for(state="attached")
    page.locator("#chips [data-at=styles]").click()
    page.locator("#styles .tile[data-style=Sticker]").click()
    page.keyboard.press("Escape")
    page.locator("#field-prompt textarea").fill("a lighthouse")
    phrase = page.locator("#final .said .style button").first
    expect(phrase).to_have_attribute("aria-pressed", "false")
    words = phrase.inner_text()
    phrase.click()
    expect(phrase).to_have_attribute("aria-pressed", "true")
    page.locator("#generate").click()
    page.locator("#stage figure.finished img").wait_for()
    (done,) = show.program.jobs()[-1].pictures
    assert done.record.request.without == (words,)
    assert words not in done.record.shot.texts.positive
    page.reload()
    expect(phrase).to_have_attribute("aria-pressed", "true")
    phrase.click()
    expect(phrase).to_have_attribute("aria-pressed", "false")
