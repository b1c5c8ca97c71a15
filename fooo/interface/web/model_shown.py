"""The model that would draw, and what the page says of it."""

import random
from collections.abc import Hashable

from fooo.catalog import POCKET, LocalModel
from fooo.errors import RequestError
from fooo.interface.i18n import Words
from fooo.request import Request
from fooo.service import Fooo

_EXAMPLES = ("example_1", "example_2", "example_3")


def base_model(asked: Request, program: Fooo) -> LocalModel | None:
    """The one that would draw it, whatever its words are; None where none can."""
    try:
        plan = program.plan(asked.model_copy(update={"prompt": ""}))
    except RequestError:
        return None
    return program.catalog.models.get(plan.request.models.base or "")


def model_name(asked: Request, program: Fooo, words: Words) -> str:
    """What that model is called; empty where none can draw it."""
    model = base_model(asked, program)
    if model is None:
        return ""
    return words("pocket_model") if model.name.startswith(POCKET) else model.name.rsplit("/", 1)[-1]


def examples(asked: Request, program: Fooo, words: Words, *, page: Hashable) -> tuple[str, ...]:
    """Prompts to begin with, what that model is good at where it says so; of one open page always the same."""
    model = base_model(asked, program)
    if model is None or model.knows is None:
        return tuple(words(key) for key in _EXAMPLES)
    rng = random.Random(str(page))
    return model.knows.suggestions(rng, len(_EXAMPLES), chinese=words.language == "zh")
