"""The prompt box while it is typed into: suggestions, underlines, weights, and settings that are pasted or dropped."""

import io
import json
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from fooo.catalog import Catalog
from tests.browser.bringing import PASTE
from tests.browser.conftest import Ledger, Show, showing, until
from tests.changing_catalog import ChangingCatalog

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

SETTINGS = "a lighthouse\nNegative prompt: fog\nSteps: 24, Sampler: Euler a, CFG scale: 6, Seed: 5, Model: gone"

BRING = """([type, files]) => {
  const data = new DataTransfer();
  for (const [name, kind, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name, { type: kind }));
  const how = { bubbles: true, cancelable: true };
  if (type === "paste") document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...how }));
  else document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, ...how }));
}"""


@pytest.fixture
def folders(catalog: Catalog) -> ChangingCatalog:
    return with_names(catalog)


@pytest.fixture(scope="module")
def one_show(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Generator[Show]:
    with showing(with_names(catalog), tmp_path_factory.mktemp("outputs")) as show:
        yield show


@pytest.fixture
def box(one_page: Page) -> Locator:
    """Its box, empty."""
    box = box_of(one_page)
    box.fill("")
    return box


@pytest.fixture
def narrow(one_page: Page) -> Generator[Page]:
    """The same page, as narrow as a phone while the test goes on."""
    wide = one_page.viewport_size
    assert wide
    one_page.set_viewport_size({"width": 360, "height": 740})
    yield one_page
    one_page.set_viewport_size(wide)


def with_names(catalog: Catalog) -> ChangingCatalog:
    """What ships, and two LoRAs and an embedding by their names."""
    loras = {name: Path(name) for name in ("film/soft grain.safetensors", "old-photo.safetensors")}
    return ChangingCatalog(replace(catalog, loras=loras, embeddings={"mood": Path("mood.safetensors")}))


def box_of(page: Page) -> Locator:
    """The box, once there is something to suggest."""
    page.locator("#known [data-mark]").wait_for(state="attached")
    box = page.locator("#field-prompt textarea")
    box.click()
    return box


def options(page: Page) -> Locator:
    return page.locator("#suggestions [role=option]")


def file(name: str, kind: str, content: bytes) -> list[Any]:
    """As the page's script is given it."""
    return [name, kind, list(content)]


def picture(fmt: str, mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size).save(stream, fmt)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("typed", "shown", "written"),
    [
        ("a cat, <style:stick", "Sticker", "a cat, <style:Sticker>"),
        ("a cat, <lora:grain", "film/soft grain.safetensors", "a cat, <lora:film/soft grain.safetensors:1>"),
        ("an __anim", "animal", "an __animal__"),
        ("embedding:mo", "mood", "embedding:mood"),
    ],
)
def test_a_name_is_suggested_while_it_is_typed_and_enter_takes_it(
    box: Locator, typed: str, shown: str, written: str
) -> None:
    page = box.page
    box.press_sequentially(typed)
    expect(options(page).first).to_contain_text(shown)
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value(written)
    expect(page.locator("#suggestions")).to_be_hidden()
    box.press_sequentially(", x")
    expect(box).to_have_value(f"{written}, x")


def test_arrows_walk_and_the_mouse_takes_and_a_reader_is_told(box: Locator) -> None:
    page = box.page
    box.press_sequentially("<style:")
    expect(options(page)).to_have_count(8)
    second = options(page).nth(1).locator("span").inner_text()
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "suggestion-1")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("listbox")).to_be_visible()
    expect(page.locator("#suggested")).to_have_text("8 suggestions")
    expect(box).to_have_attribute("aria-autocomplete", "list")
    expect(box).to_have_attribute("aria-haspopup", "listbox")
    options(page).nth(1).click()
    expect(box).to_have_value(f"<style:{second}>")
    expect(box).to_be_focused()
    box.press("Control+z")
    expect(box).not_to_have_value(f"<style:{second}>")


def test_a_chinese_name_finds_a_style(open_one: Open) -> None:
    page = open_one(locale="zh-CN")
    box = box_of(page)
    box.press_sequentially("<style:贴纸")
    expect(options(page).first).to_contain_text("Sticker")
    box.press("Tab")
    expect(box).to_have_value("<style:Sticker>")


def test_words_of_the_pocket_model_are_suggested_and_enter_stays_a_new_line(box: Locator) -> None:
    page = box.page
    box.press_sequentially("a rainb")
    expect(options(page)).to_have_text(["rainbow彩虹"])
    box.press("Enter")
    expect(box).to_have_value("a rainb\n")
    box.press("Backspace")
    expect(options(page)).to_have_text(["rainbow彩虹"])
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("a rainbow")


def test_a_chinese_word_leads_to_the_english_one_where_the_model_reads_that_alone(open_one: Open) -> None:
    page = open_one(locale="zh-CN")
    box = box_of(page)
    box.press_sequentially("红色")
    expect(options(page)).to_have_text(["red红色"])
    options(page).first.click()
    expect(box).to_have_value("red")
    box.press_sequentially("的猫")
    expect(options(page).first).to_have_text("cat猫")
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("red的cat")
    box.fill("a ")
    box.press_sequentially("小猫")
    expect(options(page)).to_have_text(["cat小猫"])
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("a cat")


def test_a_chinese_word_that_is_typed_on_behind_an_english_one_stands_apart(open_one: Open) -> None:
    box = box_of(open_one(locale="zh-CN"))
    box.fill("red")
    box.press_sequentially("猫")
    box.press("ArrowDown")
    box.press("Tab")
    expect(box).to_have_value("red cat")


@pytest.mark.parametrize("pace", [0.1], indirect=True)
def test_escape_closes_what_is_suggested_and_only_the_next_one_stops(open_page: Open, show: Show) -> None:
    page = open_page()
    box = box_of(page)
    box.fill("a boat")
    box.press("Control+Enter")
    expect(page.locator("#stop")).to_be_visible()
    box.press_sequentially(", <style:st")
    expect(options(page).first).to_be_visible()
    box.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    assert show.program.jobs()[-1].state == "running"
    box.press("Escape")
    assert until(lambda: show.program.jobs()[-1].state != "running", 30)


def test_while_a_word_is_composed_nothing_is_suggested_and_keys_are_not_taken(box: Locator) -> None:
    page = box.page
    box.press_sequentially("<style:st")
    expect(options(page).first).to_be_visible()
    taken = box.evaluate(
        """box => !box.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))"""
    )
    assert not taken
    expect(box).to_have_value("<style:st")
    box.evaluate('box => box.dispatchEvent(new InputEvent("input", { isComposing: true, bubbles: true }))')
    expect(page.locator("#suggestions")).to_be_hidden()


def test_unknown_names_are_underlined_and_known_ones_are_not(box: Locator) -> None:
    page = box.page
    box.fill("<style:Stickr> <style:sticker> <lora:gone:1> <lora:soft grain:1> __gone__ __animal__ embedding:gone x")
    marks = page.locator("#marks .unknown")
    expect(marks).to_have_text(["<style:Stickr>", "<lora:gone:1>", "__gone__", "embedding:gone"])
    box.evaluate("box => box.setSelectionRange(3, 3)")
    expect(page.locator("#tip")).to_have_text("“Stickr” is not here.")


def test_the_underlines_lie_on_their_words(box: Locator, narrow: Page) -> None:
    page = narrow
    box.fill("a very long line of words that has to be broken " * 8 + "<style:Stickr>")
    expect(page.locator("#marks .unknown")).to_have_count(1)
    heights = "() => [document.querySelector('#marks'), document.querySelector('#field-prompt textarea')]"
    assert until(lambda: bool(page.evaluate(f"(({heights})().map(e => e.scrollHeight)).every((h, _, [a]) => h === a)")))
    assert until(lambda: bool(page.evaluate(f"(({heights})().map(e => e.scrollTop)).every((h, _, [a]) => h === a)")))


def test_words_that_the_pocket_model_has_not_learnt_are_dotted_and_told(box: Locator) -> None:
    page = box.page
    box.fill("a zyxomma, a cat")
    mark = page.locator("#marks .unlearnt")
    expect(mark).to_have_text("zyxomma")
    box.evaluate("box => box.setSelectionRange(4, 4)")
    expect(page.locator("#tip")).to_contain_text('The pocket model has not learnt "zyxomma" yet')
    expect(page.locator("#notice")).to_have_text("")


def test_a_name_that_comes_while_the_page_is_open_is_known_when_it_is_looked_at_again(
    open_page: Open, folders: ChangingCatalog
) -> None:
    page = open_page()
    box = box_of(page)
    box.fill("<lora:new:1> x")
    expect(page.locator("#marks .unknown")).to_have_count(1)
    folders.now = replace(folders.now, loras={**folders.now.loras, "new.safetensors": Path("new.safetensors")})
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#marks .unknown")).to_have_count(0)


def test_the_room_that_is_left_is_told_when_it_matters(box: Locator) -> None:
    page = box.page
    told = page.locator("#final .tells small")
    box.fill("cat " * 20)
    expect(page.locator("#final .said")).to_have_text("Drawn as you wrote it.")
    expect(told.filter(has_text="room")).to_have_count(0)
    box.fill("cat " * 70)
    expect(told.filter(has_text="room for about 5 more words")).to_have_count(1)
    box.fill("cat " * 80)
    expect(told.filter(has_text="read in 2 parts (75 + 5 tokens)")).to_have_count(1)


@pytest.mark.parametrize(
    ("before", "at", "keys", "after"),
    [
        ("a red fox", (3, 3), ["Up"], "a (red:1.1) fox"),
        ("a red fox", (2, 9), ["Up", "Up"], "a (red fox:1.2)"),
        ("a (red:1.1) fox", (4, 4), ["Down"], "a red fox"),
        ("a (red:1.1) fox", (4, 4), ["Down", "Down"], "a (red:0.9) fox"),
        ("a (red) fox", (4, 4), ["Up"], "a (red:1.2) fox"),
        ("a ((red:1.3) fox:1.2)", (5, 5), ["Up"], "a ((red:1.4) fox:1.2)"),
        ("a ((red:1.3) fox:1.2)", (14, 14), ["Up"], "a ((red:1.3) fox:1.3)"),
        (r"a \(red\) fox", (12, 12), ["Up"], r"a \(red\) (fox:1.1)"),
        ("a cat <lora:film:0.8>", (10, 10), ["Up"], "a cat <lora:film:0.9>"),
        ("a cat <lora:film>", (10, 10), ["Down"], "a cat <lora:film:0.9>"),
        ("a cat <style:Sticker>", (10, 10), ["Up"], "a cat <style:Sticker>"),
        ("一只红色的狐狸", (3, 3), ["Up"], "一只(红色:1.1)的狐狸"),
    ],
)
def test_ctrl_with_an_arrow_weighs(box: Locator, before: str, at: tuple[int, int], keys: list[str], after: str) -> None:
    box.fill(before)
    box.evaluate("(box, [from, to]) => box.setSelectionRange(from, to)", list(at))
    for key in keys:
        box.press(f"Control+Arrow{key}")
    expect(box).to_have_value(after)


def test_pasted_settings_are_loaded_and_what_is_missing_is_said(open_page: Open, show: Show) -> None:
    page = open_page()
    box = box_of(page)
    box.fill("my words")
    assert not box.evaluate(PASTE, SETTINGS), "the text itself must not land in the box"
    expect(page.locator("#notice")).to_contain_text("The settings are loaded, but for what is not here: ")
    expect(page.locator("#notice")).to_contain_text("gone")
    expect(box).to_have_value("a lighthouse")
    box.evaluate(PASTE, json.dumps({"prompt": "a bridge", "sampling": {"seed": 11}}))
    expect(page.locator("#notice span")).to_have_text("The settings are loaded.")
    expect(box).to_have_value("a bridge")
    page.locator("#generate").click()
    assert until(lambda: len(show.program.jobs()) == 1, 30)
    assert show.program.jobs()[0].plan.shots[0].seed == 11


def test_words_are_pasted_as_words_and_json_of_something_else_is_told(box: Locator) -> None:
    page = box.page
    for plain in ("a red fox", "{red|blue} fox"):
        assert box.evaluate(PASTE, plain), "the browser pastes it"
    box.evaluate(PASTE, '{"name": "a package"}')
    expect(page.locator("#notice")).to_contain_text("tells no settings that Fooo knows")
    expect(box).to_have_value("")


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_a_picture_from_anywhere_loads_its_settings(open_page: Open, show: Show, how: str) -> None:
    page = open_page()
    box = box_of(page)
    box.fill("a bridge at night")
    box.press("Control+Enter")
    assert until(lambda: bool(show.program.jobs() and show.program.jobs()[0].pictures), 60)
    content = show.program.jobs()[0].pictures[0].path.read_bytes()
    box.fill("something else")
    page.evaluate(BRING, [how, [file("a.png", "image/png", content)]])
    expect(page.locator("#notice span")).to_have_text("The settings are loaded.")
    expect(box).to_have_value("a bridge at night")
    page.locator("#notice").get_by_text("Put my words back").click()
    expect(box).to_have_value("something else")
    expect(page.locator("#notice .notice")).to_be_hidden()


def test_while_a_file_is_dragged_a_calm_cover_says_what_dropping_does(box: Locator) -> None:
    page = box.page
    page.evaluate(BRING, ["dragover", [file("a.png", "image/png", b"")]])
    expect(page.locator("#dropping")).to_have_text("Drop the picture to load its settings")
    page.evaluate(BRING, ["dragleave", []])
    expect(page.locator("#dropping")).to_be_hidden()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([file("a.png", "image/png", picture("PNG"))] * 2, "Several files came at once"),
        ([file("a.svg", "image/svg+xml", b"<svg/>")], "This is no picture that Fooo can read"),
        ([file("a.png", "image/png", b"only text")], "This is no picture that Fooo can read"),
        ([file("a.gif", "image/gif", picture("GIF"))], "This is no picture that Fooo can read"),
        ([file("a.jpg", "image/jpeg", picture("JPEG", "CMYK"))], "does not say how it was made"),
        ([file("a.png", "image/png", picture("PNG", "1", (10_000, 10_000)))], "This is too large to be read here"),
    ],
    ids=["several", "svg", "text", "gif", "cmyk", "huge"],
)
def test_what_cannot_be_read_is_told_in_one_sentence(
    box: Locator, ledger: Ledger, files: list[list[Any]], sentence: str
) -> None:
    page = box.page
    complaints = len(ledger.complaints)
    box.fill("my words")
    page.evaluate(BRING, ["drop", files])
    expect(page.locator("#notice .notice")).to_have_count(1)
    expect(page.locator("#notice")).to_contain_text(sentence)
    expect(page.locator(".toast-message-text")).to_have_count(0)
    expect(box).to_have_value("my words")
    del ledger.complaints[complaints:]  # the browser's own line about the answer's status


@pytest.mark.parametrize("pace", [0.1], indirect=True)
def test_typing_waits_for_nothing_while_a_picture_is_drawn(open_page: Open) -> None:
    page = open_page()
    box = box_of(page)
    box.fill("a boat")
    box.press("Control+Enter")
    expect(page.locator("#stop")).to_be_visible()
    page.evaluate(
        """() => {
          window.painted = [];
          document.addEventListener("input", (event) => {
            const began = event.timeStamp;
            requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now() - began)));
          }, true);
        }"""
    )
    box.press_sequentially(", a zyxomma <style:sticker> __animal__", delay=20)
    times = sorted(page.evaluate("window.painted"))
    # the quicker half: on a busy machine the browser itself is kept waiting now and then
    assert times[len(times) // 4] < 100, times
