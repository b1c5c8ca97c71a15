"""Styles are tried on the page's words by one press, and one of them is finished by another."""

import json

from fooo.interface.people import HOST
from fooo.interface.web.handlers import Handlers
from fooo.request import Request
from fooo.service.styles import FavouriteStyles
from tests.interface.web.handlers.presses import session, shows


def press(handlers: Handlers, prompt: str, **values: object) -> dict[object, object]:
    return {**handlers.trying.try_styles(shows(handlers, prompt, handlers.context.start, values), session())}


def last(handlers: Handlers) -> Request:
    job = handlers.context.program.jobs()[-1]
    list(job.events())
    return job.plan.request


def test_one_press_draws_every_style_of_the_pocket_model_in_one_job(handlers: Handlers) -> None:
    updates = press(handlers, "a cat", styles=["Sticker"], exactly=True, **{"output.count": 3})
    asked, parts = last(handlers), handlers.context.parts
    program = handlers.context.program
    assert {*asked.sheet} == {style.name for style in program.catalog.families()["pocket"]}
    assert asked.sheet[-1] == "Sticker", "what is chosen already comes last"
    assert (asked.styles, asked.exactly, asked.output.count, asked.sampling.seed) == ((), False, 1, 23)
    assert len(program.jobs()) == 1
    assert parts.base not in updates, "what the page asks for stays as it is"
    assert updates[parts.spare_seed] == 7


def test_favourites_come_first(handlers: Handlers) -> None:
    program = handlers.context.program
    FavouriteStyles.beside(program.archive.folder).mark("Glossy", HOST.name, favourite=True)
    press(handlers, "a cat")
    assert last(handlers).sheet[0] == "Glossy"


def test_of_several_jobs_the_first_is_tried(handlers: Handlers) -> None:
    press(handlers, "a cat\n---\na dog")
    assert last(handlers).prompt == "a cat"


def test_a_press_on_one_draws_it_to_its_end_with_its_words_style_and_seed(handlers: Handlers) -> None:
    press(handlers, "a {red|blue} cat")
    sheet = last(handlers)
    job = handlers.context.program.jobs()[-1]
    said = json.dumps({"job": job.id, "number": 2})
    handlers.trying.finish({handlers.context.parts.acted: said}, session())
    whole = last(handlers)
    done = handlers.context.program.jobs()[-1].pictures[0].record.shot
    assert (whole.sheet, whole.styles, whole.sampling.seed) == ((), (sheet.sheet[2],), 23)
    assert (done.texts, done.generate.steps) == (job.plan.shots[2].texts, 30)


def test_a_picture_that_is_gone_is_told_in_a_sentence(handlers: Handlers) -> None:
    told = handlers.trying.finish({handlers.context.parts.acted: '{"job": "gone", "number": 0}'}, session())
    assert "reload" in str(told[handlers.context.parts.notice])
    assert handlers.context.program.jobs() == ()


def test_what_cannot_be_read_is_told_and_draws_nothing(handlers: Handlers) -> None:
    updates = press(handlers, "a cat", **{"sampling.seed": "many"})
    assert "digits" in str(updates[handlers.context.parts.notice])
    assert handlers.context.program.jobs() == ()
