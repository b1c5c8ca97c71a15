"""What draws is made ready once the server is up, before anybody asks."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.engine import Engine, FakeEngine, Made
from fooo.errors import EngineError
from fooo.events import Event, JobDone, Loading
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo
from fooo.service.warming import Warming

PATIENCE = 30.0
"""Seconds for what takes hundredths on an idle machine."""
PLENTY = 2**50
REQUEST = read_request({"prompt": "a cat", "sampling": {"steps": 2}})


class Slow(FakeEngine):
    """Comes up when the test lets it, and remembers in order what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.begun, self.gate, self.loaded = threading.Event(), threading.Event(), threading.Event()

    def __call__(self) -> Engine:
        self.asked.append("make")
        self.begun.set()
        assert self.gate.wait(PATIENCE)
        return self

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        self.asked.append("load")
        monitor.tell(Loading("pocket/base"))
        self.loaded.set()

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self.asked.append("draw")
        yield from super().run(plan, monitor)


@dataclass
class Programs:
    """Makes programs, and closes them when the test has ended."""

    catalog: Catalog
    outputs: Path
    made: list[Fooo] = field(default_factory=list[Fooo])

    def __call__(self, *engines: Callable[[], Engine]) -> Fooo:
        first, *more = engines
        archive = Archive(self.outputs)
        self.made.append(
            Fooo(
                catalog=lambda: self.catalog,
                make_engine=first,
                more_engines=more,
                archive=archive,
                draw_seed=lambda: 1,
            )
        )
        return self.made[-1]


@pytest.fixture
def program_of(catalog: Catalog, tmp_path: Path) -> Iterator[Programs]:
    programs = Programs(catalog, tmp_path)
    yield programs
    for program in programs.made:
        program.close()


def warming(program: Fooo, **more: object) -> Warming:
    choices: dict[str, object] = {"after": 0.0, "free": lambda: PLENTY, **more}
    return Warming(program, REQUEST, **choices)  # pyright: ignore[reportArgumentType]


def test_nothing_is_made_before_the_server_is_up_and_then_all_is_made_and_loaded_by_itself(program_of: Programs):
    engines = Slow(), Slow()
    for engine in engines:
        engine.gate.set()
    with warming(program_of(*engines)) as soon:
        assert not engines[0].begun.wait(0.1)
        soon.begin()
        assert all(engine.loaded.wait(PATIENCE) for engine in engines)
    assert [engine.asked for engine in engines] == [["make", "load"]] * 2


def test_a_server_that_ends_before_the_time_has_come_has_made_nothing(program_of: Programs):
    engine = Slow()
    with warming(program_of(engine), after=0.2) as soon:
        soon.begin()
    assert not engine.begun.wait(0.5)


def test_a_job_that_comes_meanwhile_is_drawn_as_soon_as_the_engine_is_there_and_loads_what_it_needs(
    program_of: Programs,
):
    engine = Slow()
    program = program_of(engine)
    with warming(program) as soon:
        soon.begin()
        assert engine.begun.wait(PATIENCE)
        job = program.submit(REQUEST)
        engine.gate.set()
        assert [*job.events()][-1] == JobDone(1)
    assert engine.asked == ["make", "draw"]


def test_where_somebody_was_first_nothing_is_done_that_could_push_their_models_out(program_of: Programs):
    engine = Slow()
    engine.gate.set()
    program = program_of(engine)
    assert [*program.submit(REQUEST).events()][-1] == JobDone(1)
    with warming(program) as soon:
        soon.begin()
        assert program.device()  # is told after what was asked of the engine before
    assert engine.asked == ["make", "draw"]


@pytest.mark.parametrize("choices", [{"may_load": False}, {"free": lambda: 1000}])
def test_with_little_memory_only_the_engine_is_made(program_of: Programs, choices: dict[str, object]):
    engine = Slow()
    engine.gate.set()
    program = program_of(engine)
    with warming(program, **choices) as soon:
        soon.begin()
        assert engine.begun.wait(PATIENCE)
        assert program.device()
    assert engine.asked == ["make"]


def test_a_model_that_is_not_here_is_not_loaded_and_the_engine_is_made(program_of: Programs):
    engine = Slow()
    engine.gate.set()
    program = program_of(engine)
    with Warming(program, read_request({"models": {"base": "nowhere"}}), after=0.0) as soon:
        soon.begin()
        assert engine.begun.wait(PATIENCE)
        assert program.device()
    assert engine.asked == ["make"]


def test_the_first_page_hears_what_was_told_before_it_was_opened(program_of: Programs):
    engine = Slow()
    engine.gate.set()
    program = program_of(engine)
    told: list[Event] = []
    with warming(program) as soon:
        soon.begin()
        assert engine.loaded.wait(PATIENCE)
        program.warm(REQUEST, told.append)
        assert program.device()
    assert told == [Loading("pocket/base")] * 2, "what was told before, and of its own loading"


def test_an_engine_that_cannot_be_made_leaves_the_server_up_and_is_tried_again(program_of: Programs):
    tries: list[str] = []

    def make() -> Engine:
        tries.append("make")
        if len(tries) == 1:
            raise EngineError("The device is busy.")
        return FakeEngine()

    program = program_of(make)
    with warming(program) as soon:
        soon.begin()
        assert program_tried(tries)
        assert [*program.submit(REQUEST).events()][-1] == JobDone(1)
    assert len(tries) == 2


def program_tried(tries: list[str]) -> bool:
    waited = threading.Event()
    return any(tries or waited.wait(0.01) for _ in range(int(PATIENCE * 100)))


def test_a_program_that_closes_while_the_engine_is_made_tells_its_maker_first_of_all(
    catalog: Catalog, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    closing, begun = threading.Event(), threading.Event()

    def make() -> Engine:
        begun.set()
        assert closing.wait(PATIENCE)
        raise EngineError("Fooo is closing; start it again.")

    program = Fooo(
        catalog=lambda: catalog,
        make_engine=make,
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
        closing=closing,
    )
    with warming(program) as soon:
        soon.begin()
        assert begun.wait(PATIENCE)
    program.close()
    assert caplog.records == [], "nobody needs to hear of it"
