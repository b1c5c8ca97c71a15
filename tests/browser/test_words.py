"""Nothing hidden: what will be drawn stands under the box before it is drawn."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Show, open_advanced, until

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
PRESET = "default"
"""Draws with the pocket model here, and adds phrases to the words."""


def write(page: Page, words: str) -> Locator:
    """The line under the box."""
    page.locator("#field-prompt textarea").fill(words)
    return page.locator("#final .said")


def choose_preset(page: Page, name: str) -> None:
    page.locator("#bar [data-do=drawer]").click()
    page.locator("#field-preset label", has_text=name).click()
    page.keyboard.press("Escape")


def test_what_is_shown_is_what_is_drawn_press_after_press(open_page: Open, show: Show) -> None:
    page = open_page()
    choose_preset(page, PRESET)
    line = write(page, "a {red|blue|green} lighthouse")
    shown: list[str] = []
    for number in range(3):
        expect(line.locator(".expansion")).to_be_visible()
        assert until(lambda: line.inner_text() not in shown), "the next seed draws other phrases"
        shown.append(line.inner_text())
        page.locator("#generate").click()
        assert until(lambda: len(show.program.jobs()) > number)  # noqa: B023 - asked at once
    jobs = show.program.jobs()
    assert until(lambda: all(job.state == "done" for job in jobs))
    assert [job.pictures[0].record.shot.texts.positive for job in jobs] == shown


def test_each_stretch_has_the_colour_and_the_name_of_who_says_it(open_page: Open) -> None:
    page = open_page()
    choose_preset(page, PRESET)
    line = write(page, "a lighthouse")
    expect(line.locator(".expansion")).to_be_visible()
    assert line.locator(".expansion").get_attribute("title") == "added phrases"
    colours = [line.locator(f".{who}").evaluate("e => getComputedStyle(e).color") for who in ("user", "expansion")]
    assert colours[0] != colours[1]
    page.locator("#bar [data-do=theme]").click()
    darker = line.locator(".expansion").evaluate("e => getComputedStyle(e).color")
    assert darker != colours[1]


def test_words_that_stay_as_they_are_are_not_said_twice_and_long_ones_are_folded(open_page: Open) -> None:
    page = open_page()
    line = write(page, "a lighthouse")
    expect(line).to_have_text("Drawn as you wrote it.")
    height = (page.locator("#final").bounding_box() or {})["height"]
    write(page, "{a|b} " + "a tall tree by the river, " * 30)
    expect(line).to_contain_text("tall tree")
    assert (page.locator("#final").bounding_box() or {})["height"] == height
    expect(page.locator("#final small").first).to_have_text(re.compile(r"^read in \d+ parts \(\d+( \+ \d+)+ tokens\)$"))
    page.locator("#final [data-do=sheet]").click()
    sheet = page.locator("#final-sheet")
    expect(sheet.locator("article")).to_have_count(1)
    expect(sheet).to_contain_text("tall tree by the river")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_exactly_my_words_is_one_switch(open_page: Open, show: Show) -> None:
    page = open_page()
    choose_preset(page, PRESET)
    line = write(page, "a lighthouse")
    expect(line.locator(".expansion")).to_be_visible()
    page.get_by_role("switch", name="Exactly my words").click()
    expect(line).to_have_text("Drawn as you wrote it.")
    expect(page.get_by_role("switch", name="Exactly my words")).to_be_checked()
    page.locator("#generate").click()
    expect(page.locator("#stop")).to_be_visible()
    assert show.program.jobs()[-1].plan.shots[0].texts.positive == "a lighthouse"


def test_the_strength_of_what_is_added_is_chosen_in_the_drawer(open_page: Open) -> None:
    page = open_page()
    choose_preset(page, PRESET)
    line = write(page, "a lighthouse")
    expect(line.locator(".expansion")).to_be_visible()
    few = line.inner_text()
    open_advanced(page)
    page.locator("#field-expansion label", has_text="many").click()
    assert until(lambda: line.inner_text().count(",") > few.count(","))
    page.locator("#field-expansion label", has_text="none").click()
    expect(line).to_have_text("Drawn as you wrote it.")


def test_every_combination_is_a_picture_when_the_switch_is_on(open_page: Open, show: Show) -> None:
    page = open_page()
    open_advanced(page)
    page.locator("#field-matrix input").click()
    write(page, "a <red|blue> <cat|bird>")
    expect(page.locator("#final [data-do=sheet]")).to_have_text("all 4")
    page.locator("#generate").click()
    expect(page.locator("#stop")).to_be_visible()
    words = [shot.texts.words for shot in show.program.jobs()[-1].plan.shots]
    assert words == ["a red cat", "a red bird", "a blue cat", "a blue bird"]


def test_lines_of_dashes_make_several_jobs_of_one_press(open_page: Open, show: Show) -> None:
    page = open_page()
    write(page, "a cat\n---\na dog")
    expect(page.locator("#final [data-do=sheet]")).to_have_text("all 2")
    page.locator("#generate").click()
    expect(page.locator("#status span")).to_contain_text("1 more is waiting")
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a dog", timeout=10_000)
    assert [job.plan.request.prompt for job in show.program.jobs()] == ["a cat", "a dog"]


def test_a_name_that_is_not_there_is_told_while_it_is_typed_and_marks_nothing(open_page: Open, show: Show) -> None:
    page = open_page()
    line = write(page, "a cat, <style:Stickr>")
    expect(line).to_contain_text("there is no 'Stickr'; did you mean: Sticker")
    expect(page.locator("#notice")).to_have_text("")
    expect(page.locator(".wrong")).to_have_count(0)
    expect(write(page, "a cat, <style:Sticker>").locator(".style")).to_be_visible()
    assert show.program.jobs() == ()
