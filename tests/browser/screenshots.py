"""Takes the pictures of the page for docs/pictures: `python -m tests.browser.screenshots [ADDRESS]`, by hand.

Without an address it draws with the fake engine; with the address of a running Fooo, with what that one has.
"""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from fooo.catalog import read_catalog
from fooo.engine import FakeEngine
from fooo.record import Archive
from fooo.service import Fooo
from fooo.settings import Settings
from tests.browser.conftest import QUIET, chromium
from tests.interface.http.serving import served

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WORDS = "a red apple, glossy"


def main() -> None:
    with ExitStack() as stack:
        address = sys.argv[1] if len(sys.argv) > 1 else stack.enter_context(served(fake_program()))
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=chromium(), args=list(QUIET))
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


def take(page: Page, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"page-{name}.png")


if __name__ == "__main__":
    main()
