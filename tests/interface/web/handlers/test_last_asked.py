"""What a person asked for last is there again after a restart."""

import json
import os
import stat
from pathlib import Path
from typing import Any, cast

import pytest

from fooo.interface.web.fields import values_of
from fooo.interface.web.handlers import Handlers
from fooo.interface.web.handlers.last_asked import LastAsked
from fooo.request import Request, only_set_fields, read_request
from tests.interface.web.handlers.presses import session, shows, value

CHOSEN = read_request(
    {
        "prompt": "a quiet lake, 湖",
        "preset": "pocket",
        "styles": ["Watercolor"],
        "size": {"width": 192, "height": 128},
        "output": {"count": 3},
    }
)


def restarted(handlers: Handlers) -> Handlers:
    """The handlers as after a new start of the program: nothing is left but what is on the disk."""
    return Handlers.of(handlers.context)


def press(handlers: Handlers, prompt: str, base: Request, values: dict[str, Any] | None = None) -> None:
    handlers.pressing.press(shows(handlers, prompt, base, values), session())
    for job in handlers.context.program.jobs():
        list(job.events())


def test_words_style_size_count_and_preset_are_there_after_a_restart(handlers: Handlers) -> None:
    style = next(iter(handlers.context.program.catalog.styles))
    wide = read_request({"preset": "pocket", "size": {"width": 192, "height": 128}})
    values = {"styles": [style], "output.count": 2, "preset": "pocket", "size": "192x128"}
    press(handlers, "a quiet lake, 湖", wide, values)
    again = restarted(handlers)
    arrived = again.arriving.arrive(session())
    shown = {path: value(arrived, again, path) for path in ("prompt", "styles", "output.count", "preset")}
    assert shown == {"prompt": "a quiet lake, 湖", "styles": [style], "output.count": 2, "preset": "pocket"}
    base = arrived[again.context.parts.base]
    assert isinstance(base, Request)
    assert base.size == wide.size


def test_where_nobody_asked_for_anything_a_page_starts_as_ever(handlers: Handlers) -> None:
    arrived = handlers.arriving.arrive(session())
    shown = values_of(handlers.context.start)
    assert value(arrived, handlers, "prompt") == ""
    assert value(arrived, handlers, "output.count") == shown["output.count"]
    assert value(arrived, handlers, "preset") == "pocket"


def test_the_words_stay_where_what_was_to_draw_them_is_gone(handlers: Handlers) -> None:
    gone = read_request({"prompt": "a quiet lake", "negative": "fog", "models": {"base": "gone"}})
    LastAsked.beside(handlers.context.program.archive.folder).keep(gone, "")
    arrived = handlers.arriving.arrive(session())
    assert value(arrived, handlers, "prompt") == "a quiet lake"
    assert value(arrived, handlers, "negative") == "fog"
    base = arrived[handlers.context.parts.base]
    assert isinstance(base, Request)
    press(handlers, "a quiet lake", base)
    assert handlers.context.program.jobs()[-1].state == "done"


def test_each_person_has_their_own(tmp_path: Path) -> None:
    people = ("", "ann", "../ann", "Änn", "ben.json")
    kept = {person: CHOSEN.model_copy(update={"prompt": f"of {person!r}"}) for person in people}
    last = LastAsked(tmp_path)
    for person, asked in kept.items():
        last.keep(asked, person)
    again = LastAsked(tmp_path)
    assert {person: again.of(person) for person in people} == kept
    assert again.of("carol") is None
    assert all(path.parent == tmp_path for path in tmp_path.rglob("*"))


def test_what_was_left_open_stays_open(tmp_path: Path) -> None:
    LastAsked(tmp_path).keep(CHOSEN, "ann")
    found = LastAsked(tmp_path).of("ann")
    assert found
    assert only_set_fields(found) == only_set_fields(CHOSEN)


@pytest.mark.skipif(os.name != "posix", reason="rights are of this kind there only")
def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    LastAsked(tmp_path).keep(CHOSEN, "ann")
    assert stat.S_IMODE((tmp_path / "ann.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b"[]", b"[" * 100_000, b'{"version": 1}', b'{"version": 1, "request": []}',
        b'{"version": 1, "request": {"prompt": 3}}', b'{"version": 1, "request": {"of_later": 3, "prompt": "a boat"}}',
        b'{"version": 2, "request": {"prompt": "a boat"}}',
    ],
)  # fmt: skip
def test_a_damaged_or_newer_file_does_no_harm_and_is_put_aside_before_another_takes_its_place(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "ann.json").write_bytes(content)
    last = LastAsked(tmp_path)
    assert last.of("ann") is None
    assert (tmp_path / "ann.json").read_bytes() == content
    last.keep(CHOSEN, "ann")
    assert LastAsked(tmp_path).of("ann") == CHOSEN
    assert (tmp_path / "ann.unread").read_bytes() == content


def test_a_file_that_is_read_well_is_not_put_aside(tmp_path: Path) -> None:
    last = LastAsked(tmp_path)
    for prompt in ("a boat", "a house"):
        last.keep(CHOSEN.model_copy(update={"prompt": prompt}), "ann")
    assert [path.name for path in tmp_path.iterdir()] == ["ann.json"]
    assert json.loads((tmp_path / "ann.json").read_text(encoding="utf-8"))["request"]["prompt"] == "a house"


def test_a_disk_that_takes_no_more_loses_it_only_with_the_program(handlers: Handlers) -> None:
    folder = handlers.context.program.archive.folder
    folder.mkdir(parents=True)
    (folder / ".asked_last").write_text("a file where the folder would be", encoding="utf-8")
    press(handlers, "a boat", handlers.context.start)
    assert handlers.context.program.jobs()[-1].state == "done"
    assert value(handlers.arriving.arrive(session()), handlers, "prompt") == "a boat"
    again = restarted(handlers)
    assert value(again.arriving.arrive(session()), again, "prompt") == ""


def preview(handlers: Handlers, values: dict[str, Any], page: str = "a page", *, fixed: bool = False) -> str:
    inputs = shows(handlers, "words not asked for", handlers.context.start, values)
    inputs[handlers.context.parts.random_seed] = not fixed
    return str(handlers.pressing.preview(inputs, session(page))[handlers.context.parts.final])


def test_what_was_chosen_is_there_after_a_restart_though_nothing_was_drawn(handlers: Handlers) -> None:
    handlers.arriving.arrive(session())
    preview(handlers, {})
    preview(handlers, {"output.count": 4, "negative": "fog", "exactly": True})
    again = restarted(handlers)
    arrived = again.arriving.arrive(session())
    shown = {path: value(arrived, again, path) for path in ("prompt", "output.count", "negative", "exactly")}
    assert shown == {"prompt": "", "output.count": 4, "negative": "fog", "exactly": True}


def test_an_open_page_that_nobody_touches_takes_back_nothing_that_was_chosen_on_another(handlers: Handlers) -> None:
    for page in ("old", "new"):
        preview(handlers, {}, page)
    preview(handlers, {"output.count": 4}, "new")
    preview(handlers, {}, "old")  # a job has ended: each page asks for its line anew
    again = restarted(handlers)
    assert value(again.arriving.arrive(session()), again, "output.count") == 4


def test_a_fixed_seed_stays_fixed_after_a_restart_is_told_under_the_box_and_set_free_by_a_press(
    handlers: Handlers,
) -> None:
    assert "free_seed" not in preview(handlers, {"sampling.seed": "5"})
    assert "seed 5<i" in preview(handlers, {"sampling.seed": "5"}, fixed=True)
    again = restarted(handlers)
    parts = again.context.parts
    arrived = again.arriving.arrive(session())
    assert value(arrived, again, "sampling.seed") == "5"
    assert cast(dict[str, object], arrived[parts.random_seed])["value"] is False
    inputs = shows(again, "a boat", None)
    inputs[parts.acted] = json.dumps({"how": "free_seed"})
    freed = again.acting.act(inputs, session())
    assert freed[parts.random_seed] is True
    assert value(freed, again, "sampling.seed") == "7", "what this program draws"
