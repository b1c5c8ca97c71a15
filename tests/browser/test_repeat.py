"""What is drawn is drawn again and again, until it is stopped."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Show, until

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def chip(page: Page, name: str = "Again until I stop") -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_a_press_draws_again_until_stop_also_after_a_reload_and_as_seen_elsewhere(open_page: Open, show: Show) -> None:
    page, other = open_page(), open_page(viewport={"width": 360, "height": 740}, locale="zh-CN")
    page.locator("#field-prompt textarea").fill("a lighthouse")
    chip(page).click()
    expect(chip(page)).to_have_attribute("aria-pressed", "true")
    page.locator("#field-prompt textarea").fill("other words")
    assert until(lambda: len(show.program.jobs()) >= 3, 30)
    page.reload()
    expect(chip(page)).to_have_attribute("aria-pressed", "true")
    expect(chip(other, "一直画到我停")).to_have_attribute("aria-pressed", "true")
    other.locator("#stop").click()
    expect(chip(page)).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#stop")).to_be_hidden()
    jobs = show.program.jobs()
    assert {job.plan.request.prompt for job in jobs} == {"a lighthouse"}
    assert len({job.plan.shots[0].seed for job in jobs}) == len(jobs)
    page.wait_for_timeout(300)
    assert len(show.program.jobs()) == len(jobs)


def test_pressed_once_more_what_is_drawn_is_the_last(open_page: Open, show: Show) -> None:
    page = open_page()
    page.locator("#field-prompt textarea").fill("a lighthouse")
    chip(page).click()
    expect(chip(page)).to_have_attribute("aria-pressed", "true")
    chip(page).click()
    expect(chip(page)).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#stop")).to_be_hidden()
    assert all(len(job.pictures) == 1 for job in show.program.jobs())
