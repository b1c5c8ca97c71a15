"""A queue that is held up: what the page says, to whom, and what it offers them."""

from collections.abc import Generator
from pathlib import Path

import pytest

from fooo.engine import FakeEngine
from fooo.interface.i18n import read_languages
from fooo.interface.people import Person, Role
from fooo.interface.web.html.held import held_html
from fooo.interface.web.view import Address, Lookout
from fooo.request import Request
from fooo.service import Fooo
from fooo.service.queue import Queue
from tests.changing_catalog import ChangingCatalog
from tests.full_disk import FullDisk
from tests.interface.http.conftest import until

LANGUAGES = read_languages()
ANN, BEN, OWNER = Person("ann", Role.GUEST), Person("ben", Role.GUEST), Person("eve", Role.OWNER)


@pytest.fixture
def disk(tmp_path: Path) -> FullDisk:
    return FullDisk(tmp_path)


@pytest.fixture
def program(folders: ChangingCatalog, disk: FullDisk, tmp_path: Path) -> Generator[Fooo]:
    """Whose queue is held up by a picture of Ann's."""
    queue = Queue(tmp_path / "queue")
    program = Fooo(catalog=folders, make_engine=FakeEngine, archive=disk, draw_seed=lambda: 7, queue=queue)
    program.submit(Request(prompt="a cat", preset="pocket"), person=ANN.name)
    until(lambda: program.queue.trouble is not None)
    yield program
    program.queue.give_up()
    program.close()


def told_to(person: Person, program: Fooo, language: str = "en") -> str:
    lookout = Lookout(program, lambda _job, _number: Address("", ""))
    return held_html(lookout.look(person).held, LANGUAGES[language])


def test_everybody_is_told_why_nothing_goes_on(program: Fooo) -> None:
    for person in (ANN, BEN, OWNER):
        assert "The disk is full; free some space. It is tried again by itself." in told_to(person, program)
    assert "会自动重试。" in told_to(BEN, program, "zh")


def test_only_whose_picture_it_is_can_save_it(program: Fooo) -> None:
    assert 'href="api/v1/queue/trouble/picture"' in told_to(ANN, program)
    assert "href" not in told_to(BEN, program)


def test_only_who_rules_the_queue_says_how_it_goes_on(program: Fooo) -> None:
    for way in ("queue-retry", "queue-drop"):
        assert way in told_to(OWNER, program)
        assert way not in told_to(ANN, program)
    assert "Go on without this picture" in told_to(OWNER, program)


def test_the_line_goes_with_the_trouble(program: Fooo, disk: FullDisk) -> None:
    disk.full = False
    program.queue.try_again()
    until(lambda: program.queue.trouble is None)
    assert told_to(ANN, program) == ""


def test_a_trouble_that_is_over_drops_no_other_picture(program: Fooo) -> None:
    assert not program.queue.give_up("another job")
    assert program.queue.trouble is not None
