"""The page for everybody: every journey in both languages, schemes and widths, and what is to be seen on the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from fooo.catalog import Catalog
from fooo.service import Downloads
from tests.browser.conftest import Ledger, device
from tests.browser.journeys import Journeys
from tests.browser.looking import Looking, violations
from tests.browser.test_fetching import Hub
from tests.changing_catalog import ChangingCatalog
from tests.detectors import CENTERFACE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def folders(catalog: Catalog) -> ChangingCatalog:
    here = {"RealESRGAN_x4plus": Path("photo.safetensors")}
    return ChangingCatalog(replace(catalog, upscalers=here, detectors=(CENTERFACE,)))


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def downloads(hub: Hub) -> Downloads:
    return Downloads(hub)


@pytest.mark.parametrize(
    ("scheme", "width", "locale"), [("light", 1440, "en-GB"), ("dark", 360, "zh-CN")], ids=["wide", "phone"]
)
def test_every_journey_ends_well_and_nothing_on_it_is_gravely_wrong_for_anybody(
    open_page: Open, hub: Hub, ledger: Ledger, scheme: str, width: int, locale: str
) -> None:
    page = open_page(**device(scheme, width, locale))
    look = Looking(page, f"{scheme}-{width}-{locale}")
    Journeys(page, look).go()
    assert look.found == []
    assert len(look.seen) > 30
    assert ledger.complaints == []
    hub.let.release(20)  # what is still being fetched comes at once: the program's end waits for it


def test_what_is_gravely_wrong_is_found(open_one: Open) -> None:
    page = open_one()
    page.evaluate("document.querySelector('#generate').innerHTML = '<i></i>'")
    assert any("Buttons must have discernible text" in each for each in violations(page, "spoilt"))
