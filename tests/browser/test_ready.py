"""What happens when a page is first shown in a browser."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.service import Fooo
from tests.interface.http.serving import served

pytestmark = pytest.mark.browser


@dataclass
class Warming:
    """An engine that says when it is made, as the real one does when it imports torch, and when it has loaded."""

    made: threading.Event = field(default_factory=threading.Event)
    loaded: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> "Warming":
        self.made.set()
        return self

    @property
    def device(self) -> str:
        return "no device"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        self.loaded.set()

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        return FakeEngine().run(plan, monitor)

    def close(self) -> None:
        """It has begun nothing."""


def test_the_engine_is_made_only_after_a_page_was_shown_and_then_at_once(
    browser: Browser, catalog: Catalog, tmp_path: Path
) -> None:
    engine = Warming()
    program = Fooo(catalog=lambda: catalog, make_engine=engine, archive=Archive(tmp_path), draw_seed=lambda: 7)
    with served(program) as address:
        assert httpx.get(address).status_code == 200
        assert not engine.made.wait(0.5)
        context = browser.new_context()
        context.new_page().goto(address)
        assert engine.loaded.wait(10)
        context.close()
    program.close()
