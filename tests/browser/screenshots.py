"""Takes the pictures of docs/first-picture.md: `python -m tests.browser.screenshots ADDRESS LOCALE`, by hand.

ADDRESS: of a running Fooo that has drawn nothing yet and can enlarge; LOCALE: such as zh-CN.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import QUIET, chromium
from tests.browser.newcomer import Newcomer

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def main(address: str, locale: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIET))
        page = browser.new_page(viewport={"width": 960, "height": 640}, color_scheme="light", locale=locale)
        page.goto(address)

        def look(step: str) -> None:
            page.wait_for_timeout(800)
            page.screenshot(path=FOLDER / f"first-{locale[:2]}-{step}.jpg", type="jpeg", quality=80)

        Newcomer(page, look).go()
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
