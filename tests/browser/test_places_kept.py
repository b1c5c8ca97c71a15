"""What comes a moment after the page finds its place kept: nothing moves when it is there."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

EMPTIED = """(selector) => {
  const [part, words] = [document.querySelector(selector), document.querySelector("#words")];
  const height = () => words.getBoundingClientRect().height;
  const full = height();
  part.querySelectorAll("*").forEach((each) => (each.style.display = "none"));
  return full - height();
}"""


@pytest.mark.parametrize("width", [360, 1280], ids=["phone", "wide"])
def test_the_words_are_as_high_before_their_line_and_their_chips_have_come(open_page: Open, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 740})
    page.locator("#final .actions").wait_for()
    page.locator("#repeat .chip").wait_for()
    assert page.evaluate(EMPTIED, "#final") == 0
    assert page.evaluate(EMPTIED, "#choices") == 0
