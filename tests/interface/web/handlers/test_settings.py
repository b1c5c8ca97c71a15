"""What presets, modes and the settings of pictures change on the page."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fooo.image import Picture
from fooo.interface.web.fields import values_of
from fooo.interface.web.handlers import Handlers, Updates
from fooo.record import Record
from fooo.record import png_bytes as png_of
from fooo.request import Request, merge, only_set_fields, read_request
from tests.changing_catalog import ChangingCatalog
from tests.interface.web.handlers.presses import EN, dropped, session, shows, value


def png(record: Record, **fields: object) -> bytes:
    """A picture whose record's request has these fields."""
    request = read_request(merge(only_set_fields(record.request), fields))
    return png_of(Picture(np.zeros((8, 8, 3), np.uint8)), record.model_copy(update={"request": request}))


def test_an_upload_is_read_and_stays_for_what_may_be_done_with_it(
    handlers: Handlers, uploads: Path, record: Record
) -> None:
    path = uploads / "0123" / "a.png"
    path.parent.mkdir()
    path.write_bytes(png(record))
    updates = dropped(handlers, str(path))
    assert EN("settings_loaded") in str(updates[handlers.context.parts.notice])
    assert value(updates, handlers, "prompt") == "a cat"
    assert path.exists()
    assert str(path) in str(updates[handlers.context.parts.brought])


def test_words_that_settings_take_the_place_of_can_be_put_back(
    handlers: Handlers, uploads: Path, record: Record
) -> None:
    path = uploads / "a.png"
    path.write_bytes(png(record))
    parts = handlers.context.parts
    for typed, offered in (('my "own" <words>', True), ("a cat ", False), ("  ", False)):
        shown: dict[Any, Any] = {parts.drop: str(path), parts.controls["prompt"]: typed}
        notice = str(handlers.settings.load_settings(shown, session())[parts.notice])
        assert (EN("words_back") in notice) is offered
        assert ("my &quot;own&quot; &lt;words&gt;" in notice) is offered


def test_what_is_no_upload_is_neither_read_nor_removed(
    handlers: Handlers, uploads: Path, tmp_path: Path, record: Record
) -> None:
    kept = tmp_path / "kept.png"
    kept.write_bytes(png(record))
    (uploads / "link.png").symlink_to(kept)
    (uploads / "folder.png").mkdir()
    names = [kept, uploads / ".." / "kept.png", uploads / "link.png", uploads / "folder.png", uploads, uploads / "gone"]
    for shown in [None, "", "a\0b", 3, {"path": str(kept)}, *map(str, names)]:
        updates = dropped(handlers, shown)
        assert "is not a PNG, JPEG or WebP file that can be read" in str(updates[handlers.context.parts.notice])
        assert handlers.context.parts.base not in updates
    assert kept.read_bytes() == png(record)
    assert (uploads / "folder.png").is_dir()


def test_an_upload_that_is_no_picture_is_told_and_gone(handlers: Handlers, uploads: Path) -> None:
    path = uploads / "a.png"
    path.write_bytes(b"no picture")
    assert "is not a PNG, JPEG or WebP file that can be read" in str(
        dropped(handlers, str(path))[handlers.context.parts.notice]
    )
    assert not path.exists()


def test_names_that_are_not_here_are_left_out_and_told(handlers: Handlers, uploads: Path, record: Record) -> None:
    path = uploads / "a.png"
    names = {
        "preset": "gone preset",
        "styles": ["line art", "gone style"],
        "models": {"base": "gone.safetensors", "refiner": "gone too.safetensors"},
        "sampling": {"sampler": "gone_sampler", "schedule": "KARRAS", "performance": "gone mode"},
    }
    path.write_bytes(png(record, **names))
    updates = dropped(handlers, str(path))
    notice = str(updates[handlers.context.parts.notice])
    for gone in (
        "gone preset", "gone style", "gone.safetensors", "gone too.safetensors", "gone_sampler", "gone mode",
    ):  # fmt: skip
        assert gone in notice
    assert value(updates, handlers, "styles") == ["Line Art"]
    assert value(updates, handlers, "preset") is None
    handlers.context.program.plan(cast(Request, updates[handlers.context.parts.base]))


def test_a_picture_of_another_program_is_read_and_what_is_lost_is_told(handlers: Handlers, uploads: Path) -> None:
    path = uploads / "a.png"
    text = "a lighthouse\nNegative prompt: fog\nSteps: 24, Sampler: Euler a, CFG scale: 6, Seed: 5, Model: gone"
    information = PngInfo()
    information.add_text("parameters", text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=information)
    updates = dropped(handlers, str(path))
    assert value(updates, handlers, "prompt") == "a lighthouse"
    assert value(updates, handlers, "sampling.steps") == 24
    assert "not here: Model &quot;gone&quot;." in str(updates[handlers.context.parts.notice])


def test_a_picture_that_says_nothing_is_told_so(handlers: Handlers, uploads: Path) -> None:
    path = uploads / "a.png"
    Image.new("RGB", (8, 8)).save(path)
    assert EN("brought_without_settings") in str(dropped(handlers, str(path))[handlers.context.parts.notice])


def test_a_picture_whose_names_are_all_here_is_taken_over_whole(
    handlers: Handlers, uploads: Path, record: Record
) -> None:
    path = uploads / "a.png"
    path.write_bytes(png(record))
    assert dropped(handlers, str(path))[handlers.context.parts.base] == record.request


def test_the_sheet_shows_the_styles_of_the_model_that_the_preset_draws_with(
    handlers: Handlers, folders: ChangingCatalog
) -> None:
    def seen(updates: Updates) -> set[str]:
        sheet = str(updates[handlers.context.parts.sheet])
        return set(re.findall(r'<section data-family="(\w+)">', sheet))

    assert seen(handlers.arriving.arrive(session())) == {"pocket"}
    catalog = handlers.context.program.catalog
    full = replace(catalog.models["pocket/base"], name="checkpoints/full", knows=None)
    folders.now = replace(catalog, models={**catalog.models, full.name: full})
    chosen = shows(handlers, "", handlers.context.start, {"preset": "default"})
    assert seen(handlers.settings.choose_preset(chosen, session())) == set(catalog.families()) - {"pocket"}
    chosen = shows(handlers, "", handlers.context.start, {"preset": "pocket"})
    assert seen(handlers.settings.choose_preset(chosen, session())) == {"pocket"}


def test_what_a_preset_has_set_goes_with_it_and_what_the_person_has_set_stays(handlers: Handlers) -> None:
    def choose(name: str, before: str, **shown: object) -> Updates:
        values = {"preset": name, **{path.replace("_", "."): value for path, value in shown.items()}}
        return handlers.settings.choose_preset(shows(handlers, "", Request(preset=before), values), session())

    back = choose("default", "turbo", sampling_steps=7, sampling_guidance=2.0)
    assert value(back, handlers, "sampling.steps") is None
    assert value(back, handlers, "sampling.guidance") == 5.0
    kept = choose("default", "turbo", sampling_steps=12)
    assert handlers.context.parts.controls["sampling.steps"] not in kept
    assert value(choose("default", "pocket", expansion="off"), handlers, "expansion") == "gentle"


def test_the_modes_are_those_of_the_model_and_a_time_that_is_not_offered_stands_behind_them(handlers: Handlers) -> None:
    def offered(updates: Updates, path: str) -> list[str]:
        update = cast(dict[str, Any], updates[handlers.context.parts.controls[f"sampling.{path}"]])
        return [name for _, name in update["choices"]]

    arrived = handlers.arriving.arrive(session())
    assert offered(arrived, "performance") == ["", "Quality", "Speed", "Quick"]
    assert offered(arrived, "budget") == ["", "5 s", "20 s", "1 min", "best"]
    shown = shows(handlers, "", handlers.context.start, {"preset": "default", "sampling.budget": "12 s"})
    chosen = handlers.settings.choose_preset(shown, session())
    assert offered(chosen, "budget")[-1] == "12 s"
    assert "12 s" in str(chosen[handlers.context.parts.chips])


def test_another_mode_takes_the_steps_of_the_one_before_along_and_leaves_the_persons(handlers: Handlers) -> None:
    drawn = handlers.context.program.plan(
        read_request({"prompt": "a cat", "sampling": {"performance": "Quick"}})
    ).request

    def chosen(steps: int) -> Updates:
        shown = values_of(drawn) | {"sampling.performance": "Quality", "sampling.steps": steps}
        return handlers.settings.choose_pace(shows(handlers, "a cat", drawn, shown), session())

    updates = chosen(drawn.sampling.steps or 0)
    assert value(updates, handlers, "sampling.steps") is None
    left = cast(Request, updates[handlers.context.parts.base])
    assert (left.sampling.steps, left.models, left.sampling.seed) == (None, drawn.models, drawn.sampling.seed)
    assert "Quality" in str(updates[handlers.context.parts.chips])
    assert handlers.context.parts.controls["sampling.steps"] not in chosen(17)


def test_a_random_style_is_taken_over_from_a_picture(handlers: Handlers, uploads: Path, record: Record) -> None:
    path = uploads / "a.png"
    path.write_bytes(png(record, styles=["Random Style"]))
    assert value(dropped(handlers, str(path)), handlers, "styles") == ["Random Style"]
