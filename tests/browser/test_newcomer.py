"""The way of a newcomer, as docs/first-picture.md tells it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from fooo.settings import ROOT
from tests.browser.conftest import Show
from tests.browser.newcomer import Newcomer
from tests.browser.test_acts import PHOTO

pytestmark = pytest.mark.browser


def test_each_step_takes_the_clicks_that_it_should_and_can_be_seen(
    open_page: Callable[..., Page], show: Show, tmp_path: Path
) -> None:
    show.folders.now = replace(show.folders.now, upscalers={PHOTO: Path("photo.safetensors")})
    page = open_page()
    newcomer = Newcomer(page, lambda name: page.screenshot(path=tmp_path / f"{name}.png"))
    newcomer.go()
    assert newcomer.clicks == {"type": 0, "draw": 1, "enlarge": 1, "choose_a_style": 2, "drop_an_old_picture": 0}
    told = (ROOT / "docs" / "first-picture.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"pictures/first-en-(\w+)\.jpg", told))
    assert shown == {file.stem for file in tmp_path.glob("*.png")}
