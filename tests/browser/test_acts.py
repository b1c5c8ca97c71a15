"""What is done with a finished picture by one press, in a real browser."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image
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


def test_the_words_are_copied_and_the_picture_is_begun_with(open_page: Open, show: Show) -> None:
    page = open_page()
    drawn(page)
    # as on a page that is not on https
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("#stage .acts [data-how=copy]").click()
    expect(page.locator("#stage .acts [data-how=copy]")).to_have_text("Copied")
    page.locator("#field-prompt textarea").fill("a house, ")
    page.locator("#field-prompt textarea").press("ControlOrMeta+V")
    expect(page.locator("#field-prompt textarea")).to_have_value("a house, a boat")
    page.locator("#stage .acts [data-how=start]").click()
    expect(page.locator("#chips .start img")).to_be_visible()
    page.locator("#generate").click()
    assert until(lambda: len(show.program.jobs()) == 2)
    assert isinstance(show.program.jobs()[-1].plan.request.start, Vary)
    page.locator("#chips .start").click()
    expect(page.locator("#chips .start")).to_have_count(0)


def test_a_deleted_picture_is_brought_back_by_one_press(open_page: Open, show: Show) -> None:
    page = open_page(locale="zh-CN")
    drawn(page)
    path = show.program.jobs()[-1].pictures[0].path
    page.locator("#stage .acts").get_by_text("删除").click()
    expect(page.locator("#stage .invitation")).to_be_visible()
    assert not path.exists()
    page.locator("#notice").get_by_text("撤销").click()
    expect(page.locator("#stage figure.finished img")).to_be_visible()
    assert path.exists()


def test_a_picture_from_elsewhere_is_varied_by_a_drop_and_a_press(open_page: Open, show: Show, tmp_path: Path) -> None:
    page = open_page()
    Image.new("RGB", (96, 64), (20, 90, 160)).save(tmp_path / "mine.png")
    page.locator("#field-prompt textarea").fill("a boat")
    page.locator("#drop input[type=file]").set_input_files(tmp_path / "mine.png")
    expect(page.locator("#brought .brought img")).to_be_visible()
    page.locator("#brought [data-how=vary_subtle]").click()
    assert until(lambda: len(show.program.jobs()) == 1)
    assert isinstance(show.program.jobs()[-1].plan.request.start, Vary)
    page.locator("#brought [data-do=put-away]").click()
    page.locator("#drop input[type=file]").set_input_files(tmp_path / "mine.png")
    expect(page.locator("#brought .brought img")).to_be_visible()


def test_what_a_press_needs_and_is_not_here_is_offered(open_page: Open, show: Show) -> None:
    page = open_page()
    drawn(page)
    page.locator(".acts [data-how=upscale_2]").click()
    expect(page.locator("#notice .notice")).to_contain_text(PHOTO)
    expect(page.locator("#notice [data-do=fetch]")).to_be_visible()
    assert len(show.program.jobs()) == 1


def test_a_picture_shows_its_family_and_a_slider_compares_them(open_page: Open, show: Show) -> None:
    page = open_page()
    drawn(page)
    expect(page).to_have_title("Fooo")
    page.locator("#stage .acts [data-how=start]").click()
    expect(page.locator("#chips .start img")).to_be_visible()
    page.locator("#field-prompt textarea").fill("a red boat")
    page.locator("#generate").click()
    expect(page).to_have_title(re.compile(r"^\d+ % · Fooo$"))
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a red boat")
    page.locator("#stage a.open").click()
    expect(page.locator("#viewer .family ins")).to_have_text("red ")
    page.locator("#viewer [data-do=compare]").click()
    slider = page.locator("#compare input[type=range]")
    expect(slider).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert page.locator("#compare .pair").evaluate("pair => pair.style.getPropertyValue('--at')") == "51%"
    page.keyboard.press("Escape")
    expect(page.locator("#compare")).to_have_count(0)
    page.locator("#viewer .family a").click()
    expect(page.locator("#viewer .about")).to_contain_text("a boat")
    expect(page.locator("#viewer .family small").last).to_have_text("From this")
