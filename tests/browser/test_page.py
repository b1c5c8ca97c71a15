"""What a person sees and does on the page."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Ledger, Show, ask, open_advanced, until

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_the_first_view_has_one_box_and_one_button(one_page: Page) -> None:
    page = one_page
    expect(page.locator("#stage .invitation")).to_be_visible()
    assert page.locator("textarea:visible, input:visible").count() == 1
    assert page.locator("button.primary:visible").all_inner_texts() == ["Generate"]
    for element in ("#stop", "#skip", "#keep", "footer", "#drawer"):
        expect(page.locator(element)).to_be_hidden()


def test_the_bar_names_the_model_and_what_draws(one_page: Page) -> None:
    expect(one_page.locator("#bar .model")).to_have_text("pocket model · no device")


def test_a_suggestion_fills_the_box_and_does_nothing_else(open_page: Open, show: Show) -> None:
    page = open_page()
    expect(page.get_by_role("button", name=re.compile(r"^an? \w"))).to_have_count(3)
    suggestion = page.locator("#stage .chip").first
    words = suggestion.inner_text()
    suggestion.click()
    assert page.locator("#field-prompt textarea").input_value() == words
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_timeout(300)
    assert suggestion.inner_text() == words, "it must not jump while somebody reads it"
    assert show.program.jobs() == ()
    page.locator("#generate").click()
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", words)
    expect(page.locator("#notice")).to_have_text("")


def test_a_long_note_lies_on_nothing_that_is_typed_into_or_pressed(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 640})
    ask(page, "zyxomma frumpling zzzzzzzzzzzzzzzzzzzzzzzzzzz quibblets gnarfs")
    expect(page.locator("#stage figure.finished img")).to_be_visible()
    expect(page.locator("#notice .notice")).to_be_visible()
    note, chips = page.locator("#notice .notice").bounding_box(), page.locator("#chips .chips").bounding_box()
    assert note is not None
    assert chips is not None
    assert note["height"] > 48
    assert note["y"] + note["height"] <= chips["y"]


@pytest.mark.parametrize("pace", [0.2], indirect=True)
def test_a_held_key_is_one_press(open_page: Open, show: Show) -> None:
    page = open_page()
    page.locator("#field-prompt textarea").fill("held")
    page.keyboard.down("Control")
    for _ in range(4):  # from the second on they are repeats
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.up("Control")
    expect(page.locator("#stop")).to_be_visible()
    page.wait_for_timeout(300)
    assert len(show.program.jobs()) == 1
    ask(page, "the next")
    expect(page.locator("#status span")).to_contain_text("1 more is waiting")
    for _ in range(60):
        page.keyboard.down("Escape")
        page.wait_for_timeout(20)
    page.keyboard.up("Escape")
    first, second = show.program.jobs()
    assert until(lambda: second.state == "done")
    assert (len(first.pictures), len(second.pictures)) == (0, 1)


def test_stop_of_a_page_that_still_shows_the_job_before_ends_nothing(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, "now", count=2)
    expect(page.locator("#status .busy")).to_be_visible()
    job = show.program.jobs()[-1]
    page.evaluate("""() => {
      const button = document.querySelector('#stop'), status = document.querySelector('#status .busy');
      status.dataset.job = 'the one before';
      button.click();
    }""")
    assert until(lambda: job.state == "done")
    assert len(job.pictures) == 2


@pytest.mark.parametrize("pace", [0.3], indirect=True)
def test_stop_ends_within_a_step_and_keeps_nothing(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, count=4)
    page.locator("#stage figure.drawing img[src]").wait_for()
    page.locator("#stop").click()
    job = show.program.jobs()[-1]
    # the first picture would take 9 s; a step takes 0.3 s, the rest is the way of a click through browser and server
    assert until(lambda: job.state == "done", seconds=6)
    assert job.pictures == ()


@pytest.mark.parametrize("pace", [0.1], indirect=True)
def test_skip_goes_on_with_the_next_picture(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, count=2)
    expect(page.locator("#status span")).to_contain_text("picture 1 of 2 · step")
    page.locator("#skip").click()
    expect(page.locator("#status span")).to_contain_text("picture 2 of 2 · step")
    job = show.program.jobs()[-1]
    assert until(lambda: job.state == "done")
    assert [done.record.shot.number for done in job.pictures] == [1]


def test_earlier_pictures_stand_small_newest_first_and_open_large(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, "a pair", count=2)
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#stop")).to_be_hidden()
    older = page.locator("#row img").first
    expect(older).to_have_attribute("alt", "a pair")
    assert until(lambda: bool(older.evaluate("image => image.complete && image.naturalWidth > 0")))
    older.click()
    dialog = page.locator("#viewer")
    expect(dialog).to_be_visible()
    first = dialog.locator("img").get_attribute("src")
    page.keyboard.press("ArrowLeft")
    assert dialog.locator("img").get_attribute("src") != first
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("pace", [0.1], indirect=True)
def test_a_reload_and_a_second_browser_show_the_job_that_runs(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, "a tower", count=20)
    expect(page.locator("#status span")).to_contain_text("picture 1 of 20")
    page.reload()
    expect(page.locator("#stop")).to_be_visible()
    assert page.locator("#field-prompt textarea").input_value() == "a tower"
    second = open_page()
    expect(second.locator("#status span")).to_contain_text("of 20 · step")
    second.locator("#stop").click()
    for each in (page, second):
        expect(each.locator("#stop")).to_be_hidden()


@pytest.mark.parametrize("pace", [0.1], indirect=True)
def test_leaving_the_page_does_not_stop_the_job(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, "a road")
    expect(page.locator("#stop")).to_be_visible()
    page.context.close()
    job = show.program.jobs()[-1]
    assert until(lambda: job.state == "done")
    assert len(job.pictures) == 1


def test_a_page_that_comes_into_sight_sees_what_another_began(open_page: Open) -> None:
    page, other = open_page(), open_page()
    ask(page, count=20)
    expect(page.locator("#stop")).to_be_visible()
    other.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(other.locator("#stop")).to_be_visible()


def test_a_prompt_that_cannot_be_is_told_in_words_and_marked_until_mended(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, "a" * 10_001)
    expect(page.locator("#notice")).to_have_text("Prompt: has 10001 characters; shorten it to 10000 at most.")
    expect(page.locator("#field-prompt")).to_have_class(re.compile(r"\bwrong\b"))
    assert show.program.jobs() == ()
    page.locator("#field-prompt textarea").press_sequentially("a")
    expect(page.locator("#notice .notice")).to_be_hidden()
    ask(page, "a mended one")
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#field-prompt")).not_to_have_class(re.compile(r"\bwrong\b"))


def test_a_wrong_setting_is_told_and_marked_until_it_is_right(open_one: Open) -> None:
    page = open_one()
    open_advanced(page)
    steps, seed = (page.locator(f"#field-sampling-{name}") for name in ("steps", "seed"))
    marked = re.compile(r"\bwrong\b")
    steps.locator("input, textarea").fill("0")
    ask(page)
    expect(page.locator("#notice")).to_have_text("Steps: 0 is out of range; it should be greater than or equal to 1.")
    expect(steps).to_have_class(marked)
    steps.locator("input, textarea").fill("9")
    seed.locator("input, textarea").fill("seven")
    ask(page)
    expect(page.locator("#notice")).to_have_text(
        "Seed: 'seven' is not a whole number; write digits only, or -1 for a random one."
    )
    expect(seed).to_have_class(marked)
    expect(steps).not_to_have_class(marked)


def test_the_seed_that_is_shown_is_the_seed_that_is_drawn(open_page: Open, show: Show) -> None:
    page = open_page()
    seed = page.locator("#field-sampling-seed").locator("input, textarea")
    open_advanced(page)
    shown = seed.input_value()
    ask(page)
    expect(page.locator("#stop")).to_be_visible()
    assert show.program.jobs()[-1].plan.shots[0].seed == int(shown)
    expect(seed).not_to_have_value(shown)


def test_nothing_in_the_drawer_lies_on_anything_else(open_one: Open) -> None:
    page = open_one()
    open_advanced(page)
    box = page.locator("#field-sampling-seed").locator("input, textarea").bounding_box()
    below = page.locator("#random-seed").bounding_box()
    assert box is not None
    assert below is not None
    assert below["y"] >= box["y"] + box["height"]


def test_a_dropped_picture_gives_back_its_settings(open_page: Open, show: Show) -> None:
    page = open_page()
    ask(page, "a bridge at night")
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a bridge at night")
    done = show.program.jobs()[-1].pictures[0]
    page.locator("#field-prompt textarea").fill("something else")
    open_advanced(page)
    page.locator("#drop input[type=file]").set_input_files(done.path)
    expect(page.locator("#notice span")).to_have_text("The settings are loaded.")
    expect(page.locator("#field-prompt textarea")).to_have_value("a bridge at night")
    seed = page.locator("#field-sampling-seed").locator("input, textarea")
    expect(seed).to_have_value(str(done.record.shot.seed))
    page.locator("#generate").click()
    expect(page.locator("#stop")).to_be_visible()
    assert show.program.jobs()[-1].plan.shots == (done.record.shot,)


def test_a_refused_upload_is_told_in_a_calm_sentence(open_one: Open, tmp_path: Path, ledger: Ledger) -> None:
    page = open_one()
    complaints = len(ledger.complaints)
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    page.locator("#bar [data-do=drawer]").click()
    page.locator("#drop input[type=file]").set_input_files(path)
    expect(page.locator(".toast-message-text")).to_have_text(re.compile("^This is no picture"))
    for loud in (".toast-title", ".toast-icon", "#drop [data-testid=status-tracker]"):
        expect(page.locator(loud)).to_be_hidden()
    del ledger.complaints[complaints:]  # the browser's own line about the answer's status


def test_a_chinese_browser_reads_chinese(open_page: Open) -> None:
    page = open_page(locale="zh-CN")
    expect(page.locator("#generate")).to_have_text("生成")
    assert page.locator("#field-prompt textarea").get_attribute("placeholder") == "想画什么？"
    ask(page, "a zyxomma")
    expect(page.locator("#notice")).to_contain_text("口袋模型还没学过“zyxomma”")


def test_a_phone_shows_everything_without_scrolling_sideways(open_page: Open) -> None:
    page = open_page(viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True)
    ask(page, "a phone", count=20)
    expect(page.locator("#stop")).to_be_visible()
    for element in ("#generate", "#stop", "#field-prompt textarea", "#stage figure"):
        box = page.locator(element).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 640
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    frame, progress = page.locator("#stage .frame").bounding_box(), page.locator("#status small").bounding_box()
    assert frame is not None
    assert progress is not None
    assert (frame["x"], frame["width"]) == (12, 336)
    assert progress["height"] <= 20
    page.locator("#bar [data-do=drawer]").click()
    expect(page.locator("#drawer")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_is_light_or_dark_as_the_device_is_and_can_be_changed(open_one: Open, scheme: str, dark: bool) -> None:
    page = open_one(color_scheme=scheme)
    is_dark = "document.body.classList.contains('dark')"
    assert page.evaluate(is_dark) is dark
    page.locator("#bar [data-do=theme]").click()
    assert page.evaluate(is_dark) is not dark
    page.reload()
    page.locator("#bar .mark").wait_for()
    assert page.evaluate(is_dark) is not dark


def test_no_request_leaves_this_machine_and_the_browser_has_no_complaint(open_page: Open, ledger: Ledger) -> None:
    """Over this page and all that were opened before it: pictures drawn, stopped, downloaded, dropped, reloaded."""
    page = open_page()
    ask(page)
    expect(page.locator("#stage figure.finished img")).to_be_visible()
    assert ledger.elsewhere == []
    assert len(ledger.asked) > 10, "a test that sees no request would see no wrong one"
    assert ledger.complaints == []
