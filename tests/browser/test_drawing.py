"""What a person sees while pictures are drawn, one after the other on one and the same page."""

import re
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Page, expect

from fooo.catalog import Catalog
from tests.browser.conftest import STEPS, Ledger, Show, ask, showing, until
from tests.changing_catalog import ChangingCatalog

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def one_show(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Generator[Show]:
    """A program that draws for one test after the other, slowly enough to be stopped."""
    with showing(ChangingCatalog(catalog), tmp_path_factory.mktemp("outputs"), pace=0.1) as shown:
        yield shown


@pytest.fixture
def used_page(one_page: Page, one_show: Show) -> Page:
    """Its page, as somebody leaves it who drew before: what they asked for has ended."""
    assert until(lambda: all(job.state == "done" for job in one_show.program.jobs()), 60)
    expect(one_page.locator("#stop")).to_be_hidden()
    return one_page


def test_words_beyond_the_model_are_told_kindly_when_the_picture_is_drawn(used_page: Page) -> None:
    page = used_page
    ask(page, "a zyxomma")
    expect(page.locator("#status .busy")).to_be_visible()
    expect(page.locator("#notice .notice")).to_be_hidden()
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a zyxomma")
    note = page.locator("#notice [role=status]")
    expect(note).to_be_visible()
    expect(note).to_contain_text('The pocket model has not learnt "zyxomma" yet')
    expect(page.locator("#field-prompt")).not_to_have_class(re.compile(r"\bwrong\b"))


def test_the_pages_stream_stays_open_so_that_no_press_can_fall_between_two(used_page: Page, ledger: Ledger) -> None:
    page = used_page
    page.wait_for_timeout(1500)  # nothing is drawn: what has been asked has long been answered
    before = len(ledger.asked)
    ask(page, "a quiet lake")
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a quiet lake")
    assert not [address for address in ledger.asked[before:] if "/queue/data" in address]


def test_how_long_a_picture_takes_is_told_as_soon_as_one_has_been_drawn(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask(page)
    expect(page.locator("#stage figure.finished img")).to_be_visible()
    expect(page.locator("#final")).to_contain_text(re.compile(r"about \d+ s"))


def test_drawing_shows_preview_progress_and_ways_to_end_it_then_the_picture(used_page: Page) -> None:
    page = used_page
    ask(page)
    preview = page.locator("#stage figure.drawing img[src^='data:image/jpeg']")
    expect(preview).to_be_visible()
    assert re.fullmatch(
        rf"step \d+ of {STEPS} · (refining · )?(\d+ s left|almost done)", page.locator("#status span").inner_text()
    )
    for element in ("#stop", "#skip", "#keep"):
        expect(page.locator(element)).to_be_visible()
    frame = page.locator("#stage .frame").bounding_box()
    picture = page.locator("#stage figure.finished img")
    expect(picture).to_be_visible()
    assert page.locator("#stage .frame").bounding_box() == frame
    assert until(lambda: bool(picture.evaluate("image => image.complete && image.naturalWidth === 128")))
    expect(page.locator("#stop")).to_be_hidden()


def test_ctrl_enter_draws_and_escape_stops(used_page: Page, one_show: Show) -> None:
    page = used_page
    page.locator("#field-prompt textarea").fill("a boat")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#stop")).to_be_hidden()
    stopped = one_show.program.jobs()[-1]
    assert (stopped.plan.request.prompt, stopped.pictures) == ("a boat", ())
    expect(page.locator("#status")).to_have_text("Stopped.")


def test_stop_and_keep_keeps_the_half_picture(used_page: Page, one_show: Show) -> None:
    page = used_page
    ask(page, "a half")
    page.locator("#stage figure.drawing img[src]").wait_for()
    page.locator("#keep").click()
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a half")
    assert one_show.program.jobs()[-1].pictures[0].record.steps_done < STEPS


def test_the_download_is_the_kept_file_byte_for_byte(used_page: Page, one_show: Show) -> None:
    page = used_page
    ask(page, "a file")
    link = page.locator("#stage figure.finished a[download]")
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "a file")
    with page.expect_download() as coming:
        link.click()
    kept = one_show.program.jobs()[-1].pictures[0].path
    assert coming.value.suggested_filename == kept.name
    assert coming.value.path().read_bytes() == kept.read_bytes()
    assert one_show.program.read_record(coming.value.path()).request.prompt == "a file"


def test_pressing_again_while_drawing_lets_the_next_wait(used_page: Page, one_show: Show) -> None:
    page = used_page
    ask(page, "the first")
    expect(page.locator("#stop")).to_be_visible()
    ask(page, "the second")
    expect(page.locator("#status span")).to_contain_text("1 more is waiting")
    expect(page.locator("#stage figure.finished img")).to_have_attribute("alt", "the second")
    assert [job.plan.request.prompt for job in one_show.program.jobs()[-2:]] == ["the first", "the second"]


def test_an_empty_box_draws_too(used_page: Page, one_show: Show) -> None:
    page = used_page
    page.locator("#field-prompt textarea").fill("")
    page.locator("#generate").click()
    picture = page.locator("#stage figure.finished img")
    expect(picture).to_have_attribute("alt", "A picture drawn without words")
    expect(page.locator("#notice")).to_have_text("")
    assert one_show.program.jobs()[-1].pictures[0].record.request.prompt == ""
