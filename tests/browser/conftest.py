"""A real browser, and the page of a program whose engine is slow enough to be watched."""

import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from fooo.catalog import Catalog
from fooo.engine import Engine, FakeEngine
from fooo.image.store import PictureStore
from fooo.record import Archive
from fooo.service import Downloads, Fooo
from fooo.settings import ServeSettings
from tests.changing_catalog import ChangingCatalog
from tests.interface.http.serving import served

SECONDS_A_STEP = 0.04
STEPS = 30
"""Of the pocket preset: a picture takes 1.2 s, long enough to press Stop in."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_UNWANTED = (
    # pages of the browser's own window, which nobody sees here: a fifth of what it costs to open one of ours
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # Playwright switches these off, but the last such list counts
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch"),
)
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", f"--disable-features={','.join(_UNWANTED)}"),
)


def chromium() -> str | None:
    """Where a Chromium is installed, or None."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def device(scheme: str, width: int, locale: str) -> dict[str, Any]:
    """Playwright's options of a context: a phone with a touch screen where that is narrow, else a wide screen."""
    phone = width < 600
    return {
        "viewport": {"width": width, "height": 740 if phone else 900},
        "locale": locale,
        "color_scheme": scheme,
        "is_mobile": phone,
        "has_touch": phone,
    }


LEAVING = ("AbortError", "Connection errored out")
"""What gradio's page says of its own streams when it is left in the middle; nothing is wrong then."""


@dataclass
class Ledger:
    """What all pages of this session asked for, and what they complained about."""

    asked: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    @property
    def elsewhere(self) -> list[str]:
        """What was asked of other machines."""
        return [url for url in self.asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]

    def complain(self, text: str) -> None:
        if not any(known in text for known in LEAVING):
            self.complaints.append(text)


@dataclass(frozen=True)
class Show:
    """A program, and where its page is."""

    program: Fooo
    address: str
    folders: ChangingCatalog


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    found = chromium()
    if found is None:
        pytest.skip("no Chromium is installed here")
    # these tests ask what comes, not how soon: on a busy machine a press was seen to wait for five seconds
    expect.set_options(timeout=40_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def downloads() -> Downloads | None:
    """How the program fetches models; a test that is about that has its own."""
    return None


@pytest.fixture
def pace(request: pytest.FixtureRequest) -> float:
    """Seconds a step; a test that must not be overtaken by its picture has its own."""
    return getattr(request, "param", SECONDS_A_STEP)


@pytest.fixture
def show(folders: ChangingCatalog, downloads: Downloads | None, pace: float, tmp_path: Path) -> Generator[Show]:
    with showing(folders, tmp_path / "outputs", pace=pace, downloads=downloads) as shown:
        yield shown


@pytest.fixture
def open_page(browser: Browser, show: Show, ledger: Ledger) -> Generator[Callable[..., Page]]:
    """Opens the page in a browser of its own; its arguments are Playwright's options of a context."""
    with opening(browser, show, ledger) as open_one:
        yield open_one


@pytest.fixture(scope="module")
def one_show(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Generator[Show]:
    """A program for all tests of a file that draw nothing and leave everything as they found it."""
    with showing(ChangingCatalog(catalog), tmp_path_factory.mktemp("outputs")) as shown:
        yield shown


@pytest.fixture(scope="module")
def one_page(browser: Browser, one_show: Show, ledger: Ledger) -> Generator[Page]:
    """Its page, opened once: to open one takes seconds."""
    with opening(browser, one_show, ledger) as open_one:
        yield open_one()


@pytest.fixture
def open_one(browser: Browser, one_show: Show, ledger: Ledger) -> Generator[Callable[..., Page]]:
    """Opens that page once more, in a browser of its own."""
    with opening(browser, one_show, ledger) as open_again:
        yield open_again


@contextmanager
def showing(
    folders: ChangingCatalog,
    outputs: Path,
    *,
    pace: float = SECONDS_A_STEP,
    downloads: Downloads | None = None,
    serving: ServeSettings | None = None,
    port: int = 0,
    make_engine: Callable[[PictureStore], Engine] | None = None,
) -> Generator[Show]:
    """A program and its page, as long as the block runs.

    Args:
        folders: What there is.
        outputs: Where pictures are kept.
        pace: Seconds a step of the engine that draws where no other is given.
        downloads: How models are fetched; None: not at all.
        serving: How it is served.
        port: 0: any that is free.
        make_engine: Of what draws, told where pictures to begin with are.
    """
    seeds, pictures = iter(range(1, 10_000)), PictureStore(outputs / ".begun_with")
    program = Fooo(
        catalog=folders,
        make_engine=lambda: make_engine(pictures) if make_engine else FakeEngine(seconds_a_step=pace),
        pictures=pictures,
        archive=Archive(outputs),
        draw_seed=lambda: next(seeds),
        downloads=downloads,
    )
    with served(program, serving, port=port) as address:
        yield Show(program, address, folders)
    program.close()


@contextmanager
def opening(browser: Browser, show: Show, ledger: Ledger) -> Generator[Callable[..., Page]]:
    """What opens pages, each in a browser of its own; they are closed with the block."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> Page:
        plain: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
        context = browser.new_context(**plain | options)
        opened.append(context)
        context.on("request", lambda request: ledger.asked.append(request.url))
        page = context.new_page()
        page.on("websocket", lambda socket: ledger.asked.append(socket.url))
        page.on("pageerror", lambda error: ledger.complain(str(error)))
        page.on("console", lambda line: ledger.complain(line.text) if line.type == "error" else None)
        page.goto(show.address)
        page.locator("#bar .mark").wait_for()
        return page

    yield open_one
    for context in opened:
        context.close()


def ask(page: Page, words: str = "a lighthouse", *, count: int = 1) -> None:
    """Type the words and press Generate."""
    if count > 1:
        page.locator("#chips [data-at=field-output-count]").click()
        page.locator("#field-output-count input").fill(str(count))
        page.keyboard.press("Escape")
    page.locator("#field-prompt textarea").fill(words)
    page.locator("#generate").click()


def open_advanced(page: Page) -> None:
    """Open the drawer and its advanced part, and wait until the fields in it keep what is typed.

    What an accordion hides is made when it is first opened, and gradio sets the values of the new fields once more in
    the frame after that: quicker than any hand, but not than a test on a busy machine.
    """
    page.locator("#bar [data-do=drawer]").click()
    page.locator("#advanced > button").click()
    page.locator("#field-sampling-seed").locator("input, textarea").wait_for()
    page.evaluate("async () => { for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame); }")


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it becomes true within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return true()
