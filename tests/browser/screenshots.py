"""Takes the pictures of the page for docs/pictures: `python -m tests.browser.screenshots [ADDRESS [LOCALE]]`, by hand.

Without an address it draws with the fake engine; with the address of a running Fooo, with what that one has. With a
locale, such as zh-CN, it takes those of docs/first-picture.md: of a Fooo that has drawn nothing yet and can enlarge.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from fooo.catalog import read_catalog
from fooo.engine import FakeEngine
from fooo.record import Archive
from fooo.service import Fooo
from fooo.settings import Settings
from tests.browser.conftest import QUIET, chromium
from tests.browser.newcomer import Newcomer
from tests.interface.http.serving import served

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WORDS = "a red apple, glossy"


def main() -> None:
    with ExitStack() as stack:
        address = sys.argv[1] if len(sys.argv) > 1 else stack.enter_context(served(fake_program()))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=chromium(), args=list(QUIET))
        if len(sys.argv) > 2:
            follow_newcomer(browser, address, locale=sys.argv[2])
            return
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark", locale="en-GB")
        page.goto(address)
        page.locator("#generate").wait_for()
        page.wait_for_timeout(800)
        take(page, "before")
        page.locator("#field-prompt textarea").fill(WORDS)
        page.locator("#generate").click()
        page.locator("#stage figure.drawing img[src]").wait_for(timeout=600_000)
        page.wait_for_timeout(1200)
        take(page, "during")
        page.locator("#stop").wait_for(state="hidden", timeout=600_000)
        page.wait_for_timeout(800)
        take(page, "after")
        browser.close()


def fake_program() -> Fooo:
    settings = Settings()
    return Fooo(
        catalog=lambda: read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models),
        make_engine=lambda: FakeEngine(seconds_a_step=0.1),
        archive=Archive(Path(tempfile.mkdtemp())),
        draw_seed=lambda: 3,
    )


def follow_newcomer(browser: Browser, address: str, *, locale: str) -> None:
    page = browser.new_page(viewport={"width": 960, "height": 640}, color_scheme="light", locale=locale)
    page.goto(address)

    def look(step: str) -> None:
        page.wait_for_timeout(800)
        page.screenshot(path=FOLDER / f"first-{locale[:2]}-{step}.jpg", type="jpeg", quality=80)

    Newcomer(page, look).go()


def take(page: Page, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"page-{name}.png")


if __name__ == "__main__":
    main()
