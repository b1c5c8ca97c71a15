"""Try some styles on the person's words: what the page asks for, on a contact sheet."""

from fooo.catalog.styles import suiting, varied
from fooo.errors import RequestError
from fooo.interface.jobs import split_request
from fooo.interface.people import Person
from fooo.interface.web.html.style_sheet import MOST_TRIED
from fooo.interface.web.model_shown import base_model
from fooo.request import Partial, Request, merge, only_set_fields, read_request
from fooo.service import Fooo
from fooo.service.styles import FavouriteStyles


def on_a_sheet(asked: Request, program: Fooo, person: Person) -> Request:
    """The first job of what is asked, once in each of some styles: the person's favourites, then one of each family.

    Its seed decides which, so that the next press shows others.

    Raises:
        RequestError: There are no styles, or the prompt holds too many jobs.
    """
    first = split_request(asked)[0]
    model = base_model(first, program)
    suited = suiting(program.catalog.styles.values(), pocket=model is not None and model.knows is not None)
    names = [style.name for style in suited]
    liked = FavouriteStyles.beside(program.archive.folder).among(names, person.name)
    tried = varied(suited, MOST_TRIED, favourites=liked, chosen=first.styles, seed=first.sampling.seed)
    if not tried:
        raise RequestError("styles", "there are none to try", "put files of styles into the folder styles")
    sheet: Partial = {"sheet": tried, "styles": (), "exactly": False, "matrix": False, "output": {"count": 1}}
    return read_request(merge(only_set_fields(first), sheet))
