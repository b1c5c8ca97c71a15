"""The record: enough to make a picture again, and to know later how it was made."""

import platform
from importlib.metadata import version
from typing import Literal

import fooo
from fooo.plan import Plan, Shot
from fooo.request import Dialect, Frozen, Request

_PACKAGES = ("torch", "diffusers", "transformers", "numpy", "pillow")


class ModelUsed(Frozen):
    name: str
    sha256: str
    """Of the weights; `fooo.catalog.ModelHashes` says over what."""


class Record(Frozen):
    """Travels inside the picture's file.

    Attributes:
        version: Of this form.
        request: Makes this one picture again: nothing open, the seed this picture's, the count one.
        shot: What was carried out: final texts, passes, seed.
        models: The models that drew it, in order.
        versions: Of Fooo, Python and the packages that decide pixels.
        seconds: From the start of this picture to its pixels.
        steps_done: Of `shot.steps`; fewer where the picture was stopped or skipped and its half kept.
    """

    version: Literal[1] = 1
    request: Request
    shot: Shot
    models: tuple[ModelUsed, ...]
    versions: dict[str, str]
    seconds: float
    steps_done: int


def write_record(plan: Plan, shot: Shot, *, models: tuple[ModelUsed, ...], seconds: float, steps_done: int) -> Record:
    sampling = plan.request.sampling.model_copy(update={"seed": shot.seed})
    output = plan.request.output.model_copy(update={"count": 1})
    # what was drawn for this picture stands in place of what was left to the dice
    said = {
        "prompt": shot.texts.words,
        "negative": shot.texts.unwanted,
        "dialect": Dialect.FOOO,
        "matrix": False,
        "styles": shot.texts.styles,
    }
    return Record(
        request=plan.request.model_copy(update={**said, "sampling": sampling, "output": output}),
        shot=shot,
        models=models,
        versions={
            "fooo": fooo.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        seconds=round(seconds, 3),
        steps_done=steps_done,
    )
