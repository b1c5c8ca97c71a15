"""Models, LoRAs, sizes and formats that are chosen in the drawer, and what the page shows of them."""

from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, cast

import pytest

from fooo.catalog import ModelKind
from fooo.interface.web.fields import NONE
from fooo.interface.web.handlers import Handlers, Updates
from fooo.record import Record
from fooo.request import Request, merge, only_set_fields, read_request
from tests.changing_catalog import ChangingCatalog
from tests.interface.web.handlers.presses import EN, dropped, in_chinese, session, shows, value
from tests.interface.web.handlers.test_settings import png
from tests.lora_here import LORA, with_lora

FULL = "mine/full.safetensors"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def full(handlers: Handlers, folders: ChangingCatalog) -> str:
    """The name of a model that is there beside the pocket model."""
    catalog = handlers.context.program.catalog
    model = replace(catalog.models["pocket/base"], name=FULL, knows=None)
    folders.now = replace(catalog, models={**catalog.models, FULL: model})
    return FULL


def update(updates: Updates, handlers: Handlers, path: str) -> dict[str, Any]:
    return cast(dict[str, Any], updates[handlers.context.parts.controls[path]])


def offered(updates: Updates, handlers: Handlers, path: str) -> dict[str, str]:
    """What is offered, by name, as it is called."""
    return {name: title for title, name in update(updates, handlers, path)["choices"]}


def choose(handlers: Handlers, **values: object) -> Updates:
    """A model is chosen on a page of the pocket preset."""
    named = {f"models.{name}": value for name, value in values.items()}
    return handlers.settings.choose_model(shows(handlers, "", Request(preset="pocket"), named), session())


def test_the_bar_names_the_model_that_is_chosen_and_the_one_of_the_preset_else(handlers: Handlers, full: str) -> None:
    bar = handlers.context.parts.bar
    assert "pocket model" in str(handlers.arriving.arrive(session())[bar])
    chosen = choose(handlers, base=full)
    assert "full" in str(chosen[bar])
    below = cast(Request, chosen[handlers.context.parts.base])
    assert "full" in str(handlers.arriving.name_device({handlers.context.parts.base: below}, session())[bar])
    assert "pocket model" in str(choose(handlers, base="")[bar])


def test_a_preset_with_a_model_of_its_own_draws_with_that_one(handlers: Handlers, full: str) -> None:
    shown = {"preset": "pocket", "models.base": full, "size": "wide 16:9"}
    updates = handlers.settings.choose_preset(shows(handlers, "", Request(preset="default"), shown), session())
    assert value(updates, handlers, "models.base") == ""
    assert value(updates, handlers, "size") == "wide 16:9", "the preset says nothing of it"
    assert "pocket model" in str(updates[handlers.context.parts.bar])


def test_a_refiner_is_offered_where_one_suits(handlers: Handlers, full: str) -> None:
    assert handlers.context.program.catalog.models["pocket/refiner"].kind is ModelKind.SDXL_REFINER
    pocket = handlers.arriving.arrive(session())
    assert list(offered(pocket, handlers, "models.refiner")) == ["", NONE, "pocket/refiner"]
    assert update(pocket, handlers, "models.refiner")["visible"]
    assert not update(choose(handlers, base=full), handlers, "models.refiner")["visible"]
    assert list(offered(pocket, handlers, "models.base")) == ["", FULL, "pocket/base"]


def test_sizes_are_offered_by_their_names_in_the_pages_language_and_said_on_the_chip(handlers: Handlers) -> None:
    chinese = in_chinese(handlers)
    sizes = offered(chinese.arriving.arrive(session()), chinese, "size")
    assert (sizes[""], sizes["wide 16:9"]) == ("自动", "宽屏 16:9")
    program = handlers.context.program
    for words in sizes:
        program.plan(read_request({"prompt": "a cat", **({"size": words} if words else {})}))
    shown = shows(handlers, "", handlers.context.start, {"size": "wide 16:9"})
    assert "宽屏 16:9" in str(chinese.settings.show_chips(shown, session())[handlers.context.parts.chips])


def test_a_dropped_picture_shows_its_size_format_model_and_loras(
    handlers: Handlers, uploads: Path, record: Record, full: str
) -> None:
    made = {
        "size": {"width": 160, "height": 96},
        "output": {"format": "webp"},
        "models": {"base": full, "refiner": None, "loras": [{"name": "a.safetensors", "weight": 0.35}]},
    }
    path = uploads / "a.png"
    path.write_bytes(png(record, **made))
    updates = dropped(handlers, str(path))
    assert value(updates, handlers, "size") == "160x96"
    assert value(updates, handlers, "output.format") == "webp"
    assert value(updates, handlers, "models.base") == full
    assert value(updates, handlers, "models.refiner") == NONE
    (shown,) = cast(list[dict[str, object]], value(updates, handlers, "models.loras"))
    assert (shown["name"], shown["weight"]) == ("a.safetensors", 0.35)
    rows = str(updates[handlers.context.parts.loras])
    assert 'value="0.35"' in rows
    assert EN("lora_missing") in rows
    base = merge(only_set_fields(record.request), made)
    assert updates[handlers.context.parts.base] == read_request(base)


def test_the_words_of_a_lora_are_shown_and_never_become_markup(
    handlers: Handlers, folders: ChangingCatalog, tmp_path: Path
) -> None:
    with_lora(folders, tmp_path, "wtrclr wash", EVIL)
    chosen = [{"name": LORA, "weight": 2.5}, {"name": EVIL, "weight": 1}]
    held: dict[Any, Any] = {handlers.context.parts.controls["models.loras"]: chosen}
    html = str(handlers.settings.show_loras(held, session())[handlers.context.parts.loras])
    assert 'data-words="wtrclr wash"' in html
    assert 'max="2.5"' in html, "a picture may have been drawn with more than the slider's 2"
    assert f'data-words="{escape(EVIL)}"' in html
    assert "<script" not in html
