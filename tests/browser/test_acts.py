"""What is done with a finished picture by one press, in a real browser."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from fooo.request import Keep, Vary
from tests.browser.conftest import Show, until

Open = Callable[..., Page]
PHOTO = "RealESRGAN_x4plus"


def drawn(page: Page) -> None:
    page.locator("#field-prompt textarea").fill("a boat")
    page.locator("#generate").click()
    expect(page.locator("#stage figure.finished img")).to_be_visible()


def test_one_press_makes_a_variation_beside_its_parent(open_page: Open, show: Show) -> None:
    page = open_page()
    drawn(page)
    page.locator(".acts [data-how=vary_strong]").click()
    assert until(lambda: len(show.program.jobs()) == 2)
    start = show.program.jobs()[-1].plan.request.start
    assert isinstance(start, Vary)
    assert start.strength == 0.85
    expect(page.locator("#row .earlier a")).to_have_count(1)
    expect(page.locator("#field-prompt textarea")).to_have_value("a boat")


def test_one_press_makes_the_picture_seen_large_larger(open_page: Open, show: Show) -> None:
    show.folders.now = replace(show.folders.now, upscalers={PHOTO: Path("photo.safetensors")})
    page = open_page(locale="zh-CN")
    drawn(page)
    page.locator("#stage a.open").click()
    page.locator("#viewer").get_by_text("放大 4 倍").click()
    expect(page.locator("#viewer")).to_be_hidden()
    assert until(lambda: len(show.program.jobs()) == 2)
    plan = show.program.jobs()[-1].plan
    assert isinstance(plan.request.start, Keep)
    assert str(plan.shots[0].size) == "512x512"


def test_what_a_press_needs_and_is_not_here_is_offered(open_page: Open, show: Show) -> None:
    page = open_page()
    drawn(page)
    page.locator(".acts [data-how=upscale_2]").click()
    expect(page.locator("#notice .notice")).to_contain_text(PHOTO)
    expect(page.locator("#notice [data-do=fetch]")).to_be_visible()
    assert len(show.program.jobs()) == 1
