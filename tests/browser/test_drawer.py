"""What a person chooses in the drawer, and finds in the picture."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Show, ask, open_advanced, until
from tests.lora_here import LORA, with_lora

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_the_size_chip_leads_to_the_sizes_and_names_the_one_that_is_chosen(open_page: Open, show: Show) -> None:
    page = open_page()
    chip = page.locator("#chips [data-at=field-size]")
    expect(chip).to_have_text("Size")
    chip.click()
    page.locator("#field-size [role=option]", has_text="wide 16:9").click()
    expect(chip).to_have_text("wide 16:9")
    page.locator("#field-size input").fill("160x96")
    page.keyboard.press("Enter")
    expect(chip).to_have_text("160x96")
    page.keyboard.press("Escape")
    ask(page)
    expect(page.locator("#stage figure.finished .drew")).to_have_text("pocket model")
    (job,) = show.program.jobs()
    assert str(job.plan.shots[0].size) == "160x96"


def test_a_lora_is_found_by_its_name_weighed_and_its_words_go_into_the_prompt(
    open_page: Open, show: Show, tmp_path: Path
) -> None:
    with_lora(show.folders, tmp_path, "wtrclr wash")
    page = open_page()
    page.locator("#field-prompt textarea").fill("a lighthouse")
    open_advanced(page)
    page.locator("#known [data-mark]").wait_for(state="attached")
    page.locator("#add-lora").fill("wash")
    page.keyboard.press("Enter")
    slider = page.locator("[data-lora] input")
    expect(slider).to_be_focused()
    slider.fill("0.35")
    expect(page.locator("[data-lora] output")).to_have_text("0.35")
    page.locator("[data-lora] .chip").click()
    expect(page.locator("#field-prompt textarea")).to_have_value("a lighthouse, wtrclr wash")
    page.locator("#generate").click()
    assert until(lambda: bool(show.program.jobs()))
    loras = show.program.jobs()[-1].plan.request.models.loras
    assert [(lora.name, lora.weight) for lora in loras] == [(LORA, 0.35)]
    page.locator("[data-lora] [data-do=remove-lora]").click()
    expect(page.locator("[data-lora]")).to_have_count(0)


def test_another_model_is_named_in_the_bar_and_the_drawers_button_still_says_that_it_is_open(one_page: Page) -> None:
    page = one_page
    open_advanced(page)
    model = page.locator("#field-models-base input")
    model.click()
    page.locator("#field-models-base [role=option]", has_text="pocket model").click()
    expect(model).to_have_value("pocket model")
    expect(page.locator("#bar .model")).to_have_text("pocket model · no device")
    expect(page.locator("#bar [data-do=drawer]")).to_have_attribute("aria-expanded", "true")


def test_what_a_number_does_is_said_in_the_pages_language(open_one: Open) -> None:
    page = open_one(locale="zh-CN")
    open_advanced(page)
    expect(page.locator("#field-sampling-steps")).to_contain_text("步数越多越慢")
    expect(page.locator("#field-output-format label")).to_have_text(["PNG", "JPEG", "WebP"])
