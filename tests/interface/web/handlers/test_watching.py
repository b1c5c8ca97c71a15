"""What an open page is told of jobs, and that old buttons end nothing."""

from collections.abc import Callable

import pytest

from fooo.interface.web import failures
from fooo.interface.web.handlers import Handlers
from fooo.request import read_request
from tests.interface.web.handlers.presses import draw, session, told


def test_a_failure_is_told_although_another_job_came_after_it(handlers: Handlers) -> None:
    handlers.arriving.arrive(session())
    draw(handlers, "break one")
    draw(handlers, "a boat")
    assert "No room for break one." in told(handlers)


def test_each_failure_is_told_once_to_each_page(handlers: Handlers) -> None:
    for page in ("a page", "another"):
        handlers.arriving.arrive(session(page))
    draw(handlers, "break one")
    assert "No room for break one." in told(handlers)
    assert told(handlers) == ""
    draw(handlers, "break two")
    news = told(handlers)
    assert "break two" in news
    assert "break one" not in news
    both = told(handlers, "another")
    assert "break one" in both
    assert "break two" in both
    assert told(handlers, "another") == ""


def test_a_page_that_arrives_is_told_why_the_newest_job_failed_and_of_none_before_it(handlers: Handlers) -> None:
    draw(handlers, "break one")
    draw(handlers, "break two")
    handlers.arriving.arrive(session("late"))
    news = told(handlers, "late")
    assert "break two" in news
    assert "break one" not in news


def test_a_press_of_a_page_that_never_arrived_is_told_of_its_failure(handlers: Handlers) -> None:
    draw(handlers, "break one", "unknown")
    draw(handlers, "a boat", "other")
    assert "break one" in told(handlers, "unknown")


def test_what_pages_were_told_is_bounded(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_MOST_PAGES", 2)
    draw(handlers, "break one")
    draw(handlers, "a boat")
    for page in ("first", "second", "third"):
        handlers.arriving.arrive(session(page))
        assert told(handlers, page) == ""
    assert told(handlers, "first") == ""


@pytest.mark.parametrize("press", ["stop", "stop_and_keep", "skip"])
def test_a_button_that_names_a_job_which_is_over_ends_nothing(handlers: Handlers, press: str) -> None:
    draw(handlers, "a boat")
    over = handlers.context.program.jobs()[-1]
    job = handlers.context.program.submit(read_request({"prompt": "slow", "preset": "pocket"}))
    handle: Callable[..., object] = getattr(handlers.watching, press)
    handle({handlers.context.parts.drawn: over.id}, session())
    list(job.events())
    assert len(job.pictures) == 1
