"""The model that would draw, and what the page says of it."""

import random
from collections.abc import Hashable

from fooo.catalog import POCKET, LocalModel, ModelKind, Suggestion
from fooo.errors import RequestError
from fooo.interface.i18n import Words
from fooo.request import Request
from fooo.service import Fooo

_ENDING = ".safetensors"
_EXAMPLES = (
    ("example_1", "example_1_said"),
    ("example_2", "example_2_said"),
    ("example_3", "example_3_said"),
)
"""Ids of the prompt, and of how it is said to a person."""


def base_model(asked: Request, program: Fooo) -> LocalModel | None:
    """The one that would draw it, whatever its words are; None where none can."""
    try:
        plan = program.plan(asked.model_copy(update={"prompt": ""}))
    except RequestError:
        return None
    return program.catalog.models.get(plan.request.models.base or "")


def suits(refiner: str, model: LocalModel | None) -> bool:
    """Whether a refiner can draw the last steps of what the model draws."""
    if model is None or model.kind is not ModelKind.SDXL_BASE:
        return False
    return refiner.startswith(POCKET) == model.name.startswith(POCKET)


def title_of_model(name: str, words: Words) -> str:
    """What a model is called where it stands among others. Args: name: In the catalog."""
    return words("pocket_model") if name == f"{POCKET}base" else name.removesuffix(_ENDING)


def short_title(name: str, words: Words) -> str:
    """What a model is called where it stands alone: without its folders."""
    return words("pocket_model") if name.startswith(POCKET) else name.rsplit("/", 1)[-1].removesuffix(_ENDING)


def examples(asked: Request, program: Fooo, words: Words, *, page: Hashable) -> tuple[Suggestion, ...]:
    """Prompts to begin with, what that model is good at where it says so; of one open page always the same."""
    model = base_model(asked, program)
    if model is None or model.knows is None:
        return tuple(Suggestion(words(prompt), words(said)) for prompt, said in _EXAMPLES)
    rng = random.Random(str(page))
    return model.knows.suggestions(rng, len(_EXAMPLES), chinese=words.language == "zh")
