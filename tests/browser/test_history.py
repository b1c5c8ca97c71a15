"""The history in a real browser: every picture of earlier runs is found, used again, thrown away and put back."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from fooo.engine import FakeEngine
from fooo.record import Archive, Record
from fooo.request import Vary
from fooo.service import Fooo
from tests.browser.conftest import Show, until
from tests.interface.http.serving import served
from tests.record.history.pictures import keep

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
NOW = datetime.now().replace(microsecond=0)
PHONE = {"viewport": {"width": 360, "height": 740}, "locale": "zh-CN", "color_scheme": "dark"}


@pytest.fixture
def outputs(show: Show, record: Record) -> Path:
    """Of today, of yesterday and of years ago."""
    return fill(show.program.archive.folder, record)


@pytest.fixture
def same_outputs(one_show: Show, record: Record) -> Path:
    """The same of the program that is shared by those who only look; the first of them puts them there."""
    folder = one_show.program.archive.folder
    return folder if any(folder.rglob("*.png")) else fill(folder, record)


def fill(folder: Path, record: Record) -> Path:
    keep(folder, record, "a red apple", made=NOW)
    keep(folder, record, "a lighthouse", made=NOW - timedelta(days=1), styles=("Anime",))
    keep(folder, record, "a castle", made=datetime(2020, 5, 17, 12))
    return folder


def open_history(page: Page) -> Page:
    page.locator("#bar [data-do=history]").click()
    expect(page.locator("#history figure").first).to_be_visible()
    return page


def shown(page: Page) -> list[str | None]:
    return [image.get_attribute("alt") for image in page.locator("#history figure img").all()]


def expect_shown(page: Page, *words: str) -> None:
    expect(page.locator("#history figure")).to_have_count(len(words))
    assert until(lambda: shown(page) == list(words))


@pytest.mark.usefixtures("same_outputs")
def test_it_shows_days_and_finds_by_words_style_and_favourite(open_one: Open) -> None:
    page = open_history(open_one())
    expect_shown(page, "a red apple", "a lighthouse", "a castle")
    expect(page.locator("#history h3")).to_have_text(["Today", "Yesterday", "Sunday, 17 May 2020"])
    expect(page.locator("#history .count")).to_have_text("3 pictures")
    page.locator("#history input").fill("CASTLE")
    expect_shown(page, "a castle")
    page.locator("#history input").fill("")
    page.locator("#history [name=style]").select_option("Anime")
    expect_shown(page, "a lighthouse")
    page.locator("#history input").fill("nothing like this")
    expect(page.locator("#history .end")).to_have_text("No picture has all of this.")


@pytest.mark.usefixtures("outputs")
def test_one_click_loads_the_settings_of_an_old_picture(open_page: Open, show: Show) -> None:
    page = open_history(open_page())
    page.locator("#history figure").nth(1).hover()
    page.locator("#history figure").nth(1).get_by_text("Load settings").click()
    expect(page.locator("#history")).to_be_hidden()
    expect(page.locator("#field-prompt textarea")).to_have_value("a lighthouse")
    page.locator("#generate").click()
    assert until(lambda: len(show.program.jobs()) == 1)
    plan = show.program.jobs()[0].plan
    assert (plan.request.styles, plan.shots[0].seed) == (("Anime",), 7)


@pytest.mark.usefixtures("outputs")
def test_an_old_picture_is_varied_by_a_press(open_page: Open, show: Show) -> None:
    page = open_history(open_page())
    page.locator("#history a.open").nth(2).click()
    expect(page.locator("#viewer .about")).to_contain_text("a castle")
    page.locator("#viewer [data-how=vary_strong]").click()
    expect(page.locator("#history")).to_be_hidden()
    assert until(lambda: len(show.program.jobs()) == 1)
    asked = show.program.jobs()[0].plan.request
    assert isinstance(asked.start, Vary)
    assert asked.prompt == "a castle"


def test_what_is_deleted_comes_back(open_page: Open, outputs: Path) -> None:
    page = open_history(open_page())
    page.locator("#history a.open").first.click()
    page.locator("#viewer [data-do=throw]").click()
    expect_shown(page, "a lighthouse", "a castle")
    expect(page.locator("#history .told")).to_contain_text("1 picture is in the trash.")
    assert len(list((outputs / ".trash").rglob("*.png"))) == 1
    page.locator("#history .told").get_by_text("Undo").click()
    expect_shown(page, "a red apple", "a lighthouse", "a castle")
    # by the keyboard, and out of the trash later on
    page.locator("#history a.open").nth(1).focus()
    page.keyboard.press("Delete")
    expect_shown(page, "a red apple", "a castle")
    page.reload()
    open_history(page)
    page.locator("#history").locator("[data-do=only-thrown]").click()
    expect_shown(page, "a lighthouse")
    page.locator("#history figure").hover()
    page.locator("#history figure").get_by_text("Put back").click()
    expect(page.locator("#history .end")).to_have_text("The trash is empty.")
    page.locator("#history").locator("[data-do=only-thrown]").click()
    expect_shown(page, "a red apple", "a lighthouse", "a castle")


def test_the_trash_is_emptied_after_a_question_and_nothing_else_is_touched(open_page: Open, outputs: Path) -> None:
    page = open_history(open_page())
    expect(page.locator("#history .trash")).to_be_hidden()
    page.locator("#history a.open").nth(1).focus()
    page.keyboard.press("Delete")
    expect_shown(page, "a red apple", "a castle")
    page.locator("#history [data-do=only-thrown]").click()
    expect_shown(page, "a lighthouse")
    page.get_by_role("button", name="Empty the trash now").click()
    question = page.get_by_role(
        "alertdialog", name="Remove all that lies in the trash for good? This cannot be undone."
    )
    expect(question.get_by_text("Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    assert len(list((outputs / ".trash").rglob("*.png"))) == 1
    page.get_by_role("button", name="Empty the trash now").click()
    question.get_by_text("Remove for good").click()
    expect(page.locator("#history .told")).to_contain_text("1 picture is removed for good.")
    expect(page.locator("#history .end")).to_have_text("The trash is empty.")
    expect(page.locator("#history .trash")).to_be_hidden()
    assert list((outputs / ".trash").rglob("*.png")) == []
    page.locator("#history [data-do=only-thrown]").click()
    expect_shown(page, "a red apple", "a castle")
    assert len(list(outputs.rglob("*.png"))) == 2


def test_what_was_drawn_now_and_is_deleted_leaves_the_wall(open_page: Open) -> None:
    page = open_page()
    page.locator("#field-prompt textarea").fill("a boat")
    page.locator("#generate").click()
    expect(page.locator("#stage figure.finished img")).to_be_visible()
    open_history(page)
    page.locator("#history a.open").focus()
    page.keyboard.press("Delete")
    expect(page.locator("#history figure")).to_have_count(0)
    expect(page.locator("#stage figure")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#stage figure.finished img")).to_be_visible()


def test_a_favourite_outlives_the_program(open_page: Open, show: Show, outputs: Path) -> None:
    page = open_history(open_page())
    page.locator("#history figure").nth(1).hover()
    page.locator("#history figure .mark").nth(1).click()
    expect(page.locator("#history figure .mark").nth(1)).to_have_attribute("aria-pressed", "true")
    assert until(lambda: len(list(outputs.glob(".favourites/*"))) == 1)
    page.goto("about:blank")  # a page whose program goes away reloads itself, maybe just when it is to go elsewhere
    show.program.close()
    again = Fooo(catalog=show.folders, make_engine=FakeEngine, archive=Archive(outputs), draw_seed=lambda: 1)
    with served(again) as address:
        page.goto(address)
        open_history(page)
        page.locator("#history [data-do=only-favourites]").click()
        expect_shown(page, "a lighthouse")
        page.goto("about:blank")  # a page whose server goes away complains, and rightly
    again.close()


@pytest.mark.usefixtures("same_outputs")
def test_several_are_downloaded_at_once(open_one: Open) -> None:
    page = open_history(open_one())
    page.locator("#history").get_by_text("Select").click()
    for number in (0, 2):
        page.locator("#history a.open").nth(number).click()
    expect(page.locator("#viewer")).to_have_count(0)
    expect(page.locator("#history footer")).to_contain_text("2 selected")
    with page.expect_download() as download:
        page.locator("#history footer a").click()
    with ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as bundle:
        assert len(bundle.namelist()) == 2


@pytest.mark.usefixtures("same_outputs")
def test_the_keyboard_reaches_everything(open_one: Open) -> None:
    page = open_one()
    page.locator("#bar [data-do=history]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#history input")).to_be_focused()
    expect_shown(page, "a red apple", "a lighthouse", "a castle")
    page.locator("#history a.open").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#history a.open").nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#history figure").nth(1).get_by_text("Load settings")).to_be_focused()
    page.locator("#history a.open").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#viewer .about")).to_contain_text("a lighthouse")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer .about")).to_contain_text("a castle")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#history")).to_be_hidden()


@pytest.mark.usefixtures("same_outputs")
def test_it_fits_a_phone_in_chinese_and_nothing_moves(open_one: Open) -> None:
    page = open_one(**PHONE)
    page.locator("#final .final").wait_for()  # the page below it has all its words
    page.wait_for_timeout(500)
    page.evaluate(
        "window.moved = 0; new PerformanceObserver((list) => {"
        "for (const each of list.getEntries()) window.moved += each.value; }).observe({ type: 'layout-shift' })"
    )
    open_history(page)
    page.wait_for_function("[...document.querySelectorAll('#history img')].every((each) => each.naturalWidth)")
    expect(page.locator("#history h2")).to_have_text("历史")
    expect(page.locator("#history h3").first).to_have_text("今天")
    wide = "(part) => part.scrollWidth - part.clientWidth"
    assert page.locator("#history").evaluate(wide) == page.locator("#history .days").evaluate(wide) == 0
    assert page.evaluate("window.moved") == 0
    page.locator("#history a.open").first.click()
    box = page.locator("#viewer").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["y"] + box["height"] <= 740


@pytest.mark.usefixtures("same_outputs")
def test_a_lost_server_is_told_and_tried_again(browser: Browser, one_show: Show) -> None:
    page = browser.new_page(locale="en-GB")
    page.goto(one_show.address)
    page.route("**/api/history?*", lambda route: route.abort())
    page.locator("#bar [data-do=history]").click()
    expect(page.locator("#history .told")).to_contain_text("The history cannot be read now.")
    page.unroute("**/api/history?*")
    page.locator("#history .told").get_by_text("Try again").click()
    expect_shown(page, "a red apple", "a lighthouse", "a castle")
    page.close()


@pytest.mark.prove
def test_of_5000_pictures_the_first_screen_is_there_within_a_second(
    open_page: Open, show: Show, record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = show.program.archive.folder
    for number in range(5000):
        keep(folder, record, f"picture {number}", made=NOW - timedelta(minutes=7 * number))
    page = open_page()
    first = _seconds_to_first_screen(page)  # nothing is known yet, and no thumbnail made
    expect(page.locator("#history .count")).to_have_text("5000 pictures", timeout=120_000)
    again = min(_seconds_to_first_screen(page) for _ in range(3))

    def scrolled() -> bool:
        page.locator("#history .days").evaluate("(days) => days.scrollBy(0, 4000)")
        return page.locator("#history figure").count() > 1000

    assert until(scrolled, 60)
    with capsys.disabled():
        print(f"\nfirst screen of 5,000: {first:.2f} s, once known {again:.2f} s")  # noqa: T201 - the figure asked for
    # once, while nothing is known and no small picture made: 1.2 s measured on one core shared with the browser
    assert first < 4
    assert again < 1


def _seconds_to_first_screen(page: Page) -> float:
    """From the press until every picture in sight is there, by the browser's clock, on a page that was just opened."""
    page.reload()
    page.locator("#bar [data-do=history]").wait_for()
    page.wait_for_timeout(1000)
    milliseconds = page.evaluate(
        """async () => {
          const began = performance.now();
          document.querySelector("#bar [data-do=history]").click();
          const seen = () => [...document.querySelectorAll("#history img")].filter(
            (each) => each.getBoundingClientRect().top < innerHeight);
          while (!seen().length || !seen().every((each) => each.complete && each.naturalWidth))
            await new Promise(requestAnimationFrame);
          return performance.now() - began;
        }"""
    )
    return float(milliseconds) / 1000
