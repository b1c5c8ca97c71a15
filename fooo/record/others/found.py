"""What is read out of a picture: a request, and what of it could not be carried over."""

from dataclasses import dataclass
from enum import StrEnum

from fooo.record.record import Record
from fooo.request import Request, StrengthSteps


class Program(StrEnum):
    """Who made the picture."""

    FOOO = "Fooo"
    WEBUI = "Stable Diffusion web UI"
    FORGE = "Stable Diffusion WebUI Forge"
    SD_NEXT = "SD.Next"
    FOOOCUS = "Fooocus"
    RUINED_FOOOCUS = "RuinedFooocus"
    INVOKEAI = "InvokeAI"
    COMFYUI = "ComfyUI"
    NOVELAI = "NovelAI"
    DRAW_THINGS = "Draw Things"


class LossKind(StrEnum):
    MODEL = "model"
    """A model, LoRA, VAE or embedding that is not here: left open."""
    SAMPLER = "sampler"
    """A sampler or schedule that is not here: the nearest is taken, or the choice is left open."""
    STYLE = "style"
    """A style that nothing here comes near: left out."""
    VALUE = "value"
    """A value that cannot be: left open."""
    PICTURE = "picture"
    """It was drawn over another picture, which its text does not hold."""
    FIELD = "field"
    """Something that has no place in a request: left out."""


_LONGEST_SAID = 60
_SENTENCES = {
    LossKind.MODEL: "{at}: {said} is not here.",
    LossKind.SAMPLER: "{at}: {said} is not in Fooo.",
    LossKind.STYLE: "{at}: nothing here comes near the style {said}.",
    LossKind.VALUE: "{at}: {said} cannot be used.",
    LossKind.PICTURE: "{at}: {said} of another picture was drawn anew, and that picture is not in the text.",
    LossKind.FIELD: "{at}: {said} has no place here.",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was not carried over as it stood.

    Attributes:
        at: The program's own name of it.
        said: Its value, of a long one the beginning.
        used: What stands in its place; empty where nothing does.
    """

    kind: LossKind
    at: str
    said: str
    used: str = ""

    @property
    def sentence(self) -> str:
        """In English, for people."""
        told = _SENTENCES[self.kind].format(at=self.at, said=self.said)
        return f"{told.removesuffix('.')}; {self.used} is used." if self.used else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a picture says of how it was made.

    Attributes:
        program: Who made it.
        version: Of that program, as it says it; empty where it does not.
        request: Draws it again, as nearly as can be.
        losses: What stands in the text and not in the request.
        record: Of our own pictures, all of it.
        strength: How much of another picture was drawn anew; None of a picture that was drawn from words alone.
        strength_steps: What the program's number of steps means at a strength below 1.
    """

    program: Program
    request: Request
    version: str = ""
    losses: tuple[Loss, ...] = ()
    record: Record | None = None
    strength: float | None = None
    strength_steps: StrengthSteps = StrengthSteps.ALL


def shown(value: object) -> str:
    """A value as a sentence can hold it."""
    text = " ".join(str(value)[: 4 * _LONGEST_SAID].split())
    return text if len(text) <= _LONGEST_SAID else f"{text[: _LONGEST_SAID - 1]}…"
