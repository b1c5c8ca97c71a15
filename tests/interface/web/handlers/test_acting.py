"""What a press on a picture changes on the page, beside the job that it may ask for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fooo.interface.web.handlers import Handlers, Updates
from fooo.request import Keep, Request, Vary
from tests.interface.web.handlers.presses import EN, draw, dropped, session, shows


@pytest.fixture
def drawn(handlers: Handlers) -> Handlers:
    """The handlers, when one picture is drawn."""
    draw(handlers, "a boat")
    return handlers


def acted(handlers: Handlers, how: str, *, base: Request | None = None, prompt: str = "", **named: object) -> Updates:
    """What comes of a press on the newest picture, or on the one that is named."""
    named = named or {"job": handlers.context.program.jobs()[-1].id, "number": 0}
    inputs = shows(handlers, prompt, base or handlers.context.start, {"output.count": 2})
    inputs[handlers.context.parts.acted] = json.dumps({"how": how, **named})
    return handlers.acting.act(inputs, session())


def base_of(updates: Updates, handlers: Handlers) -> Request:
    base = updates[handlers.context.parts.base]
    assert isinstance(base, Request)
    return base


def notice(updates: Updates, handlers: Handlers) -> str:
    return str(updates.get(handlers.context.parts.notice, ""))


def test_more_like_it_draws_as_many_as_the_page_says(drawn: Handlers) -> None:
    acted(drawn, "more")
    first, more = drawn.context.program.jobs()
    list(more.events())
    assert [shot.texts.words for shot in more.plan.shots] == ["a boat"] * 2
    assert more.plan.request.models == first.plan.request.models


def test_a_start_is_shown_kept_by_presets_and_taken_away_again(drawn: Handlers) -> None:
    chosen = acted(drawn, "start")
    base, chips = base_of(chosen, drawn), str(chosen[drawn.context.parts.chips])
    assert isinstance(base.start, Vary)
    assert '<img alt="" src="data:image/jpeg;base64,' in chips
    preset = drawn.settings.choose_preset(shows(drawn, "", base, {"preset": "default"}), session())
    assert base_of(preset, drawn).start == base.start
    gone = acted(drawn, "no_start", base=base)
    assert base_of(gone, drawn).start is None
    assert "<img" not in str(gone[drawn.context.parts.chips])


def test_the_next_press_begins_with_the_start(drawn: Handlers) -> None:
    base = base_of(acted(drawn, "start"), drawn)
    drawn.pressing.press(shows(drawn, "a house", base), session())
    job = drawn.context.program.jobs()[-1]
    list(job.events())
    assert (job.plan.request.prompt, job.plan.request.start) == ("a house", base.start)


def test_a_deleted_picture_leaves_the_wall_and_the_notice_brings_it_back(drawn: Handlers) -> None:
    program = drawn.context.program
    path = program.jobs()[-1].pictures[0].path
    told = notice(acted(drawn, "delete"), drawn)
    assert EN("history_deleted_one") in told
    assert not path.exists()
    assert drawn.context.look(session()).finished == ()
    found = re.search(r'data-kept="(\w+)"', told)
    assert found
    program.history.put_back(program.history.find([found[1]]))
    assert path.exists()
    assert len(drawn.context.look(session()).finished) == 1


def test_what_is_gone_is_told_and_nothing_else_is_touched(drawn: Handlers) -> None:
    acted(drawn, "delete")
    for how in ("delete", "start", "vary_subtle"):
        assert "reload the page" in notice(acted(drawn, how), drawn)
    assert "is asked for something unknown" in notice(acted(drawn, "paint"), drawn)


def picture_file(folder: Path, colour: Any = (10, 120, 10), mode: str = "RGB") -> Path:
    path = folder / "brought.png"
    Image.new(mode, (80, 48), colour).save(path)
    return path


def test_a_brought_picture_is_varied_with_the_words_of_the_box(handlers: Handlers, uploads: Path) -> None:
    path = str(picture_file(uploads))
    offered = dropped(handlers, path)
    assert EN("brought_without_settings") in notice(offered, handlers)
    shown = str(offered[handlers.context.parts.brought])
    assert re.findall(r'data-how="(\w+)"', shown) == [
        "vary_subtle", "vary_strong", "upscale_2", "upscale_4", "fix_faces", "start",
    ]  # fmt: skip
    updates = acted(handlers, "vary_strong", prompt="a house", path=path)
    assert EN("drawn_on_white") not in notice(updates, handlers)
    job = handlers.context.program.jobs()[-1]
    list(job.events())
    start = job.plan.request.start
    assert isinstance(start, Vary)
    assert (job.plan.shots[0].texts.words, start.strength) == ("a house", 0.85)


def test_a_brought_picture_is_enlarged_or_begun_with(handlers: Handlers, uploads: Path) -> None:
    path = str(picture_file(uploads))
    assert "Not here yet" in notice(acted(handlers, "upscale_2", path=path), handlers)
    base = base_of(acted(handlers, "start", path=path), handlers)
    assert isinstance(base.start, Vary)
    assert handlers.context.program.pictures.size(base.start.picture) == (80, 48)


@pytest.mark.parametrize("how", ["vary_subtle", "start"])
def test_that_what_is_transparent_is_drawn_on_white_is_told(handlers: Handlers, uploads: Path, how: str) -> None:
    path = str(picture_file(uploads, (10, 120, 10, 40), "RGBA"))
    assert EN("drawn_on_white") in notice(acted(handlers, how, prompt="a house", path=path), handlers)
    for job in handlers.context.program.jobs():
        list(job.events())


def test_no_file_but_an_upload_can_be_named(handlers: Handlers, uploads: Path, tmp_path: Path) -> None:
    secret = picture_file(tmp_path)
    for path in (str(secret), str(uploads / ".." / secret.name), "", None, 3):
        assert "reload the page" in notice(acted(handlers, "start", path=path), handlers)
    mine = str(picture_file(uploads))
    assert "is not in the history" in notice(acted(handlers, "delete", path=mine), handlers)
    assert Path(mine).exists()


def test_the_start_of_loaded_settings_is_taken_over_where_it_draws_words(drawn: Handlers) -> None:
    acted(drawn, "vary_subtle")
    varied = drawn.context.program.jobs()[-1]
    list(varied.events())
    kept = drawn.context.program.history.at(varied.pictures[0].path)
    assert kept
    loaded = drawn.settings.load_settings({drawn.context.parts.acted: json.dumps({"kept": kept.id})}, session())
    assert base_of(loaded, drawn).start == varied.plan.request.start
    assert not isinstance(base_of(loaded, drawn).start, Keep)
