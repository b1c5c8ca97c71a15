"""Events, errors and pictures as messages, and back."""

from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from fooo.engine.engine import Made
from fooo.engine.process.messages import Drawn, Failed, Told, speakable
from fooo.engine.process.wire import BadFrame
from fooo.errors import (
    BadNumbers,
    BadPicture,
    EngineError,
    FoooError,
    ModelError,
    OutOfMemory,
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
    PrecisionRaised,
    ShotSkipped,
    Step,
)
from fooo.image import Picture
from fooo.request import Frozen

_PLAIN = {
    each.__name__: TypeAdapter[Event](each)
    for each in (MemoryChosen, PrecisionRaised, Loading, Downloading, PassSkipped, ShotSkipped)
}
"""The events of an engine that hold nothing but words and numbers. The other ones are the service's."""

_ERRORS = {
    each.__name__: each
    for each in (
        FoooError,
        RequestError,
        UnknownName,
        BadPicture,
        UnreadableMetadata,
        ModelError,
        EngineError,
        OutOfMemory,
        BadNumbers,
        StorageFull,
        WorkerDied,
    )
}
"""The errors of an engine: not those of the service."""
_FIELDS = {"field", "path", "problem", "hint"}


class _StepFields(Frozen):
    """Of a `Step`, its preview left out."""

    shot: int
    leg: LegName
    step: int
    steps: int
    done: int
    total: int
    seconds_left: float


class _PassStepFields(Frozen):
    """Of a `PassStep`, its preview left out."""

    shot: int
    name: PassName
    done: int
    total: int


def told(event: Event) -> tuple[Told, Picture | None]:
    """The event, and the picture that goes beside it."""
    if isinstance(event, Step | PassStep):
        names = (_StepFields if isinstance(event, Step) else _PassStepFields).model_fields
        fields = {name: getattr(event, name) for name in names}
        return Told(event=type(event).__name__, fields=fields), event.preview
    name = type(event).__name__
    fields = _PLAIN[name].dump_python(event, mode="json")
    said = {key: speakable(value) for key, value in fields.items()}
    return Told(event=name, fields=said), None


def event_of(message: Told, picture: Picture | None) -> Event:
    """Raises: BadFrame: That is no event of an engine."""
    try:
        if message.event == Step.__name__:
            return Step(**dict(_StepFields.model_validate(message.fields)), preview=picture)
        if message.event == PassStep.__name__:
            return PassStep(**dict(_PassStepFields.model_validate(message.fields)), preview=picture)
        return _PLAIN[message.event].validate_python(message.fields)
    except (KeyError, ValidationError):
        raise BadFrame(f"tells {message.event!r}, which is no event of an engine") from None


def drawn(made: Made) -> tuple[Drawn, Picture]:
    """What was made, and the picture that goes beside it."""
    message = Drawn(
        shot=made.shot,
        seconds=made.seconds,
        steps_done=made.steps_done,
        batch_size=made.batch_size,
        blurred=made.blurred,
    )
    return message, made.picture


def made_of(message: Drawn, picture: Picture | None) -> Made:
    """Raises: BadFrame: The picture is missing, or of another size than the shot's."""
    size = message.shot.size
    if picture is None or picture.size != (size.width, size.height):
        raise BadFrame("brings no picture of the size that was planned")
    return Made(
        shot=message.shot,
        picture=picture,
        seconds=message.seconds,
        steps_done=message.steps_done,
        batch_size=message.batch_size,
        blurred=message.blurred,
    )


def failed(error: FoooError) -> Failed:
    """The error with its attributes; of a kind that does not cross, as the nearest kind above it."""
    kind = next(each.__name__ for each in type(error).__mro__ if each.__name__ in _ERRORS)
    fields = {name: str(value) for name, value in vars(error).items() if name in _FIELDS}
    return Failed(error=kind, sentence=str(error), fields=fields)


def error_of(message: Failed) -> FoooError:
    """Raises: BadFrame: That is no error of the tree."""
    kind = _ERRORS.get(message.error)
    if kind is None:
        raise BadFrame(f"fails with {message.error!r}, which is no error of Fooo's")
    # not through its constructor, which would make another sentence of the one that it made there
    error = cast(FoooError, kind.__new__(kind, message.sentence))
    for name, value in message.fields.items():
        if name not in _FIELDS:
            raise BadFrame(f"fails with {name!r}, which no error of Fooo's has")
        setattr(error, name, Path(value) if name == "path" else value)
    return error
