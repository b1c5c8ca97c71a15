"""The first view against a bare page of gradio, one textbox, one button and one picture: what it fetches, how soon."""

import statistics
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from fooo.catalog import Catalog
from fooo.interface.http import address_of, listen
from fooo.interface.web.seam import in_a_loop, mount
from tests.browser.conftest import QUIET, chromium, showing
from tests.changing_catalog import ChangingCatalog
from tests.prove.conftest import Figure

pytestmark = [pytest.mark.prove, pytest.mark.browser]

ROUNDS = 8
MOST_TIMES = 1.3
SETTLED = 1500
"""Milliseconds in which a page fetches the last of what it shows at first."""
MOST_MILLISECONDS = 60_000

_WAIT = """
window.pressable = new Promise((resolve) => {
  const look = () => {
    const button = document.querySelector("#generate");
    const box = button?.getBoundingClientRect();
    const there = box?.height && !button.disabled;
    const top = there && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (top && button.contains(top)) resolve(performance.now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});
"""
"""Milliseconds from the visit's beginning to the first frame in which the button is there and nothing covers it."""


@dataclass(frozen=True)
class Visit:
    """Args: milliseconds: Until the button can be pressed. requested: Files. received: Bytes, packed as they came."""

    milliseconds: float
    requested: int
    received: int


def test_the_first_view_against_a_bare_page_of_gradio(catalog: Catalog, tmp_path: Path, figure: Figure):
    with bare() as plain, showing(ChangingCatalog(catalog), tmp_path / "outputs") as ours, chrome() as browser:
        visits: dict[str, list[Visit]] = {plain: [], ours.address: []}
        for address in visits:
            visit(browser, address)  # what the servers and the browser do only once
        for turn in range(ROUNDS):
            # now the one first, now the other: a machine that grows slower or quicker is fair to both
            for address in (plain, ours.address) if turn % 2 else (ours.address, plain):
                visits[address].append(visit(browser, address))
    theirs, own = visits[plain], visits[ours.address]
    tell(figure, theirs, own)
    assert {each.requested > 0 for each in (*theirs, *own)} == {True}
    # measured in turns on one machine; 2 is what would be seen as a page grown slow, whatever else the machine does
    assert times(theirs, own, "milliseconds") < 2


def tell(figure: Figure, theirs: list[Visit], own: list[Visit]) -> None:
    for what, name, unit in (
        ("button can be pressed", "milliseconds", "ms"),
        ("requests", "requested", ""),
        ("bytes received", "received", "B"),
    ):
        middles = [f"{middle(each, name):.0f} {unit}".strip() for each in (theirs, own)]
        wanted = f"<= {MOST_TIMES} times" if name == "milliseconds" else ""
        figure(f"{what}: bare gradio, Fooo", f"{', '.join(middles)} ({times(theirs, own, name):.2f} times)", wanted)


def middle(visits: list[Visit], name: str) -> float:
    return statistics.median(getattr(each, name) for each in visits)


def times(theirs: list[Visit], own: list[Visit], name: str) -> float:
    """The median over the rounds of what ours takes of theirs."""
    return statistics.median(getattr(b, name) / getattr(a, name) for a, b in zip(theirs, own, strict=True))


def visit(browser: Browser, address: str) -> Visit:
    """A first visit: nothing of the page is kept from before."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    network: Any = context.new_cdp_session(page)  # its messages have no types
    received: list[int] = []
    requested: list[str] = []

    def finished(event: dict[str, Any]) -> None:
        received.append(event["encodedDataLength"])

    network.on("Network.loadingFinished", finished)
    page.on("request", lambda request: requested.append(request.url))
    network.send("Network.enable")
    page.add_init_script(_WAIT)
    page.goto(address, wait_until="commit")
    milliseconds = float(page.evaluate("pressable"))
    page.wait_for_timeout(SETTLED)
    context.close()
    return Visit(milliseconds, len(requested), sum(received))


@contextmanager
def chrome() -> Generator[Browser]:
    found = chromium()
    if found is None:
        pytest.skip("no Chromium is installed here")
    # gradio's own theme asks another server for its letters: here nobody answers, and at once
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*QUIET, alone])
        yield browser
        browser.close()


def _draw(_words: str) -> None: ...


@contextmanager
def bare() -> Generator[str]:
    """The address of gradio's own page, put on a server as ours is."""

    def build() -> gr.Blocks:
        with gr.Blocks(analytics_enabled=False) as page:
            words, button, picture = gr.Textbox(), gr.Button("Generate", elem_id="generate"), gr.Image()
            button.click(_draw, words, picture)
        return page

    application = FastAPI()
    mount(application, in_a_loop(build), ssr_mode=False)
    with listen("127.0.0.1", 0) as taken:
        server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield address_of(taken)
        server.should_exit = True
        thread.join(MOST_MILLISECONDS / 1000)
