"""The record: enough to make a picture again, and to know later how it was made."""

import platform
from collections.abc import Mapping
from functools import cache
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
        seconds: From the start of this picture to its pixels; of what it shares with others, its share.
        steps_done: Of `shot.steps`; fewer where the picture was stopped or skipped and its half kept.
        batch_size: How many pictures were drawn in the same network calls. In 16 bits, other numbers round otherwise.
    """

    version: Literal[1] = 1
    request: Request
    shot: Shot
    models: tuple[ModelUsed, ...]
    versions: dict[str, str]
    seconds: float
    steps_done: int
    batch_size: int = 1


def write_record(
    plan: Plan,
    shot: Shot,
    *,
    models: tuple[ModelUsed, ...],
    seconds: float,
    steps_done: int,
    batch_size: int = 1,
) -> Record:
    """The record of one of the plan's pictures. Args: as `Record` has them."""
    noise = {"seed": shot.seed, "variation": shot.generate.variation, "seeds": shot.generate.seeds}
    sampling = plan.request.sampling.model_copy(update=noise)
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
        versions=dict(_versions()),
        seconds=round(seconds, 3),
        steps_done=steps_done,
        batch_size=batch_size,
    )


@cache
def _versions() -> Mapping[str, str]:
    """Of what decides pixels, read from files once: it takes as long as a step of a small model."""
    return {
        "fooo": fooo.__version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
