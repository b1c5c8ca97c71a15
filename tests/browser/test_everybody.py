"""The page for everybody: what axe-core, the rules engine of accessibility, says of each state of it."""

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import open_advanced

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
"""Its package keeps the engine; all that is wanted of it is here in four lines."""

GRAVE = {"serious", "critical"}

STILL = "Promise.allSettled(document.getAnimations().map((each) => each.finished))"
"""Half faded in, every word lacks contrast."""


def violations(page: Page, state: str) -> list[str]:
    """What is gravely wrong for somebody, each with where."""
    page.evaluate(STILL)
    page.evaluate(AXE)
    found: list[Mapping[str, Any]] = page.evaluate("axe.run().then((said) => said.violations)")
    return [
        f"{state}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in GRAVE
    ]


@pytest.mark.parametrize(
    ("scheme", "width", "locale"), [("light", 1440, "en-GB"), ("dark", 360, "zh-CN")], ids=["wide", "phone"]
)
def test_nothing_is_gravely_wrong_for_anybody(open_page: Open, scheme: str, width: int, locale: str) -> None:
    page = open_page(viewport={"width": width, "height": 800}, locale=locale, color_scheme=scheme)
    page.locator("#stage .invitation").wait_for()
    found = violations(page, "first view")
    page.locator("#field-prompt textarea").fill("a lighthouse")
    page.locator("#generate").click()
    page.locator("#stage figure.drawing img[src]").wait_for()
    found += violations(page, "drawing")
    picture = page.locator("#stage figure.finished img")
    picture.wait_for()
    found += violations(page, "finished")
    picture.click()
    page.locator("#viewer").wait_for()
    found += violations(page, "seen large")
    page.keyboard.press("Escape")
    page.locator("#generate").click()
    page.locator("#row a.open").hover()
    page.locator("#row .acts").wait_for()
    found += violations(page, "acts of an earlier picture")
    page.locator("#chips [data-at=field-output-count]").click()
    page.locator("#field-output-count input").wait_for()
    found += violations(page, "chip")
    page.keyboard.press("Escape")
    page.locator("#bar [data-do=history]").click()
    page.locator("#history figure img").first.wait_for()
    found += violations(page, "history")
    page.locator("#history a.open").first.focus()
    page.keyboard.press("Delete")
    page.locator("#history .told:not([hidden])").wait_for()
    page.locator("#history [data-do=only-thrown]").click()
    page.locator("#history [data-do=clear]").click()
    found += violations(page, "question")
    page.keyboard.press("Escape")
    found += violations(page, "trash")
    page.keyboard.press("Escape")
    expect(page.locator("#history")).to_be_hidden()
    open_advanced(page)
    found += violations(page, "drawer")
    assert found == []


def test_what_is_gravely_wrong_is_found(open_one: Open) -> None:
    page = open_one()
    page.evaluate("document.querySelector('#generate').innerHTML = '<i></i>'")
    assert any("Buttons must have discernible text" in each for each in violations(page, "spoilt"))
