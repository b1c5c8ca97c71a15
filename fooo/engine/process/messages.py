"""What an engine and who uses it say to each other where they are apart.

    user                                  engine
                                          Ready                once, before anything else
    Prepare | Run                 ->
                                  <-      Told | ShotBegins    waits for Heard
    Wished*, NewShot*, Heard      ->
                                  <-      Drawn                waits for Next or Close, or draws on meanwhile
    Next | Close                  ->
                                  <-      Finished | Failed    the last word about a Prepare or a Run

`Wished` may come at any moment, and `Logged` too.
"""

from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Discriminator, JsonValue, TypeAdapter

from fooo.plan import Plan, Shot
from fooo.request import Frozen

T = TypeVar("T")


def speakable(value: T) -> T | str:
    """A text, with what no encoding can write (half characters, as in odd file names) as escapes; else as it is."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


Said = Annotated[str, BeforeValidator(speakable)]


class Prepare(Frozen):
    """Load what the plan needs."""

    kind: Literal["prepare"] = "prepare"
    plan: Plan


class Run(Frozen):
    """Carry out the plan."""

    kind: Literal["run"] = "run"
    plan: Plan


class Wished(Frozen):
    """What the monitor answers from now on."""

    kind: Literal["wished"] = "wished"
    answer: Literal["skip", "stop"]
    keep: bool


class NewShot(Frozen):
    """A skip that was wished before this meant the picture before."""

    kind: Literal["new shot"] = "new shot"


class Heard(Frozen):
    """What was told has been heard: go on as was wished."""

    kind: Literal["heard"] = "heard"


class Next(Frozen):
    """The last picture was taken; the next one is wanted."""

    kind: Literal["next"] = "next"


class Close(Frozen):
    """No further picture is wanted."""

    kind: Literal["close"] = "close"


class Ready(Frozen):
    """The engine is there. Attributes: device: As of `Engine.device`."""

    kind: Literal["ready"] = "ready"
    device: Said


class Told(Frozen):
    """An event; its preview goes beside the message."""

    kind: Literal["told"] = "told"
    event: str
    fields: dict[str, JsonValue]


class ShotBegins(Frozen):
    kind: Literal["shot begins"] = "shot begins"


class Drawn(Frozen):
    """A picture, which goes beside the message; as of `Made`."""

    kind: Literal["drawn"] = "drawn"
    shot: Shot
    seconds: float
    steps_done: int
    batch_size: int
    blurred: bool = False


class Finished(Frozen):
    kind: Literal["finished"] = "finished"


class Failed(Frozen):
    """An error of the tree in `fooo.errors`.

    Attributes:
        error: Its name there.
        sentence: What it says to the user.
        fields: Its attributes.
    """

    kind: Literal["failed"] = "failed"
    error: str
    sentence: Said
    fields: dict[str, Said]


class Logged(Frozen):
    """A line for the log. Attributes: level: As of `logging`."""

    kind: Literal["logged"] = "logged"
    level: int
    name: Said
    text: Said


ToEngine = Prepare | Run | Wished | NewShot | Heard | Next | Close
FromEngine = Ready | Told | ShotBegins | Drawn | Finished | Failed | Logged

TO_ENGINE: TypeAdapter[ToEngine] = TypeAdapter(Annotated[ToEngine, Discriminator("kind")])
FROM_ENGINE: TypeAdapter[FromEngine] = TypeAdapter(Annotated[FromEngine, Discriminator("kind")])
