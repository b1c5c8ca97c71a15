"""What somebody does who opens Fooo for the first time, with the clicks that each step takes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.bringing import DROP

WORDS = "a red apple, glossy"

_COUNT = """() => {
  window.clicked = 0;
  document.addEventListener("click", (event) => { window.clicked += event.isTrusted ? 1 : 0; }, true);
}"""


def look_away(name: str) -> None:
    """For who wants no pictures of the page."""


@dataclass
class Newcomer:
    """Goes through docs/first-picture.md, step by step.

    Attributes:
        page: Just opened.
        look: Called with the name of each step when there is something to see.
        clicks: That each step took, by its name.
        patience: Milliseconds to wait for a picture.
    """

    page: Page
    look: Callable[[str], object] = look_away
    clicks: dict[str, int] = field(default_factory=dict[str, int])
    patience: float = 120_000

    def go(self) -> None:
        self.page.locator("#known [data-mark]").wait_for(state="attached")
        self.look("open")
        self.page.evaluate(_COUNT)
        for step in (self.type, self.draw, self.enlarge, self.choose_a_style, self.drop_an_old_picture):
            self.page.evaluate("window.clicked = 0")
            step()
            self.clicks[step.__name__] = self.page.evaluate("window.clicked")
            self.look(step.__name__)

    def type(self) -> None:
        self.page.locator("#field-prompt textarea").press_sequentially(WORDS)
        self.page.locator("#final .said").wait_for()

    def draw(self) -> None:
        self.page.locator("#generate").click()
        self._wait_for_the_picture()

    def enlarge(self) -> None:
        """The picture is twice as large, and lies beside the one that it was made of."""
        before = self._side()
        self.page.locator("#stage figure.finished [data-how=upscale_2]").click()
        self.page.wait_for_function(f"({_SIDE})() >= {2 * before}", timeout=self.patience)
        self._wait_for_the_picture()

    def choose_a_style(self) -> None:
        """By its look; then the wall of styles is left with a key."""
        self.page.locator("#chips [data-at=styles]").click()
        self.page.locator("#styles .tile[data-style=Sticker]").click()
        self.look("styles")
        self.page.keyboard.press("Escape")
        self.page.locator("#chips .chosen").wait_for()

    def drop_an_old_picture(self) -> None:
        """Its words and settings are there again."""
        self.page.locator("#field-prompt textarea").fill("")
        content = self.page.request.get(self.page.locator("#row .earlier a").first.evaluate(_HREF))
        self.page.evaluate(DROP, ["old.png", list(content.body())])
        self.page.wait_for_function(f"document.querySelector('#field-prompt textarea').value === {WORDS!r}")

    def _side(self) -> int:
        return self.page.evaluate(_SIDE)

    def _wait_for_the_picture(self) -> None:
        self.page.locator("#stop").wait_for(state="hidden", timeout=self.patience)
        self.page.locator("#stage figure.finished img").wait_for(timeout=self.patience)


_SIDE = """() => {
  const figure = document.querySelector("#stage figure.finished");
  return figure ? Number(getComputedStyle(figure).getPropertyValue("--width")) : 0;
}"""
_HREF = "(link) => link.href"
