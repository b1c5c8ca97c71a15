"""Who draws while the model that is asked for is still on its way."""

from fooo.errors import RequestError
from fooo.interface.i18n import Words
from fooo.request import Request, Size, merge, only_set_fields, read_request
from fooo.service import UNDER_WAY, Fooo

_STAND_IN = "pocket"
"""The preset of the model that ships."""

_KEPT = frozenset({"prompt", "negative", "dialect", "exactly", "without", "matrix", "styles", "output"})
"""Of a request, with its seed and the shape of its size, whichever model draws it; all else is set for one model."""


def by_who_is_here(asked: Request, program: Fooo, words: Words) -> tuple[Request, str]:
    """The request as it can be drawn now, and what is told where the pocket model draws it meanwhile; else nothing.

    It does where all that is lacking is coming down, but for what begins with a picture: that has the size and the
    looks of a larger model.
    """
    coming = {each.file.name for each in program.downloads.now() if each.state in UNDER_WAY}
    missing = program.needed_files(asked) if coming and asked.start is None else ()
    if not missing or any(file.name not in coming for file in missing):
        return asked, ""
    drawn = _by_the_pocket_model(asked)
    try:
        program.plan(drawn)
    except RequestError:  # its words name what the pocket model cannot use
        return asked, ""
    return drawn, words("meanwhile", files=words("list_mark").join(file.name for file in missing))


def _by_the_pocket_model(asked: Request) -> Request:
    kept = {name: value for name, value in only_set_fields(asked).items() if name in _KEPT}
    size = f"{asked.size.width}:{asked.size.height}" if isinstance(asked.size, Size) else asked.size
    ours = {"preset": _STAND_IN, "size": size, "sampling": {"seed": asked.sampling.seed}}
    return read_request(merge(kept, ours))
