"""Which picture of a style is drawn next, and how: by the model that drew last, as it drew then."""

from collections.abc import Sequence
from dataclasses import dataclass

from fooo.catalog import Catalog, LocalModel, Style
from fooo.catalog.styles import suiting
from fooo.plan.performance import is_of_mode
from fooo.plan.sizes import smaller
from fooo.record import Record
from fooo.request import Partial, Request, merge, read_request
from fooo.service.job import Job
from fooo.service.styles.pictures import StylePictures

_WORDS = "a cat on a windowsill, a garden with trees and a house behind it"
"""Fur, leaves, walls and light: enough for a style to show in."""
_SEED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Args: model: The SHA-256 of what draws it. request: A contact sheet of this style alone."""

    style: Style
    model: str
    request: Request


def next_wish(
    jobs: Sequence[Job], catalog: Catalog, pictures: StylePictures, given_up: frozenset[str] = frozenset()
) -> Wish | None:
    """The first style that suits the model which drew last and of which there is no picture by it.

    None where all are there, nothing was drawn yet, or that was drawn with the person's own LoRAs, whose look is not
    the model's.

    Args:
        jobs: In the order in which they ended.
        catalog: What there is; a style whose picture comes with it needs none.
        pictures: That are there.
        given_up: Names of styles that cannot be drawn.
    """
    last = next((job.pictures[-1].record for job in reversed(jobs) if job.pictures), None)
    base = catalog.models.get(last.request.models.base or "") if last else None
    if last is None or base is None or any(not is_of_mode(lora.name) for lora in last.request.models.loras):
        return None
    model = next((used.sha256 for used in last.models if used.name == base.name), None)
    wanted = (
        style
        for style in suiting(catalog.styles.values(), pocket=base.knows is not None)
        if style.name not in catalog.style_pictures and style.name not in given_up
    )
    style = next((each for each in wanted if model and not pictures.holds(each, model)), None)
    return Wish(style=style, model=model, request=_request(style, last, base)) if style and model else None


def _request(style: Style, last: Record, base: LocalModel) -> Request:
    """As the model drew last, but for all that was about that picture."""
    native = base.native_size
    plain: Partial = {name: Request().model_dump(mode="json")[name] for name in _OF_THE_PICTURE}
    sampling: Partial = {"seed": _SEED, "seeds": [], "variation": None, "tiling": "none", "budget": None}
    own: Partial = {
        "prompt": _WORDS,
        "sheet": [style.name],
        "size": (smaller(native, native) or (native,))[-1].model_dump(),
        "sampling": sampling,
    }
    return read_request(merge(merge(last.request.model_dump(mode="json"), plain), own))


_OF_THE_PICTURE = (
    *("negative", "dialect", "exactly", "matrix", "styles", "expansion", "start"),
    *("faces", "things", "enlarge", "output"),
)
"""The fields that go back to what they are where nobody asks for anything."""
