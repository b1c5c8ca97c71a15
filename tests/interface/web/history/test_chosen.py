"""A press on a picture of an earlier run: it has no job, so that the press names it by its id in the history."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from fooo.errors import RequestError
from fooo.interface.people import HOST, Person, Role
from fooo.interface.web.acts import asked_again, said_act, target_named
from fooo.interface.web.history import read_named
from fooo.record import Record
from fooo.record.history import Wanted
from fooo.request import Again, Keep, Request, Vary
from fooo.service import Fooo
from tests.record.history.pictures import keep


@pytest.fixture
def kept(program: Fooo, record: Record) -> str:
    keep(program.archive.folder, record, "an old boat", made=datetime(2026, 1, 1), person="ann")
    return only(program)


def only(program: Fooo) -> str:
    program.history.refresh()
    return program.history.page(Wanted(), limit=1).pictures[0].id


def said(kept: object, how: str = "vary_subtle") -> str:
    return json.dumps({"how": how, "kept": kept})


def acted(words: str, program: Fooo, person: Person = HOST) -> Request:
    """What a press asks for with a picture that tells what it was drawn by."""
    target = target_named(words, program, person)
    assert target.own
    return asked_again(said_act(words), target.path, target.own, program)


def test_it_is_varied_and_enlarged_as_one_of_this_run(program: Fooo, kept: str):
    varied = acted(said(kept), program)
    assert isinstance(varied.start, Vary)
    assert (varied.prompt, varied.sampling.seed) == ("an old boat", -1)
    for how in (Again.UPSCALE_2, Again.FIX_FACES):
        assert isinstance(acted(said(kept, how), program).start, Keep)
    list(program.submit(varied).events())


def test_its_settings_are_read(program: Fooo, kept: str):
    assert read_named(said(kept), program, HOST).request.prompt == "an old boat"


@pytest.mark.parametrize("name", ["", "../x", None, 3, ["x"], {"path": "/etc/passwd"}, "0" * 24, "9" * 5000])
@pytest.mark.usefixtures("kept")
def test_anything_else_is_refused_in_a_sentence(program: Fooo, name: object):
    for use in (lambda: acted(said(name), program), lambda: read_named(said(name), program, HOST)):
        with pytest.raises(RequestError, match="open the history again"):
            use()
    for words in ("", "{", "[]", "null", "[" * 10_000):
        with pytest.raises(RequestError):
            read_named(words, program, HOST)


def test_another_persons_picture_is_as_if_it_were_not_there(program: Fooo, kept: str):
    assert acted(said(kept), program, Person("ann", Role.GUEST)).prompt == "an old boat"
    for person in (Person("bob", Role.GUEST), Person("bob")):
        with pytest.raises(RequestError, match="not in the history"):
            acted(said(kept), program, person)


def test_one_that_does_not_say_how_it_was_made_is_named_all_the_same(program: Fooo, tmp_path: Path):
    (tmp_path / "outputs").mkdir(exist_ok=True)
    Image.new("RGB", (64, 64)).save(tmp_path / "outputs" / "plain.png")
    target = target_named(said(only(program)), program)
    assert (target.path.name, target.own) == ("plain.png", None)
