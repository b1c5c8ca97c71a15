"""Every way through the page, one after the other on one page, in any language, scheme and width."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.bringing import DROP, PASTE
from tests.browser.conftest import open_advanced

WORDS = "a red apple, glossy"
SETTINGS = "a blue boat\nNegative prompt: fog\nSteps: 12, Sampler: Euler a, CFG scale: 6, Seed: 5, Model: gone"

PATIENCE = 120_000
"""Milliseconds: what is asked is what comes, and not how soon; the first picture waits for its libraries."""
_LARGE = "() => document.querySelector('#stage figure.finished a.open')?.dataset.id ?? ''"
"""Which picture stands large; empty where none does."""


@dataclass(frozen=True)
class Journeys:
    """Of somebody who tries everything.

    Attributes:
        page: Just opened, of a Fooo that has drawn nothing yet.
        look: Called with the name of each state when it is there to be seen.
        enlarges: Whether that Fooo has the upscaler of photographs.
    """

    page: Page
    look: Callable[[str], object]
    enlarges: bool = True

    @property
    def is_phone(self) -> bool:
        return self.page.evaluate("matchMedia('(hover: none)').matches")

    def go(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.locator("#known [data-mark]").wait_for(state="attached")
        self.page.locator("#stage .invitation").wait_for()
        self.look("first view")
        self.write()
        self.draw()
        self.stop_and_keep()
        self.draw_until_stopped()
        self.act_on_a_picture()
        self.act_on_an_earlier_picture()
        self.see_it_large()
        self.choose_styles()
        self.bring_settings()
        self.go_through_the_history()
        self.open_the_drawer()
        self.ask_for_what_cannot_be()
        self.lack_a_model()
        self.switch_the_language()

    def write(self) -> None:
        self.box.fill("")
        self.box.press_sequentially("a red apple, <style:stick")
        self.page.locator("#suggestions [role=option]").first.wait_for()
        self.look("suggestions")
        self.box.press("Enter")
        expect(self.page.locator("#final .said .style").first).to_be_visible()
        self.look("words that will be added")
        self.page.locator("#final [data-do=sheet]").click()
        self.page.locator("#final-sheet").wait_for()
        self.look("all words")
        self.leave("#final-sheet")
        self.box.fill("a zyxomma, <style:nothing-like-it>")
        expect(self.page.locator("#final .said i")).to_be_visible()
        self.look("a name that is not there")

    def draw(self) -> None:
        self.choose_count(12)
        self.box.fill(WORDS)
        self.box.press("Control+Enter")
        self.page.locator("#stage figure.drawing img[src]").wait_for()
        self.look("drawing")
        self.press("#generate")
        self.page.reload()
        expect(self.page.locator("#stop")).to_be_visible()
        self.look("the same job after a reload")
        self.stop()
        self.stop()

    def stop_and_keep(self) -> None:
        self.choose_count(1)
        self.box.fill("a yellow boat at night")
        self.press("#generate")
        self.page.locator("#keep").click()
        self.page.locator("#stop").wait_for(state="hidden")
        self.look("stopped")

    def draw_until_stopped(self) -> None:
        self.page.locator("#repeat .chip").click()
        expect(self.page.locator("#repeat .chip")).to_have_attribute("aria-pressed", "true")
        self.look("again until stopped")
        self.stop()
        expect(self.page.locator("#repeat .chip")).to_have_attribute("aria-pressed", "false")

    def act_on_a_picture(self) -> None:
        self.draw_one()
        acts = self.page.locator("#stage figure.finished .acts")
        self.look("a finished picture")
        for how in ("vary_subtle", "vary_strong", *(("upscale_2",) if self.enlarges else ()), "more"):
            self.draw_by(acts.locator(f"[data-how={how}]"))
        self.look("what became of it")
        acts.locator("[data-how=start]").click()
        self.page.locator("#chips .start img").wait_for()
        self.look("begun with it")
        self.page.locator("#chips .start").click()
        self.page.locator("#chips .start").wait_for(state="detached")
        shown = self.page.locator("#stage a.open, #row a.open")
        there = shown.count()
        acts.locator("[data-how=delete]").click()
        self.page.locator("#notice [data-do=undo-delete]").wait_for()
        self.look("deleted")
        self.page.locator("#notice [data-do=undo-delete]").click()
        self.page.locator("#notice .notice").wait_for(state="hidden")
        expect(shown).to_have_count(there)  # back in its place, so that no picture moves under the pointer from here on

    def act_on_an_earlier_picture(self) -> None:
        if self.is_phone:
            return  # a tap shows it large, with its acts
        self.page.locator("#row a.open").first.hover()
        self.page.locator("#row .acts").wait_for()
        self.look("acts of an earlier picture")

    def see_it_large(self) -> None:
        self.draw_by(self.page.locator("#stage figure.finished [data-how=vary_subtle]"))
        self.page.locator("#stage a.open").click()
        self.page.locator("#viewer .family a").first.wait_for()
        self.look("seen large")
        self.page.locator("#viewer [data-do=compare]").first.click()
        self.page.locator("#compare").wait_for()
        self.look("compared")
        self.page.keyboard.press("Escape")
        self.page.locator("#compare").wait_for(state="detached")
        self.leave("#viewer")

    def choose_styles(self) -> None:
        self.page.locator("#chips [data-at=styles]").click()
        self.page.locator("#styles .tile img").first.wait_for()
        self.look("styles")
        self.page.locator("#styles input").fill("线")
        self.look("styles found")
        self.page.locator("#styles .tile:visible").first.click()
        self.page.locator("#styles input").fill("")
        self.page.locator("#styles [data-do=try-styles]").click()
        self.page.locator("#stage .contact").wait_for()
        self.page.locator("#stop").wait_for(state="hidden")
        self.look("twelve styles tried")
        self.draw_by(self.page.locator("#stage .contact button.shot").nth(1))
        self.page.locator("#chips .chosen").first.click()

    def bring_settings(self) -> None:
        link = self.page.locator("#stage figure.finished a[download]")
        content = self.page.request.get(str(link.evaluate("(link) => link.href"))).body()
        self.box.fill("")
        self.page.evaluate(DROP, ["old.png", list(content)])
        expect(self.box).not_to_have_value("")
        self.page.locator("#brought .brought").wait_for()
        self.look("a picture dropped")
        self.page.locator("#brought [data-do=put-away]").click()
        self.box.fill("")
        self.box.evaluate(PASTE, SETTINGS)
        expect(self.box).to_have_value("a blue boat")
        self.look("settings pasted")

    def go_through_the_history(self) -> None:
        page = self.page
        page.locator("#bar [data-do=history]").click()
        page.locator("#history figure img").first.wait_for()
        self.look("history")
        page.locator("#history input").fill("boat")
        page.wait_for_timeout(500)
        page.locator("#history figure img").first.wait_for()
        self.look("history searched")
        page.locator("#history input").fill("")
        page.wait_for_timeout(500)
        page.locator("#history a.open").first.focus()
        page.keyboard.press("Delete")
        page.locator("#history .told:not([hidden])").wait_for()
        self.look("thrown away")
        page.locator("#history [data-do=only-thrown]").click()
        page.locator("#history [data-do=clear]").click()
        self.look("a question")
        page.keyboard.press("Escape")
        self.look("the trash")
        self.leave("#history")

    def open_the_drawer(self) -> None:
        open_advanced(self.page)
        self.look("the drawer")
        self.page.locator("#drawer").evaluate("(drawer) => drawer.scrollTo(0, drawer.scrollHeight / 2)")
        self.look("the middle of the drawer")
        self.page.locator("#drawer").evaluate("(drawer) => drawer.scrollTo(0, drawer.scrollHeight)")
        self.look("the end of the drawer")
        self.page.keyboard.press("Escape")
        self.page.locator("#chips [data-at=field-size]").click()
        self.page.locator("#field-size [role=option]").first.wait_for()
        self.look("sizes")
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")

    def ask_for_what_cannot_be(self) -> None:
        self.box.fill("a" * 10_001)
        self.press("#generate")
        self.page.locator("#field-prompt.wrong").wait_for()
        self.look("a prompt that cannot be")
        self.box.fill(WORDS)

    def lack_a_model(self) -> None:
        """Its preset is chosen and its files are offered and fetched, while the pocket model draws."""
        self.page.locator("#bar [data-do=drawer]").click()
        self.page.locator("#field-preset label:has(input[value=sdxl])").click()
        self.page.keyboard.press("Escape")
        self.press("#generate")
        self.page.locator("#notice [data-do=fetch]").wait_for()
        self.look("a model that is not here")
        self.page.locator("#notice [data-do=fetch]").click()
        self.page.locator("#fetching p").first.wait_for()
        self.draw_by(self.page.locator("#generate"))
        expect(self.page.locator("#stage figure.finished .drew")).to_be_visible()
        self.look("the pocket model draws while it comes")

    def switch_the_language(self) -> None:
        before = self.page.locator("#generate").inner_text()
        self.page.locator("#bar [data-do=language]").click()
        expect(self.page.locator("#generate")).not_to_have_text(before)
        self.look("the other language")

    @property
    def box(self) -> Locator:
        return self.page.locator("#field-prompt textarea")

    def press(self, button: str) -> None:
        self.page.locator(button).click()

    def choose_count(self, count: int) -> None:
        self.page.locator("#chips [data-at=field-output-count]").click()
        self.page.locator("#field-output-count input").fill(str(count))
        self.look("how many")
        self.page.keyboard.press("Escape")

    def draw_one(self) -> None:
        self.box.fill(WORDS)
        self.draw_by(self.page.locator("#generate"))

    def draw_by(self, button: Locator) -> None:
        """Press it, and wait until another picture is there and all that was asked for is done."""
        before = self.page.evaluate(_LARGE)
        button.click()
        self.page.wait_for_function(f"(before) => ![before, ''].includes(({_LARGE})())", arg=before)
        self.page.locator("#stop").wait_for(state="hidden")

    def stop(self) -> None:
        """End what is drawn now; where more is waiting, that comes next."""
        self.page.locator("#stop").click()
        self.page.wait_for_timeout(300)

    def leave(self, sheet: str) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.locator(sheet)).to_be_hidden()
