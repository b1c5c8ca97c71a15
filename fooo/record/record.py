"""The record: enough to make a picture again, and to know later how it was made."""

import platform
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from typing import Literal

import fooo
from fooo.plan import Plan, Shot
from fooo.request import Dialect, Frozen, Request

_PACKAGES = ("torch", "diffusers", "transformers", "numpy", "pillow")


class UsedAs(StrEnum):
    """What a file was to the picture."""

    MODEL = "model"
    """The base or the refiner."""
    LORA = "LoRA"
    EMBEDDING = "embedding"
    VAE = "VAE"
    """In place of the base's own, as asked for."""
    UPSCALER = "upscaler"


class ModelUsed(Frozen):
    name: str
    kind: UsedAs = UsedAs.MODEL
    sha256: str | None = None
    """Of the weights; `fooo.catalog.ModelHashes` says over what. Its first ten digits are a single file's AutoV2. None
    of a file, never of a model, whose hash was not known yet."""


class Record(Frozen):
    """Travels inside the picture's file.

    Attributes:
        version: Of this form.
        request: Makes this one picture again: nothing open, the seed this picture's, the count one.
        shot: What was carried out: final texts, passes, seed.
        models: The models that drew it, in order, then the other files that were used.
        versions: Of Fooo, Python and the packages that decide pixels.
        seconds: From the start of this picture to its pixels; of what it shares with others, its share.
        steps_done: Of `shot.steps`; fewer where the picture was stopped or skipped and its half kept.
        batch_size: How many pictures were drawn in the same network calls. In 16 bits, other numbers round otherwise.
        blurred: The filter of who runs the program has blurred it; drawn again without that, it looks otherwise.
    """

    version: Literal[1] = 1
    request: Request
    shot: Shot
    models: tuple[ModelUsed, ...]
    versions: dict[str, str]
    seconds: float
    steps_done: int
    batch_size: int = 1
    blurred: bool = False


def write_record(
    plan: Plan,
    shot: Shot,
    *,
    models: tuple[ModelUsed, ...],
    seconds: float,
    steps_done: int,
    batch_size: int = 1,
    blurred: bool = False,
) -> Record:
    """The record of one of the plan's pictures. Args: as `Record` has them."""
    drawn = shot.generates
    noise = {"variation": drawn[0].variation, "seeds": drawn[0].seeds} if drawn else {}
    sampling = plan.request.sampling.model_copy(update={"seed": shot.seed, **noise})
    output = plan.request.output.model_copy(update={"count": 1})
    # what was drawn for this picture stands in place of what was left to the dice
    said = {
        "prompt": shot.texts.words,
        "negative": shot.texts.unwanted,
        "dialect": Dialect.FOOO,
        "matrix": False,
        "styles": shot.texts.styles,
        "sheet": shot.texts.styles[:1] if plan.request.sheet else (),
    }
    return Record(
        request=plan.request.model_copy(update={**said, "sampling": sampling, "output": output}),
        shot=shot,
        models=models,
        versions=dict(_versions()),
        seconds=round(seconds, 3),
        steps_done=steps_done,
        batch_size=batch_size,
        blurred=blurred,
    )


@cache
def _versions() -> Mapping[str, str]:
    """Of what decides pixels, read from files once: it takes as long as a step of a small model."""
    return {
        "fooo": fooo.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
