"""Every journey through the page on the pocket model: both languages, both schemes, a phone and a wide screen."""

import time
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fooo.catalog import Catalog
from fooo.engine.local import build_local_engine
from fooo.service import Downloads
from tests.browser.conftest import Ledger, device, opening, showing
from tests.browser.journeys import PATIENCE, Journeys
from tests.browser.looking import ARTEFACTS, Looking
from tests.browser.test_fetching import Hub
from tests.changing_catalog import ChangingCatalog
from tests.detectors import CENTERFACE
from tests.prove.conftest import Figure
from tests.prove.test_page_weight import chrome

pytestmark = [pytest.mark.prove, pytest.mark.browser]


@pytest.mark.parametrize(("scheme", "locale", "width"), [*product(("light", "dark"), ("en-GB", "zh-CN"), (360, 1440))])
def test_every_journey_ends_well_on_the_pocket_model(
    catalog: Catalog, tmp_path: Path, figure: Figure, scheme: str, locale: str, width: int
) -> None:
    folders = ChangingCatalog(replace(catalog, detectors=(CENTERFACE,)))
    ledger, began = Ledger(), time.monotonic()
    with (
        showing(
            folders,
            tmp_path / "outputs",
            downloads=Downloads(Hub()),
            make_engine=lambda pictures: build_local_engine(
                folders, always_cpu=True, threads=None, pictures=pictures.open
            ),
        ) as show,
        chrome() as browser,
        opening(browser, show, ledger) as open_page,
    ):
        page = open_page(**device(scheme, width, locale))
        expect.set_options(timeout=PATIENCE)
        look = Looking(page, f"pocket-{scheme}-{width}-{locale}")
        Journeys(page, look, enlarges=bool(catalog.upscalers)).go()
    took = f"{time.monotonic() - began:.0f} s"
    figure(
        f"journeys, {scheme}, {locale}, {width} px",
        f"{len(look.seen)} states seen, {len(look.found)} grave findings, {len(ledger.complaints)} complaints, "
        f"{len(ledger.elsewhere)} of {len(ledger.asked)} requests elsewhere; {took}",
        f"pictures in {ARTEFACTS.name}/, 0, 0, 0",
    )
    assert (look.found, ledger.complaints, ledger.elsewhere) == ([], [], [])
