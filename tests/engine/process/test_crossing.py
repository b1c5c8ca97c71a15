"""Events, errors and pictures are the same on both sides."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fooo.engine import Made
from fooo.engine.process.crossing import drawn, error_of, event_of, failed, made_of, told
from fooo.engine.process.messages import FROM_ENGINE, Failed, FromEngine, Told
from fooo.engine.process.wire import BadFrame
from fooo.errors import (
    BadNumbers,
    BadPicture,
    EngineError,
    FoooError,
    ModelError,
    NotAllowed,
    OutOfMemory,
    QueueUnusable,
    RequestError,
    StorageFull,
    UnknownName,
    UnreadableMetadata,
    WorkerDied,
)
from fooo.events import (
    Downloading,
    Event,
    LegName,
    Loading,
    MemoryChosen,
    PassName,
    PassSkipped,
    PassStep,
    Placement,
    PrecisionRaised,
    ShotSkipped,
    Step,
)
from fooo.plan import Plan
from tests.engine.process.engines import noise

STEP = Step(shot=1, leg=LegName.REFINER, step=3, steps=30, done=33, total=60, seconds_left=0.1 + 0.2)
EVENTS: list[Event] = [
    MemoryChosen(placement=Placement.STREAMED, again=True),
    PrecisionRaised("the decoder"),
    Loading("模型 ☃"),
    Downloading(what="x", done=2**40, total=None, seconds_left=1 / 3),
    STEP,
    PassStep(2, PassName.MEND, 1, 4),
    PassSkipped(0, PassName.ENLARGE),
    ShotSkipped(7),
]
ERRORS: list[FoooError] = [
    FoooError("It is so."),
    RequestError("size.width", "is 7", "take 8"),
    UnknownName("sampling.sampler", "eular", ["euler", "heun"]),
    BadPicture("x.png", "is torn", "hand it in again"),
    UnreadableMetadata("x.png", "holds none", "choose another one"),
    ModelError(Path("models/x.safetensors"), "is damaged", "fetch it again"),
    EngineError("The device is gone."),
    OutOfMemory("Too little."),
    BadNumbers("NaN."),
    StorageFull("Full."),
    WorkerDied("Dead."),
]


def over_the_wire(message: FromEngine) -> FromEngine:
    return FROM_ENGINE.validate_json(message.model_dump_json())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_arrives_as_it_was_told(event: Event):
    message = over_the_wire(told(event)[0])
    assert isinstance(message, Told)
    assert event_of(message, None) == event


@pytest.mark.parametrize("step", [STEP, PassStep(2, PassName.MEND, 0, 4)])
def test_a_preview_goes_beside_its_step(step: Step | PassStep):
    preview = noise(16, 8)
    message, beside = told(replace(step, preview=preview))
    assert beside is preview
    there = event_of(message, beside)
    assert isinstance(there, type(step))
    assert there.preview is preview


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_arrives_as_itself(error: FoooError):
    message = over_the_wire(failed(error))
    assert isinstance(message, Failed)
    there = error_of(message)
    assert type(there) is type(error)
    assert str(there) == str(error)
    assert vars(there) == vars(error)


def tree(kind: type[FoooError]) -> Iterator[type[FoooError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from tree(each)


def test_every_error_of_the_tree_is_tried_here_but_those_of_the_queue_and_of_people():
    ours = {kind for kind in tree(FoooError) if kind.__module__ == "fooo.errors"}
    assert ours - {QueueUnusable, NotAllowed} == {type(error) for error in ERRORS}


def test_an_error_of_another_kind_arrives_as_the_nearest_one_with_its_sentence():
    class Melted(OutOfMemory):
        """Of one engine alone."""

    there = error_of(failed(Melted("It melted.")))
    assert type(there) is OutOfMemory
    assert str(there) == "It melted."


def test_a_file_name_that_no_encoding_can_write_still_arrives():
    error = ModelError(Path("models/\udcff.safetensors"), "is damaged", "fetch it again")
    message = over_the_wire(failed(error))
    assert isinstance(message, Failed)
    assert "\\udcff.safetensors is damaged" in str(error_of(message))
    assert over_the_wire(told(Loading("\udcff"))[0]) == Told(event="Loading", fields={"what": "\\udcff"})


@pytest.mark.parametrize(
    "message",
    [
        Told(event="Explode", fields={}),
        Told(event="JobDone", fields={"pictures": 1}),
        Told(event="Step", fields={"shot": 1}),
        Told(event="PassStep", fields={"shot": "x"}),
        Told(event="__init__", fields={}),
    ],
    ids=lambda message: message.event,
)
def test_an_event_that_no_engine_tells_is_refused(message: Told):
    with pytest.raises(BadFrame):
        event_of(message, None)


def test_an_error_that_is_none_of_the_tree_is_refused():
    with pytest.raises(BadFrame, match="SystemExit"):
        error_of(Failed(error="SystemExit", sentence="x", fields={}))


def test_an_errors_fields_are_its_own_and_no_others():
    with pytest.raises(BadFrame, match="args"):
        error_of(Failed(error="ModelError", sentence="x", fields={"args": "y"}))


def test_a_picture_arrives_with_its_shot_and_only_in_its_size(plan_of: Callable[..., Plan]):
    shot = plan_of(size={"width": 128, "height": 64}).shots[0]
    made = Made(shot=shot, picture=noise(128, 64), seconds=1 / 3, steps_done=5, batch_size=2)
    message, beside = drawn(made)
    there = made_of(message, beside)
    assert (there.shot, there.seconds, there.steps_done, there.batch_size) == (shot, 1 / 3, 5, 2)
    assert np.array_equal(there.picture.pixels, made.picture.pixels)
    for wrong in (None, noise(64, 128)):
        with pytest.raises(BadFrame):
            made_of(message, wrong)
