"""The contact sheet on the wall, as markup."""

import re
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from fooo.engine import FakeEngine
from fooo.interface.i18n import Words, read_languages
from fooo.interface.web.styles import contact_html, contact_of, without
from fooo.interface.web.view import Address, Finished, Lookout
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo, Job
from tests.changing_catalog import ChangingCatalog

EN, ZH = (read_languages()[code] for code in ("en", "zh"))
STYLES = ["Line Art", "Sticker", "Cartoon"]


@pytest.fixture
def program(folders: ChangingCatalog, tmp_path: Path) -> Generator[Fooo]:
    program = Fooo(
        catalog=folders,
        make_engine=lambda: FakeEngine(seconds_a_step=0.02),
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
    )
    yield program
    program.close()


@pytest.fixture
def lookout(program: Fooo) -> Lookout:
    return Lookout(program, lambda job, number: Address(f"full/{number}", f"small/{number}"))


def ask(program: Fooo, **fields: object) -> Job:
    return program.submit(read_request({"prompt": "a cat", "preset": "pocket", **fields}))


def end(job: Job) -> None:
    list(job.events())


def titles(html: str) -> list[str]:
    return re.findall(r"<b>([^<]*)</b>", html)


@pytest.mark.parametrize(("words", "first"), [(EN, "Line Art"), (ZH, "线稿")])
def test_every_style_has_its_place_before_it_is_drawn(
    program: Fooo, lookout: Lookout, words: Words, first: str
) -> None:
    program.queue.pause()
    ask(program, sheet=STYLES)
    contact = contact_of(lookout.look())
    assert contact is not None
    html = contact_html(contact, program.catalog.styles, words)
    assert titles(html)[0] == first
    assert (html.count('class="shot coming'), html.count("<img"), html.count("now")) == (3, 0, 1)


def test_the_finished_sheet_stays_and_each_of_its_pictures_is_a_press_away_from_its_end(
    program: Fooo, lookout: Lookout
) -> None:
    end(ask(program))
    job = ask(program, sheet=STYLES)
    end(job)
    view = lookout.look()
    contact = contact_of(view)
    assert contact is not None
    html = contact_html(contact, program.catalog.styles, EN)
    assert titles(html) == STYLES
    assert re.findall(
        r'<button type="button" class="shot" data-do="finish" data-job="(\w+)" data-number="(\d)"', html
    ) == [(job.id, str(number)) for number in range(3)]
    assert [one.sheet for one in without(view, contact)] == [""]


def test_a_picture_drawn_behind_it_takes_its_place(program: Fooo, lookout: Lookout) -> None:
    end(ask(program, sheet=STYLES))
    program.queue.pause()
    other = ask(program)
    assert contact_of(lookout.look()) is None, "another one is about to be drawn"
    program.queue.resume()
    end(other)
    assert contact_of(lookout.look()) is None
    assert [one.sheet for one in lookout.look().finished] == ["", *reversed(STYLES)]


def test_what_was_skipped_keeps_its_place_empty(program: Fooo, lookout: Lookout) -> None:
    job = ask(program, sheet=STYLES)
    end(job)
    view = lookout.look()
    drawing = replace(view, finished=tuple(one for one in view.finished if one.sheet != "Sticker"))
    contact = contact_of(drawing)
    assert contact is not None
    assert [tile.sheet for tile in contact.tiles if isinstance(tile, Finished)] == ["Line Art", "Cartoon"]


def test_there_is_none_where_nothing_was_drawn(lookout: Lookout) -> None:
    assert contact_of(lookout.look()) is None
