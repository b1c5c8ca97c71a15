"""What the page answers when something is pressed, without a browser or a server."""

import asyncio
import itertools
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fooo.engine import FakeEngine, Made
from fooo.errors import OutOfMemory
from fooo.image import Picture
from fooo.interface.i18n import read_languages
from fooo.interface.web import failures as module
from fooo.interface.web.fields import values_of
from fooo.interface.web.handlers import Handlers, Updates
from fooo.interface.web.parts import lay_out
from fooo.interface.web.seam import in_a_loop
from fooo.interface.web.view import Address, Lookout
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive, Record
from fooo.record import png_bytes as png_of
from fooo.request import Request, merge, only_set_fields, read_request
from fooo.service import Fooo
from tests.changing_catalog import ChangingCatalog

EN = read_languages()["en"]


class Breaking:
    """An engine that fails or takes its time where the words say so."""

    device = "no device"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        return

    def close(self) -> None:
        return

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        if plan.request.prompt.startswith("break"):
            raise OutOfMemory(f"No room for {plan.request.prompt}.")
        return FakeEngine(seconds_a_step=0.02 if plan.request.prompt == "slow" else 0).run(plan, monitor)


@pytest.fixture
def program(folders: ChangingCatalog, tmp_path: Path) -> Generator[Fooo]:
    program = Fooo(catalog=folders, make_engine=Breaking, archive=Archive(tmp_path / "out"), draw_seed=lambda: 7)
    yield program
    program.close()


@pytest.fixture
def handlers(program: Fooo) -> Handlers:
    def build() -> Handlers:
        with gr.Blocks():
            return Handlers(
                parts=lay_out(program.catalog, EN),
                program=program,
                lookout=Lookout(program, lambda job, number: Address(f"{job.id}/{number}", "small")),
                start=Request(preset="pocket"),
                words_for=lambda _: EN,
            )

    return in_a_loop(build)


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gradio's folder of uploads, for this test alone."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


def session(name: str = "a page") -> gr.Request:
    return cast(gr.Request, SimpleNamespace(session_hash=name))


def shows(
    handlers: Handlers, prompt: str, base: Request | None, values: Mapping[str, object] | None = None
) -> dict[Any, Any]:
    """The parts of a page that shows a request with these words, and these values by path."""
    parts = handlers.parts
    shown = values_of(handlers.start) | {"prompt": prompt} | dict(values or {})
    controls = {control: shown[path] for path, control in parts.controls.items()}
    return {**controls, parts.base: base, parts.random_seed: True, parts.spare_seed: 23}


def previewed(handlers: Handlers, inputs: dict[Any, Any]) -> str:
    """The text on the line under the box."""
    html = str(handlers.preview(inputs, session())[handlers.parts.final])
    return unescape(re.sub(r"<[^>]+>", "", html[: html.index("</p>")]))


def draw(handlers: Handlers, prompt: str, page: str = "a page") -> None:
    """Press Generate, and wait for the end of the job."""
    handlers.press(shows(handlers, prompt, handlers.start), session(page))
    list(handlers.program.jobs()[-1].events())


def told(handlers: Handlers, page: str = "a page") -> str:
    """What the notice says at the first look."""

    async def look() -> Updates:
        return await anext(handlers.watch({handlers.parts.base: handlers.start}, session(page)))

    # in a thread of its own: Playwright's loop lives on in this one after the tests in a browser
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(asyncio.run, look()).result()
    return str(first.get(handlers.parts.notice, ""))


def dropped(handlers: Handlers, shown: object) -> Updates:
    return handlers.load_settings({handlers.parts.drop: shown}, session())


def png(record: Record, **fields: object) -> bytes:
    """A picture whose record's request has these fields."""
    request = read_request(merge(only_set_fields(record.request), fields))
    return png_of(Picture(np.zeros((8, 8, 3), np.uint8)), record.model_copy(update={"request": request}))


def value(updates: Updates, handlers: Handlers, path: str) -> object:
    return cast(dict[str, object], updates[handlers.parts.controls[path]])["value"]


def test_an_upload_is_read_and_then_gone(handlers: Handlers, uploads: Path, record: Record) -> None:
    path = uploads / "0123" / "a.png"
    path.parent.mkdir()
    path.write_bytes(png(record))
    updates = dropped(handlers, str(path))
    assert EN("settings_loaded") in str(updates[handlers.parts.notice])
    assert value(updates, handlers, "prompt") == "a cat"
    assert not path.exists()


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
        assert "is not a PNG, JPEG or WebP file that can be read" in str(updates[handlers.parts.notice])
        assert handlers.parts.base not in updates
    assert kept.read_bytes() == png(record)
    assert (uploads / "folder.png").is_dir()


def test_an_upload_that_is_no_picture_is_told_and_gone(handlers: Handlers, uploads: Path) -> None:
    path = uploads / "a.png"
    path.write_bytes(b"no picture")
    assert "is not a PNG, JPEG or WebP file that can be read" in str(
        dropped(handlers, str(path))[handlers.parts.notice]
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
    notice = str(updates[handlers.parts.notice])
    for gone in (
        "gone preset", "gone style", "gone.safetensors", "gone too.safetensors", "gone_sampler", "gone mode",
    ):  # fmt: skip
        assert gone in notice
    assert value(updates, handlers, "styles") == ["Line Art"]
    assert value(updates, handlers, "preset") is None
    handlers.program.plan(cast(Request, updates[handlers.parts.base]))


def test_a_picture_of_another_program_is_read_and_what_is_lost_is_told(handlers: Handlers, uploads: Path) -> None:
    path = uploads / "a.png"
    text = "a lighthouse\nNegative prompt: fog\nSteps: 24, Sampler: Euler a, CFG scale: 6, Seed: 5, Model: gone"
    information = PngInfo()
    information.add_text("parameters", text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=information)
    updates = dropped(handlers, str(path))
    assert value(updates, handlers, "prompt") == "a lighthouse"
    assert value(updates, handlers, "sampling.steps") == 24
    assert "gone" in str(updates[handlers.parts.notice])


def test_a_picture_that_says_nothing_is_told_so(handlers: Handlers, uploads: Path) -> None:
    path = uploads / "a.png"
    Image.new("RGB", (8, 8)).save(path)
    assert "says nothing of how it was made" in str(dropped(handlers, str(path))[handlers.parts.notice])


def test_a_picture_whose_names_are_all_here_is_taken_over_whole(
    handlers: Handlers, uploads: Path, record: Record
) -> None:
    path = uploads / "a.png"
    path.write_bytes(png(record))
    assert dropped(handlers, str(path))[handlers.parts.base] == record.request


def test_a_page_that_was_open_when_the_server_started_again_still_draws(handlers: Handlers) -> None:
    handlers.press(shows(handlers, "a boat", base=None), session())
    job = handlers.program.jobs()[-1]
    assert (job.plan.request.prompt, job.plan.shots[0].steps) == ("a boat", 30)
    list(job.events())


def test_a_page_that_lost_what_lies_below_goes_on_from_what_was_asked_last(handlers: Handlers) -> None:
    wide = read_request({"preset": "pocket", "size": {"width": 192, "height": 128}})
    for base in (wide, None):
        handlers.press(shows(handlers, "a boat", base), session())
        job = handlers.program.jobs()[-1]
        list(job.events())
        assert str(job.plan.shots[0].size) == "192x128"


def test_a_failure_is_told_although_another_job_came_after_it(handlers: Handlers) -> None:
    handlers.arrive(session())
    draw(handlers, "break one")
    draw(handlers, "a boat")
    assert "No room for break one." in told(handlers)


def test_each_failure_is_told_once_to_each_page(handlers: Handlers) -> None:
    for page in ("a page", "another"):
        handlers.arrive(session(page))
    draw(handlers, "break one")
    assert "No room for break one." in told(handlers)
    assert told(handlers) == ""
    draw(handlers, "break two")
    news = told(handlers)
    assert "break two" in news
    assert "break one" not in news
    both = told(handlers, "another")
    assert "break one" in both
    assert "break two" in both
    assert told(handlers, "another") == ""


def test_a_page_that_arrives_is_told_why_the_newest_job_failed_and_of_none_before_it(handlers: Handlers) -> None:
    draw(handlers, "break one")
    draw(handlers, "break two")
    handlers.arrive(session("late"))
    news = told(handlers, "late")
    assert "break two" in news
    assert "break one" not in news


def test_a_press_of_a_page_that_never_arrived_is_told_of_its_failure(handlers: Handlers) -> None:
    draw(handlers, "break one", "unknown")
    draw(handlers, "a boat", "other")
    assert "break one" in told(handlers, "unknown")


def test_what_pages_were_told_is_bounded(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_PAGES", 2)
    draw(handlers, "break one")
    draw(handlers, "a boat")
    for page in ("first", "second", "third"):
        handlers.arrive(session(page))
        assert told(handlers, page) == ""
    assert told(handlers, "first") == ""


def examples_on(stage: object) -> list[str]:
    return re.findall(r'data-do="example">([^<]+)<', str(stage))


def test_a_model_that_says_what_it_has_learnt_is_shown_by_prompts_that_work(handlers: Handlers) -> None:
    arrived = examples_on(handlers.arrive(session())[handlers.parts.stage])
    knows = handlers.program.catalog.models["pocket/base"].knows
    assert knows
    assert len(set(arrived)) == 3
    assert [knows.beyond(prompt) for prompt in arrived] == [()] * 3
    assert examples_on(handlers.arrive(session())[handlers.parts.stage]) == arrived, "they must not jump"
    assert examples_on(handlers.arrive(session("another"))[handlers.parts.stage]) != arrived


def test_a_model_that_says_nothing_is_shown_by_general_examples(handlers: Handlers, folders: ChangingCatalog) -> None:
    catalog = handlers.program.catalog
    full = replace(catalog.models["pocket/base"], knows=None)
    folders.now = replace(catalog, models={**catalog.models, full.name: full})
    stage = handlers.arrive(session())[handlers.parts.stage]
    assert examples_on(stage) == [EN(key) for key in ("example_1", "example_2", "example_3")]


def test_words_beyond_the_model_are_told_and_no_control_is_marked(handlers: Handlers) -> None:
    updates = handlers.press(shows(handlers, "a zyxomma", handlers.start), session())
    list(handlers.program.jobs()[-1].events())
    notice = str(updates[handlers.parts.notice])
    assert "The pocket model has not learnt &quot;zyxomma&quot; yet" in notice
    assert 'class="notice calm" role="status"' in notice
    assert "wrong" not in str(updates)
    assert len(handlers.program.jobs()[-1].pictures) == 1


@pytest.mark.parametrize("prompt", ["", "  "])
def test_an_empty_box_draws_and_nothing_is_told(handlers: Handlers, prompt: str) -> None:
    updates = handlers.press(shows(handlers, prompt, handlers.start), session())
    list(handlers.program.jobs()[-1].events())
    assert updates[handlers.parts.notice] == ""
    assert len(handlers.program.jobs()[-1].pictures) == 1


@pytest.mark.parametrize("press", ["stop", "stop_and_keep", "skip"])
def test_a_button_that_names_a_job_which_is_over_ends_nothing(handlers: Handlers, press: str) -> None:
    draw(handlers, "a boat")
    over = handlers.program.jobs()[-1]
    job = handlers.program.submit(read_request({"prompt": "slow", "preset": "pocket"}))
    handle: Callable[..., object] = getattr(handlers, press)
    handle({handlers.parts.drawn: over.id}, session())
    list(job.events())
    assert len(job.pictures) == 1


@pytest.mark.parametrize("seed", ["7", "-1", ""])
def test_the_words_that_are_shown_are_the_words_that_are_drawn(handlers: Handlers, seed: str) -> None:
    values = {"sampling.seed": seed, "styles": ["Random Style"], "preset": "default", "expansion": "rich"}
    inputs = shows(handlers, "a {red|blue|green} {house|tree}", Request(preset="default"), values)
    shown = previewed(handlers, inputs)
    handlers.press(inputs, session())
    job = handlers.program.jobs()[-1]
    list(job.events())
    texts = job.pictures[0].record.shot.texts
    assert shown == texts.positive
    assert {span.source.value for span in texts.positive_spans} >= {"user", "style"}


def test_the_seed_of_the_next_press_is_drawn_when_one_is_pressed(handlers: Handlers) -> None:
    seeds = itertools.count(101)
    handlers.program.draw_seed = lambda: next(seeds)
    arrived = handlers.arrive(session())
    shown = value(arrived, handlers, "sampling.seed")
    updates = handlers.press(shows(handlers, "a boat", handlers.start, {"sampling.seed": shown}), session())
    job = handlers.program.jobs()[-1]
    list(job.events())
    assert str(job.plan.shots[0].seed) == shown
    next_seeds = {value(updates, handlers, "sampling.seed"), str(updates[handlers.parts.spare_seed])}
    assert len(next_seeds - {shown, str(arrived[handlers.parts.spare_seed])}) == 2


def test_a_fixed_seed_stays(handlers: Handlers) -> None:
    inputs = shows(handlers, "a boat", handlers.start, {"sampling.seed": "5"})
    inputs[handlers.parts.random_seed] = False
    updates = handlers.press(inputs, session())
    list(handlers.program.jobs()[-1].events())
    assert "value" not in cast(dict[str, object], updates[handlers.parts.controls["sampling.seed"]])


def test_exactly_my_words_adds_nothing_to_them(handlers: Handlers) -> None:
    values = {"exactly": True, "styles": ["Sticker"], "preset": "default", "expansion": "rich"}
    inputs = shows(handlers, "a house", Request(preset="default"), values)
    assert previewed(handlers, inputs) == EN("as_typed")
    handlers.press(inputs, session())
    job = handlers.program.jobs()[-1]
    list(job.events())
    assert job.plan.shots[0].texts.positive == "a house"


def test_what_cannot_be_drawn_is_told_under_the_box_while_it_is_typed(handlers: Handlers) -> None:
    assert "there is no 'Stickr'" in previewed(handlers, shows(handlers, "a <style:Stickr> cat", handlers.start))
    wrong = shows(handlers, "a cat", handlers.start, {"sampling.seed": "seven"})
    assert previewed(handlers, wrong).startswith("Seed: 'seven' is not a whole number")


def test_one_press_may_ask_for_several_jobs_in_order(handlers: Handlers) -> None:
    inputs = shows(handlers, "a cat\n---\na dog\n---\na bird", handlers.start, {"output.count": 2})
    assert "all 6" in str(handlers.preview(inputs, session())[handlers.parts.final])
    handlers.press(inputs, session())
    jobs = handlers.program.jobs()
    for job in jobs:
        list(job.events())
    assert [job.plan.request.prompt for job in jobs] == ["a cat", "a dog", "a bird"]


def test_where_one_of_several_jobs_is_wrong_none_is_begun(handlers: Handlers) -> None:
    updates = handlers.press(shows(handlers, "a cat\n---\na <style:Stickr> dog", handlers.start), session())
    assert "there is no &#x27;Stickr&#x27;" in str(updates[handlers.parts.notice])
    assert handlers.program.jobs() == ()


def test_the_words_of_hundreds_of_jobs_are_not_all_planned_at_each_pause(handlers: Handlers) -> None:
    inputs = shows(handlers, "\n---\n".join(f"cat {number}" for number in range(500)), handlers.start)
    html = str(handlers.preview(inputs, session())[handlers.parts.final])
    assert "all 500" in html
    assert "and 476 more pictures" in html


def test_an_open_bracket_is_told_as_a_calm_note(handlers: Handlers) -> None:
    updates = handlers.press(shows(handlers, "a ((cat", handlers.start), session())
    list(handlers.program.jobs()[-1].events())
    assert "is never closed" in str(updates[handlers.parts.notice])
    assert 'class="notice calm"' in str(updates[handlers.parts.notice])


def test_the_sheet_shows_the_styles_of_the_model_that_the_preset_draws_with(
    handlers: Handlers, folders: ChangingCatalog
) -> None:
    def seen(updates: Updates) -> set[str]:
        sheet = str(updates[handlers.parts.sheet])
        return set(re.findall(r'<section data-family="(\w+)">', sheet))

    assert seen(handlers.arrive(session())) == {"pocket"}
    catalog = handlers.program.catalog
    full = replace(catalog.models["pocket/base"], name="checkpoints/full", knows=None)
    folders.now = replace(catalog, models={**catalog.models, full.name: full})
    chosen = shows(handlers, "", handlers.start, {"preset": "default"})
    assert seen(handlers.choose_preset(chosen, session())) == set(catalog.families()) - {"pocket"}
    chosen = shows(handlers, "", handlers.start, {"preset": "pocket"})
    assert seen(handlers.choose_preset(chosen, session())) == {"pocket"}


def test_what_a_preset_has_set_goes_with_it_and_what_the_person_has_set_stays(handlers: Handlers) -> None:
    def choose(name: str, before: str, **shown: object) -> Updates:
        values = {"preset": name, **{path.replace("_", "."): value for path, value in shown.items()}}
        return handlers.choose_preset(shows(handlers, "", Request(preset=before), values), session())

    back = choose("default", "turbo", sampling_steps=7, sampling_guidance=2.0)
    assert value(back, handlers, "sampling.steps") is None
    assert value(back, handlers, "sampling.guidance") == 5.0
    kept = choose("default", "turbo", sampling_steps=12)
    assert handlers.parts.controls["sampling.steps"] not in kept
    assert value(choose("default", "pocket", expansion="off"), handlers, "expansion") == "gentle"


def test_the_modes_are_those_of_the_model_and_a_time_that_is_not_offered_stands_behind_them(handlers: Handlers) -> None:
    def offered(updates: Updates, path: str) -> list[str]:
        update = cast(dict[str, Any], updates[handlers.parts.controls[f"sampling.{path}"]])
        return [name for _, name in update["choices"]]

    arrived = handlers.arrive(session())
    assert offered(arrived, "performance") == ["", "Quality", "Speed", "Quick"]
    assert offered(arrived, "budget") == ["", "5 s", "20 s", "1 min", "best"]
    shown = shows(handlers, "", handlers.start, {"preset": "default", "sampling.budget": "12 s"})
    chosen = handlers.choose_preset(shown, session())
    assert offered(chosen, "budget")[-1] == "12 s"
    assert "12 s" in str(chosen[handlers.parts.chips])


def test_another_mode_takes_the_steps_of_the_one_before_along_and_leaves_the_persons(handlers: Handlers) -> None:
    drawn = handlers.program.plan(read_request({"prompt": "a cat", "sampling": {"performance": "Quick"}})).request

    def chosen(steps: int) -> Updates:
        shown = values_of(drawn) | {"sampling.performance": "Quality", "sampling.steps": steps}
        return handlers.choose_pace(shows(handlers, "a cat", drawn, shown), session())

    updates = chosen(drawn.sampling.steps or 0)
    assert value(updates, handlers, "sampling.steps") is None
    left = cast(Request, updates[handlers.parts.base])
    assert (left.sampling.steps, left.models, left.sampling.seed) == (None, drawn.models, drawn.sampling.seed)
    assert "Quality" in str(updates[handlers.parts.chips])
    assert handlers.parts.controls["sampling.steps"] not in chosen(17)


def test_how_long_it_will_take_stands_under_the_button_once_it_is_known(handlers: Handlers) -> None:
    asked = shows(handlers, "a cat", handlers.start)
    assert "about" not in str(handlers.preview(asked, session())[handlers.parts.final])
    draw(handlers, "a cat")
    assert "<small>about 1 s</small>" in str(handlers.preview(asked, session())[handlers.parts.final])


def test_presets_bring_their_sentence_and_the_strengths_their_name_in_the_pages_language(handlers: Handlers) -> None:
    handlers.words_for = lambda _: read_languages()["zh"]
    arrived = handlers.arrive(session())

    def choices(path: str) -> list[tuple[str, str]]:
        return cast(dict[str, Any], arrived[handlers.parts.controls[path]])["choices"]

    presets = handlers.program.catalog.presets
    assert (f"pocket\n{presets['pocket'].about.zh}", "pocket") in choices("preset")
    assert [name for _, name in choices("preset")] == list(presets)
    assert choices("expansion") == [("不加", "off"), ("少许", "gentle"), ("丰富", "rich")]


def test_a_language_model_may_be_chosen_where_one_is_there(
    handlers: Handlers, folders: ChangingCatalog, tmp_path: Path
) -> None:
    folders.now = replace(handlers.program.catalog, prompt_expansion=tmp_path)
    arrived = handlers.arrive(session())
    assert ("by the language model", "model") in cast(dict[str, Any], arrived[handlers.parts.controls["expansion"]])[
        "choices"
    ]


def test_a_random_style_is_taken_over_from_a_picture(handlers: Handlers, uploads: Path, record: Record) -> None:
    path = uploads / "a.png"
    path.write_bytes(png(record, styles=["Random Style"]))
    assert value(dropped(handlers, str(path)), handlers, "styles") == ["Random Style"]
