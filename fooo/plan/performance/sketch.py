"""Contact sheets: a quick picture in each of several styles, of one seed, to choose by looking.

Each has the size of the picture that is finished from it: of another size the same seed draws another picture. On the
pocket model 8 of 30 steps gave the composition of the finished picture (correlation of pixels at 32x32: 0.990 to
0.997); three quarters of the side, 10 steps, gave 0.44 to 0.54, no more than another seed does.
"""

from fooo.errors import RequestError
from fooo.plan.plan import Generate
from fooo.request import Keep, Request

_STEPS = 8


def check_sheet(filled: Request) -> None:
    """Look whether a request can be drawn in each of its sheet's styles.

    Raises:
        RequestError: It draws nothing anew, or in no style.
    """
    if not filled.sheet:
        return
    if isinstance(filled.start, Keep):
        raise RequestError("sheet", "draws anew, and this picture is only kept", "begin with noise or with a variation")
    if filled.exactly:
        raise RequestError("sheet", "compares styles, and exactly draws in none", "switch exactly off")


def sketched(generate: Generate) -> Generate:
    """The pass with as few steps as show what the picture will be, by the base alone."""
    return generate.model_copy(
        update={"steps": min(generate.steps, _STEPS), "refiner": None, "refiner_step": None, "step_cache": 1}
    )
