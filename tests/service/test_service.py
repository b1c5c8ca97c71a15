import gc
import logging
import shutil
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.errors import EngineError, FoooError, ModelError, RequestError
from fooo.events import JobDone, JobFailed, ShotDone, Step
from fooo.logs import LogSettings, log_file, logging_set_up
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo, Job, JobState
from tests.changing_catalog import ChangingCatalog

TWO = {"prompt": "a cat", "output": {"count": 2}, "sampling": {"steps": 4, "seed": 7}}


def last(job: Job) -> object:
    return list(job.events())[-1]


class SlowEngine(FakeEngine):
    """Waits before it draws until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self.go.wait(10)
        yield from super().run(plan, monitor)


class ColdEngine(FakeEngine):
    """Cannot be made ready, and says so in its own way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        raise self._error


class BrokenEngine(FakeEngine):
    """Raises once, after its first picture; then works."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._errors = [error]

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        for made in super().run(plan, monitor):
            yield made
            if self._errors:
                raise self._errors.pop()


ProgramOf = Callable[[FakeEngine], Fooo]


@pytest.fixture
def program_of(catalog: Catalog, tmp_path: Path) -> Iterator[ProgramOf]:
    made: list[Fooo] = []

    def build(engine: FakeEngine) -> Fooo:
        archive = Archive(tmp_path / "outputs")
        made.append(Fooo(catalog=lambda: catalog, make_engine=lambda: engine, archive=archive, draw_seed=lambda: 42))
        return made[-1]

    yield build
    for program in made:
        program.close()


def test_a_job_tells_its_steps_then_each_picture_then_done(program: Fooo):
    job = program.submit(read_request(TWO))
    events = list(job.events())
    assert [type(event) for event in events] == [*[Step] * 4, ShotDone, *[Step] * 4, ShotDone, JobDone]
    assert events[-1] == JobDone(2)
    assert job.state is JobState.DONE


def test_each_picture_is_in_the_archive_with_the_record_that_makes_it_again(program: Fooo):
    first = program.submit(read_request(TWO))
    assert last(first) == JobDone(2)
    for kept in first.pictures:
        record = program.read_record(kept.path)
        assert record == kept.record
        again = program.submit(record.request)
        assert last(again) == JobDone(1)
        redrawn, drawn = (np.asarray(Image.open(done.path)) for done in (again.pictures[0], kept))
        assert np.array_equal(redrawn, drawn)
        assert again.pictures[0].record.request == record.request
        assert again.pictures[0].path != kept.path


def test_the_record_names_seed_texts_models_hashes_versions_and_seconds(program: Fooo):
    job = program.submit(read_request({**TWO, "styles": ["Line Art"]}))
    assert last(job) == JobDone(2)
    record = job.pictures[1].record
    assert (record.request.sampling.seed, record.shot.seed, record.request.output.count) == (8, 8, 1)
    assert record.shot.texts.positive == "a cat, line art"
    assert [used.name for used in record.models] == ["pocket/base", "pocket/refiner"]
    assert all(used.sha256 and len(used.sha256) == 64 for used in record.models)
    assert {"fooo", "python", "torch", "diffusers"} <= set(record.versions)
    assert record.seconds >= 0
    assert record.steps_done == 4


def test_a_wrong_request_is_refused_before_anything_is_queued(program: Fooo):
    with pytest.raises(RequestError):
        program.submit(read_request({"prompt": "a", "styles": ["no such style"]}))
    assert program.jobs() == ()


def test_jobs_wait_their_turn_and_stopping_one_that_waits_leaves_the_others(program_of: ProgramOf):
    engine = SlowEngine()
    program = program_of(engine)
    one, two, three = (program.submit(read_request(TWO)) for _ in range(3))
    two.stop()
    assert (two.state, three.state) == (JobState.DONE, JobState.WAITING)
    engine.go.set()
    assert [last(job) for job in (one, two, three)] == [JobDone(2), JobDone(0, stopped=True), JobDone(2)]


def test_every_watcher_sees_every_event_also_who_comes_late(program: Fooo):
    job = program.submit(read_request(TWO))
    seen: list[list[object]] = [[], []]

    def watch(number: int) -> None:
        seen[number].extend(job.events())

    watchers = [threading.Thread(target=watch, args=[number]) for number in (0, 1)]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join(10)
    late = list(job.events())
    assert [len(log) for log in (*seen, late)] == [11, 11, 11]


def test_who_watches_and_goes_away_in_the_middle_stops_nothing_and_others_see_it_all(program: Fooo):
    job = program.submit(read_request(TWO))
    for watcher in (job.events(), job.events()):
        next(watcher)
        assert isinstance(watcher, Generator)
        watcher.close()
    assert last(job) == JobDone(2)


def test_old_previews_are_let_go(program: Fooo):
    job = program.submit(read_request(TWO))
    assert last(job) == JobDone(2)
    assert all(event.preview is None for event in job.events_so_far() if isinstance(event, Step))


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ModelError(Path("x"), "is missing", "copy it"), ModelError), (ZeroDivisionError("bug"), EngineError)],
)
def test_an_error_ends_one_job_in_a_sentence_keeps_its_pictures_and_spares_the_next(
    program_of: ProgramOf, error: Exception, kind: type[FoooError]
):
    program = program_of(BrokenEngine(error))
    failed, next_one = (program.submit(read_request(TWO)) for _ in range(2))
    end = last(failed)
    assert isinstance(end, JobFailed)
    assert isinstance(end.error, kind)
    assert "\n" not in str(end.error)
    assert failed.state is JobState.FAILED
    assert [kept.path.exists() for kept in failed.pictures] == [True]
    assert last(next_one) == JobDone(2)


def test_an_engine_that_cannot_be_built_is_told_by_the_job_and_tried_again(catalog: Catalog, tmp_path: Path):
    tries: list[int] = []

    def make_engine() -> FakeEngine:
        tries.append(1)
        if len(tries) == 1:
            raise EngineError("The device is gone; plug it in.")
        return FakeEngine()

    program = Fooo(catalog=lambda: catalog, make_engine=make_engine, archive=Archive(tmp_path), draw_seed=lambda: 1)
    one, two = (program.submit(read_request(TWO)) for _ in range(2))
    assert isinstance(last(one), JobFailed)
    assert last(two) == JobDone(2)
    program.close()


@pytest.mark.parametrize("error", [ModelError(Path("x"), "is missing", "copy it"), RuntimeError("CUDA error")])
def test_warming_up_builds_the_engine_and_its_failure_does_no_harm(program_of: ProgramOf, error: Exception):
    program = program_of(ColdEngine(error))
    program.warm(read_request({}))
    assert program.device() == "no device"
    assert last(program.submit(read_request(TWO))) == JobDone(2)


@pytest.mark.parametrize("error", [EngineError("The device is gone."), ImportError("libcudart.so")])
def test_asking_for_the_device_tells_why_there_is_none(catalog: Catalog, tmp_path: Path, error: Exception):
    def make_engine() -> FakeEngine:
        raise error

    program = Fooo(catalog=lambda: catalog, make_engine=make_engine, archive=Archive(tmp_path), draw_seed=lambda: 1)
    with pytest.raises(EngineError, match=r"device is gone|libcudart\.so"):
        program.device()
    program.close()


def test_a_failed_job_holds_none_of_the_memory_of_its_failure(program_of: ProgramOf):
    class Heavy:
        """Stands for the tensors of a network call."""

    alive: list[weakref.ref[Heavy]] = []

    class Greedy(FakeEngine):
        def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
            tensors = Heavy()
            alive.append(weakref.ref(tensors))
            yield from ()
            raise EngineError("The memory is not enough.") from MemoryError()

    program = program_of(Greedy())
    assert isinstance(last(program.submit(read_request(TWO))), JobFailed)
    assert program.device()  # the thread is past the job
    gc.collect()
    assert alive[0]() is None


def test_after_closing_nothing_is_taken_and_what_waited_has_ended(catalog: Catalog, tmp_path: Path):
    engine = SlowEngine()
    program = Fooo(catalog=lambda: catalog, make_engine=lambda: engine, archive=Archive(tmp_path), draw_seed=lambda: 1)
    jobs = [program.submit(read_request(TWO)) for _ in range(3)]
    threading.Timer(0.2, engine.go.set).start()
    program.close()
    program.close()
    assert [last(job) for job in jobs] == [JobDone(0, stopped=True)] * 3
    with pytest.raises(EngineError, match="closing"):
        program.submit(read_request(TWO))


def test_the_log_follows_a_job_by_its_id_and_never_says_what_it_draws(catalog: Catalog, tmp_path: Path):
    program = Fooo(catalog=lambda: catalog, make_engine=FakeEngine, archive=Archive(tmp_path), draw_seed=lambda: 1)
    with logging_set_up(LogSettings(folder=tmp_path / "logs", level=logging.INFO)):
        job = program.submit(read_request({**TWO, "prompt": "zebrafish"}))
        last(job)
        program.close()
    lines = log_file(tmp_path / "logs").read_text().splitlines()
    assert [line[28:36] for line in lines] == [job.id[:8]] * 4
    said = [line.partition("service.worker: ")[2] for line in lines]
    assert said[0] == "begins: 2 of 2 pictures are to be drawn"
    assert [line.partition(" after ")[0] for line in said[1:3]] == ["picture 1 is kept", "picture 2 is kept"]
    assert said[3] == "done with 2 of 2 pictures"


class ClosingEngine(FakeEngine):
    """Counts how often it is closed."""

    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_closing_ends_the_engine_that_was_made_and_makes_none_for_that(catalog: Catalog, tmp_path: Path):
    made: list[ClosingEngine] = []

    def make() -> ClosingEngine:
        made.append(ClosingEngine())
        return made[-1]

    for asked in (0, 1):
        program = Fooo(catalog=lambda: catalog, make_engine=make, archive=Archive(tmp_path), draw_seed=lambda: 1)
        for _ in range(asked):
            assert last(program.submit(read_request(TWO))) == JobDone(2)
        program.close()
    assert [engine.closed for engine in made] == [1]


def test_a_wrong_request_makes_no_folder(program: Fooo):
    with pytest.raises(RequestError):
        program.submit(read_request({"prompt": "a", "styles": ["nope"]}))
    assert not program.archive.folder.exists()


def test_a_model_that_went_away_is_told_before_anything_is_drawn(catalog: Catalog, tmp_path: Path):
    pocket = catalog.models["pocket/base"]
    gone = replace(pocket, folder=tmp_path / "gone")
    # the words are counted when it is planned: those are still there
    shutil.copytree(pocket.folder / "tokenizer", gone.folder / "tokenizer")
    program = Fooo(
        catalog=lambda: replace(catalog, models={**catalog.models, "pocket/base": gone}),
        make_engine=FakeEngine,
        archive=Archive(tmp_path / "outputs"),
        draw_seed=lambda: 1,
    )
    job = program.submit(read_request(TWO))
    end = last(job)
    assert isinstance(end, JobFailed)
    assert isinstance(end.error, ModelError)
    assert job.pictures == ()
    program.close()


def test_a_model_that_left_the_folders_after_the_plan_is_told_before_anything_is_drawn(
    catalog: Catalog, tmp_path: Path
):
    folders = ChangingCatalog(catalog)

    def make_engine() -> FakeEngine:
        # made in the drawing thread, after the plan
        folders.now = replace(catalog, models={})
        return FakeEngine()

    program = Fooo(catalog=folders, make_engine=make_engine, archive=Archive(tmp_path), draw_seed=lambda: 1)
    end = last(program.submit(read_request(TWO)))
    assert isinstance(end, JobFailed)
    assert str(end.error) == "The model file pocket/base is gone; put it back, or choose another one."
    program.close()
