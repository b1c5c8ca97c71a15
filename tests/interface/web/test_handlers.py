"""What the page answers when something is pressed, without a browser or a server."""

import asyncio
import re
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import numpy as np
import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.errors import OutOfMemory
from fooo.image import Picture
from fooo.interface.i18n import read_languages
from fooo.interface.web import handlers as module
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

EN = read_languages()["en"]


class Breaking:
    """An engine that fails or takes its time where the words say so."""

    device = "no device"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        return

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        if plan.request.prompt.startswith("break"):
            raise OutOfMemory(f"No room for {plan.request.prompt}.")
        return FakeEngine(seconds_a_step=0.02 if plan.request.prompt == "slow" else 0).run(plan, monitor)


@pytest.fixture
def program(catalog: Catalog, tmp_path: Path) -> Generator[Fooo]:
    program = Fooo(catalog=catalog, make_engine=Breaking, archive=Archive(tmp_path / "out"), draw_seed=lambda: 7)
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


def shows(handlers: Handlers, prompt: str, base: Request | None) -> dict[Any, Any]:
    """The parts of a page that shows a request with these words."""
    values = values_of(handlers.start) | {"prompt": prompt}
    controls = {control: values[path] for path, control in handlers.parts.controls.items()}
    return {**controls, handlers.parts.base: base, handlers.parts.random_seed: True}


def draw(handlers: Handlers, prompt: str, page: str = "a page") -> None:
    """Press Generate, and wait for the end of the job."""
    handlers.press(shows(handlers, prompt, handlers.start), session(page))
    list(handlers.program.jobs()[-1].events())


def told(handlers: Handlers, page: str = "a page") -> str:
    """What the notice says after a look."""

    async def look() -> list[Updates]:
        return [updates async for updates in handlers.watch({handlers.parts.base: handlers.start}, session(page))]

    # in a thread of its own: Playwright's loop lives on in this one after the tests in a browser
    with ThreadPoolExecutor(1) as pool:
        looks = pool.submit(asyncio.run, look()).result()
    return "".join(str(updates.get(handlers.parts.notice, "")) for updates in looks)


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
        assert "is not a PNG file that can be read" in str(updates[handlers.parts.notice])
        assert handlers.parts.base not in updates
    assert kept.read_bytes() == png(record)
    assert (uploads / "folder.png").is_dir()


def test_an_upload_that_is_no_picture_is_told_and_gone(handlers: Handlers, uploads: Path) -> None:
    path = uploads / "a.png"
    path.write_bytes(b"no picture")
    assert "is not a PNG file that can be read" in str(dropped(handlers, str(path))[handlers.parts.notice])
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


def test_a_model_that_says_nothing_is_shown_by_general_examples(handlers: Handlers) -> None:
    catalog = handlers.program.catalog
    full = replace(catalog.models["pocket/base"], knows=None)
    handlers.program.catalog = replace(catalog, models={**catalog.models, full.name: full})
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
    arguments = [{handlers.parts.drawn: over.id}, session()]
    handle(*arguments[: 1 if press == "skip" else 2])
    list(job.events())
    assert len(job.pictures) == 1
