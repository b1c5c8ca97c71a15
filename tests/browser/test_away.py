"""The server goes away and comes back while the page is open; and no reload loses what was typed."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from fooo.interface.people import Account, Person
from fooo.interface.people.auth_file import write_accounts
from fooo.settings import ServeSettings
from tests.browser.conftest import Ledger, Show, ask, opening, showing, until
from tests.changing_catalog import ChangingCatalog

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

SAID = {
    "en-GB": "Fooo is not answering. Your words are kept, and it goes on by itself.",
    "zh-CN": "Fooo 暂时没有回应；你写的话都在，恢复后会自己继续。",
}
BOX = "#field-prompt textarea"
REFUSED = "a" * 10_001


class Server:
    """A program with its page, which can end and begin again at the same address."""

    def __init__(self, begin: Callable[[int], AbstractContextManager[Show]]) -> None:
        self._begin, self._running, self._port = begin, ExitStack(), 0
        self.start()

    def start(self) -> None:
        self.show = self._running.enter_context(self._begin(self._port))
        self._port = urlsplit(self.show.address).port or 0

    def stop(self) -> None:
        self._running.close()


@pytest.fixture
def serving() -> ServeSettings:
    """Without a login; a test that needs one has its own."""
    return ServeSettings()


@pytest.fixture
def server(
    folders: ChangingCatalog, tmp_path: Path, pace: float, serving: ServeSettings, ledger: Ledger
) -> Generator[Server]:
    complaints = len(ledger.complaints)
    server = Server(lambda port: showing(folders, tmp_path / "outputs", pace=pace, serving=serving, port=port))
    yield server
    server.stop()
    del ledger.complaints[complaints:]  # the browser's own lines about a server that does not answer


@pytest.mark.parametrize("locale", SAID)
@pytest.mark.parametrize("pace", [0.3], indirect=True)
def test_a_page_says_calmly_that_the_server_is_away_and_comes_back_with_the_words(
    browser: Browser, server: Server, ledger: Ledger, locale: str
) -> None:
    with opening(browser, server.show, ledger) as open_page:
        page = open_page(locale=locale)
        page.locator("#known [data-mark]").wait_for(state="attached")
        ask(page, "a bridge")
        expect(page.locator("#stop")).to_be_visible()
        page.locator(BOX).fill("a lighthouse, half written")
        server.stop()
        said = page.locator("#away")
        expect(said).to_have_text(SAID[locale])
        for old in (".toast-body", "#stop", "#status", "#notice"):
            expect(page.locator(old)).to_be_hidden()
        place, bar, box = (page.locator(each).bounding_box() for each in ("#away", "#bar", "#box"))
        assert place
        assert bar
        assert box
        assert bar["y"] + bar["height"] <= place["y"]
        assert place["y"] + place["height"] <= box["y"]
        server.start()
        expect(said).to_have_count(0)
        expect(page.locator(BOX)).to_have_value("a lighthouse, half written")
        before = len(server.show.program.jobs())
        page.locator("#generate").click()
        assert until(lambda: len(server.show.program.jobs()) > before, 40)
        assert server.show.program.jobs()[-1].plan.request.prompt == "a lighthouse, half written"


class TestBehindALogin:
    @pytest.fixture
    def serving(self, tmp_path: Path) -> ServeSettings:
        write_accounts(tmp_path / "auth.json", {"ann": Account.of(Person("ann"), "her word")})
        return ServeSettings(auth=tmp_path / "auth.json")

    def test_who_has_to_log_in_again_is_asked_to_and_finds_the_words(self, browser: Browser, server: Server) -> None:
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        log_in(page, server)
        page.locator("#known [data-mark]").wait_for(state="attached")
        page.locator(BOX).fill("a lighthouse")
        server.stop()
        expect(page.locator("#away")).to_be_visible()
        server.start()
        expect(page.locator("[name=password]")).to_be_visible()
        log_in(page, server)
        expect(page.locator(BOX)).to_have_value("a lighthouse")
        context.close()


def log_in(page: Page, server: Server) -> None:
    page.goto(server.show.address)
    page.locator("[name=user]").fill("ann")
    page.locator("[name=password]").fill("her word")
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_be_visible()


def test_typed_words_survive_a_reload_and_what_was_drawn_is_kept_by_the_server_alone(
    open_page: Open, show: Show
) -> None:
    page = open_page()
    box = page.locator(BOX)
    ask(page, "a bridge")
    expect(page.locator("#stage figure.finished")).to_be_visible()
    assert until(lambda: page.evaluate("sessionStorage.getItem('fooo-draft')") is None)
    box.fill("a lighthouse")
    page.reload()
    expect(box).to_have_value("a lighthouse")
    page.locator("#generate").click()
    assert until(lambda: len(show.program.jobs()) == 2, 40)
    assert show.program.jobs()[-1].plan.request.prompt == "a lighthouse"


def test_what_was_refused_is_kept_too(open_page: Open) -> None:
    page = open_page()
    ask(page, REFUSED)
    expect(page.locator("#notice .notice")).to_be_visible()
    page.reload()
    expect(page.locator(BOX)).to_have_value(REFUSED)
