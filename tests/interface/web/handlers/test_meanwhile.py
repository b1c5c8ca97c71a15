"""While what a request lacks is coming down, the pocket model draws."""

import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from fooo.catalog import PresetFile
from fooo.engine import FakeEngine
from fooo.interface.web.handlers import Handlers
from fooo.interface.web.handlers.meanwhile import by_who_is_here
from fooo.monitor import Monitor
from fooo.record import Archive
from fooo.request import Request, read_request
from fooo.service import Downloads, DownloadState, Fooo
from tests.changing_catalog import ChangingCatalog
from tests.detectors import CENTERFACE
from tests.interface.web.handlers.presses import EN, previewed, session, shows

SDXL = {"preset": "sdxl", "prompt": "a boat", "styles": ["Oil Painting"], "sampling": {"seed": 5, "steps": 7}}


@pytest.fixture
def arrives() -> Generator[threading.Event]:
    """When it is set, what is fetched is there."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def program(folders: ChangingCatalog, tmp_path: Path, arrives: threading.Event) -> Generator[Fooo]:
    folders.now = replace(folders.now, detectors=(CENTERFACE,))

    def fetch(file: PresetFile, monitor: Monitor) -> Path | None:
        arrives.wait(20)
        return Path(file.name)

    program = Fooo(
        catalog=folders,
        make_engine=FakeEngine,
        archive=Archive(tmp_path / "out"),
        draw_seed=lambda: 7,
        downloads=Downloads(fetch),
    )
    yield program
    arrives.set()
    program.close()


def test_nothing_that_is_not_coming_down_is_stood_in_for(program: Fooo) -> None:
    asked = read_request(SDXL)
    assert by_who_is_here(asked, program, EN) == (asked, "")
    first, *others = program.needed_files(asked)
    assert others
    program.downloads.start([first])
    assert by_who_is_here(asked, program, EN) == (asked, ""), "the other one would be missing for ever"


def test_the_words_styles_shape_and_seed_are_drawn_by_the_pocket_model(program: Fooo) -> None:
    asked = read_request({**SDXL, "size": {"width": 1344, "height": 768}})
    program.downloads.start(program.needed_files(asked))
    drawn, told = by_who_is_here(asked, program, EN)
    plan = program.plan(drawn)
    assert plan.request.models.base == "pocket/base"
    assert (plan.shots[0].seed, plan.request.styles, plan.request.prompt) == (5, ("Oil Painting",), "a boat")
    assert plan.shots[0].size.width / plan.shots[0].size.height == pytest.approx(1344 / 768, rel=0.1)
    assert plan.shots[0].size.width < 256
    files = "sd_xl_base_1.0_0.9vae.safetensors, sd_xl_refiner_1.0_0.9vae.safetensors"
    assert told == f"The pocket model draws meanwhile; on the way: {files}."


def test_what_needs_nothing_is_drawn_by_its_own_model_while_another_comes_down(program: Fooo) -> None:
    program.downloads.start(program.needed_files(read_request(SDXL)))
    asked = Request(prompt="a boat", preset="pocket", exactly=True)
    assert by_who_is_here(asked, program, EN) == (asked, "")


def test_a_download_that_waits_for_the_person_is_offered_again(program: Fooo) -> None:
    asked = read_request(SDXL)
    files = program.needed_files(asked)
    program.downloads.start(files)
    program.downloads.pause(files[1].name)
    assert [each.state for each in program.downloads.now()][1] is DownloadState.PAUSED
    assert by_who_is_here(asked, program, EN)[0] == asked


def test_words_that_only_another_model_can_use_wait_for_it(program: Fooo) -> None:
    asked = read_request({**SDXL, "prompt": "a boat <lora:not-here-at-all:1>"})
    program.downloads.start(program.needed_files(asked))
    assert by_who_is_here(asked, program, EN) == (asked, "")


def test_a_press_draws_at_once_and_says_who_and_the_line_under_the_box_says_it_before(handlers: Handlers) -> None:
    program, asked = handlers.context.program, read_request({"preset": "sdxl"})
    values = {"preset": "sdxl", "sampling.seed": "5"}
    handlers.pressing.press(shows(handlers, "a boat", asked, values), session())
    assert not program.jobs(), "it is offered"
    program.downloads.start(program.needed_files(asked))
    inputs = shows(handlers, "a boat", asked, values)
    assert previewed(handlers, inputs).startswith("The pocket model draws meanwhile; on the way: sd_xl_base")
    updates = handlers.pressing.press(inputs, session())
    [job] = program.jobs()
    list(job.events())
    assert job.plan.request.models.base == "pocket/base"
    assert job.plan.shots[0].seed == 5
    assert handlers.context.parts.notice not in updates, "the line under the box has said it"
    base = cast(Request, updates[handlers.context.parts.base])
    assert base.preset == "sdxl", "what was asked for stays chosen"


def test_where_nothing_can_be_fetched_nothing_is_offered(handlers: Handlers) -> None:
    program, asked = handlers.context.program, read_request({"preset": "sdxl"})
    program.downloads.possible = False
    updates = handlers.pressing.press(shows(handlers, "a boat", asked, {"preset": "sdxl"}), session())
    notice = str(updates[handlers.context.parts.notice])
    assert "Fooo is offline: start it without --offline, or copy the files into models/." in notice
    assert "data-do" not in notice
