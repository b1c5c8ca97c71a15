"""Models that a preset lacks: offered, fetched while the page goes on, told in a line below the bar."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fooo.catalog import PresetFile
from fooo.events import Downloading
from fooo.monitor import Answer, Monitor
from fooo.service import Downloads
from tests.browser.conftest import Show
from tests.detectors import CENTERFACE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


class Hub:
    """Gives a tenth of a file each time that it is let; what has come stays."""

    def __init__(self) -> None:
        self.let = threading.Semaphore(0)
        self.tenths = dict[str, int]()

    def __call__(self, file: PresetFile, monitor: Monitor) -> Path | None:
        for tenth in range(self.tenths.get(file.name, 0), 10):
            self.tenths[file.name] = tenth
            event = Downloading(what=file.name, done=tenth * 10**9, total=10**10, seconds_left=100.0)
            if monitor.tell(event) is not Answer.GO:
                return None
            self.let.acquire(timeout=20)
        return Path(file.name)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def downloads(hub: Hub) -> Downloads:
    return Downloads(hub)


def choose_sdxl(page: Page, show: Show) -> None:
    """Of which two files are missing, and not the one that finds faces."""
    show.folders.now = replace(show.folders.now, detectors=(CENTERFACE,))
    page.locator("#bar [data-do=drawer]").click()
    page.locator("#field-preset label", has_text="as it was made").click()
    page.keyboard.press("Escape")


def test_what_a_preset_lacks_is_offered_with_size_and_licence_and_fetched_by_one_press(
    open_page: Open, show: Show, hub: Hub
) -> None:
    page = open_page()
    choose_sdxl(page, show)
    page.locator("#generate").click()
    notice = page.locator("#notice .notice")
    expect(notice).to_contain_text("sd_xl_base_1.0_0.9vae.safetensors (6.9 GB, licence: CreativeML Open RAIL++-M)")
    assert show.program.downloads.now() == (), "nothing comes down before the person says so"
    notice.locator("button").click()
    lines = page.locator("#fetching p")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("sd_xl_base_1.0_0.9vae.safetensors: 0 % · 2 min left")
    expect(lines.last).to_contain_text("waits")
    lines.first.locator("button", has_text="Pause").click()
    hub.let.release()
    expect(lines.first).to_contain_text("paused at")
    expect(lines.last).to_contain_text("%")
    for _ in range(10):
        hub.let.release()
    expect(lines).to_have_count(1)
    lines.locator("button", has_text="Go on").click()
    for _ in range(10):
        hub.let.release()
    expect(lines).to_contain_text("is here: press Generate")
