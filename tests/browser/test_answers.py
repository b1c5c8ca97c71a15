"""What is chosen or brought is answered before a press that comes after it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.bringing import PASTE
from tests.browser.conftest import Show

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

SETTINGS = "a blue boat\nSteps: 12, Sampler: Euler a, CFG scale: 6, Seed: 5"

GATE = """(name) => {
  const { id } = window.gradio_config.dependencies.find((each) => each.api_name === name);
  const fetched = window.fetch;
  const open = new Promise((go) => (window.openGate = go));
  window.fetch = async (address, options) => {
    const asks = String(address).includes("queue/join") && JSON.parse(options.body).fn_index === id;
    if (asks) await open;
    return fetched(address, options);
  };
}"""
"""For the page's questions to one handler, by its name, to wait until `openGate` is called."""
OPEN = "window.openGate()"

LONGEST_FOR_A_FAILURE = 8000
"""Milliseconds, less than the ten seconds after which a press goes on without any answer."""


def choose(page: Page, preset: str) -> None:
    page.locator("#bar [data-do=drawer]").click()
    page.locator(f"#field-preset label:has(input[value={preset}])").click()
    page.keyboard.press("Escape")


def test_a_press_after_a_preset_was_chosen_draws_with_all_that_it_sets(open_page: Open) -> None:
    page = open_page()
    box, generate = page.locator("#field-prompt textarea"), page.locator("#generate")
    box.evaluate(PASTE, SETTINGS)
    expect(box).to_have_value("a blue boat")
    page.evaluate(GATE, "choose_preset")
    choose(page, "sdxl")
    generate.click()
    expect(generate).to_have_attribute("aria-busy", "true")
    page.evaluate(OPEN)
    # pasted settings have no refiner, and this preset has one
    expect(page.locator("#notice .notice")).to_contain_text("sd_xl_refiner_1.0_0.9vae.safetensors")
    expect(generate).not_to_have_attribute("aria-busy", "true")


def test_a_press_after_settings_were_brought_draws_them_once_however_often_it_is_pressed(
    open_page: Open, show: Show
) -> None:
    page = open_page()
    generate = page.locator("#generate")
    page.evaluate(GATE, "load_kept")
    page.locator("#field-prompt textarea").evaluate(PASTE, SETTINGS)
    for _ in range(3):
        generate.click()
    assert show.program.jobs() == ()
    page.evaluate(OPEN)
    expect(page.locator("#stage figure.finished .drew")).to_be_visible()
    assert [job.plan.request.prompt for job in show.program.jobs()] == ["a blue boat"]


def test_a_press_after_a_picture_was_made_the_start_begins_with_it(open_page: Open, show: Show) -> None:
    page = open_page()
    generate, finished = page.locator("#generate"), page.locator("#stage figure.finished")
    generate.click()
    finished.wait_for()
    first = str(finished.locator("a.open").get_attribute("data-id"))
    page.evaluate(GATE, "act")
    page.locator("#stage [data-how=start]").click()
    generate.click()
    expect(generate).to_have_attribute("aria-busy", "true")
    page.evaluate(OPEN)
    expect(finished.locator("a.open")).not_to_have_attribute("data-id", first)
    asked = show.program.jobs()[-1].plan.request
    assert asked.start is not None


def test_a_press_does_not_wait_for_a_choice_that_has_failed(open_page: Open, show: Show) -> None:
    page = open_page()
    generate = page.locator("#generate")
    presets = {name: each for name, each in show.folders.now.presets.items() if name != "sdxl"}
    show.folders.now = replace(show.folders.now, presets=presets)
    page.evaluate(GATE, "choose_preset")
    choose(page, "sdxl")
    generate.click()
    expect(generate).to_have_attribute("aria-busy", "true")
    page.evaluate(OPEN)
    expect(generate).not_to_have_attribute("aria-busy", "true", timeout=LONGEST_FOR_A_FAILURE)
