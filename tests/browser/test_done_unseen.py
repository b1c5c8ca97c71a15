"""Who wants it is told that all is drawn, while the page is out of sight."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import until

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

RECORDER = """() => {
  window.notified = [];
  class Recorder {
    static permission = "default";
    static requestPermission = async () => (Recorder.permission = "granted");
    constructor(title, { body }) { window.notified.push([title, body]); }
  }
  window.Notification = Recorder;
}"""

OUT_OF_SIGHT = "(hidden) => Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })"


def draw(page: Page, words: str) -> None:
    page.locator("#field-prompt textarea").fill(words)
    page.locator("#generate").click()
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", words)
    expect(page.locator("#stop")).to_be_hidden()


def test_who_wants_it_is_told_when_a_job_ends_out_of_sight(open_page: Open) -> None:
    page = open_page()
    page.evaluate(RECORDER)
    page.locator("#bar [data-do=drawer]").click()
    switch = page.locator("#drawer [data-do=notify]")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    draw(page, "a boat")
    assert page.evaluate("window.notified") == [], "it is seen already"
    page.evaluate(OUT_OF_SIGHT, True)
    draw(page, "a ship")
    assert until(lambda: len(page.evaluate("window.notified")) == 1)
    assert page.evaluate("window.notified[0][0]") == "Fooo"
    page.evaluate(OUT_OF_SIGHT, False)
    page.locator("#bar [data-do=drawer]").click()
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    page.keyboard.press("Escape")
    page.evaluate(OUT_OF_SIGHT, True)
    draw(page, "a car")
    page.wait_for_timeout(300)
    assert len(page.evaluate("window.notified")) == 1
