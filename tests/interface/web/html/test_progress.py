"""What is said of the drawing while it goes on."""

from dataclasses import replace

import pytest

from fooo.events import LegName, MemoryChosen, Placement, Step
from fooo.interface.i18n import Words, read_languages
from fooo.interface.web.html.progress import status_html, time_left
from fooo.interface.web.view import Drawing, View

EN = read_languages()["en"]


def step(done: int = 12, left: float = 3.2) -> Step:
    return Step(shot=0, leg=LegName.BASE, step=done, steps=30, done=done, total=60, seconds_left=left)


def test_progress_says_picture_step_and_time(drawing: Drawing) -> None:
    html = status_html(View(drawing=replace(drawing, step=step())), EN)
    assert "picture 1 of 2 · step 12 of 30 · 4 s left" in html
    assert "width:20.0%" in html


def test_the_last_steps_say_that_they_refine(drawing: Drawing) -> None:
    last = replace(step(), leg=LegName.REFINER)
    assert "step 12 of 30 · refining · 4 s left" in status_html(View(drawing=replace(drawing, step=last)), EN)


def test_a_narrow_screen_gets_the_same_in_few_characters(drawing: Drawing) -> None:
    html = status_html(View(drawing=replace(drawing, step=step()), waiting=2), EN)
    assert "<small>1/2 · 12/30 · 4 s left</small>" in html
    one = replace(drawing, step=step(), count=1)
    assert "<small>12/30 · 4 s left</small>" in status_html(View(drawing=one), EN)
    assert "<small>getting ready</small>" in status_html(View(drawing=drawing), EN)
    assert "<small" not in status_html(View(stopped=True), EN)


def test_the_status_names_the_job_that_is_drawn_and_none_when_nothing_is(drawing: Drawing) -> None:
    assert f'class="status busy" data-job="{drawing.job.id}"' in status_html(View(drawing=drawing), EN)
    assert "data-job" not in status_html(View(stopped=True), EN)


def test_before_the_first_step_progress_says_what_is_loaded(drawing: Drawing) -> None:
    assert "getting ready" in status_html(View(drawing=drawing), EN)
    assert "loading the base" in status_html(View(drawing=replace(drawing, loading="the base")), EN)


def test_before_the_first_step_and_no_longer_progress_says_how_the_memory_is_used(drawing: Drawing) -> None:
    told = replace(drawing, loading="the base", memory=MemoryChosen(placement=Placement.ONE_AT_A_TIME))
    sentence = EN("memory_one_at_a_time")
    html = status_html(View(drawing=told), EN)
    assert f"loading the base · {sentence}" in html
    assert "<small>loading the base</small>" in html
    assert sentence not in status_html(View(drawing=replace(told, step=step())), EN)


def test_progress_says_that_it_stops_and_who_waits(drawing: Drawing) -> None:
    view = View(drawing=replace(drawing, step=step(), ending=True), waiting=2)
    assert "Stops after this step. · 2 more are waiting" in status_html(view, EN)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "almost done"), (1.2, "2 s left"), (89.5, "90 s left"), (90, "2 min left"), (600, "10 min left")],
)
def test_time_left_is_rounded_as_a_person_would(seconds: float, words: str) -> None:
    assert time_left(seconds, EN) == words


def test_words_are_filled_in_every_language() -> None:
    for words in read_languages().values():
        assert isinstance(words, Words)
        assert "7" in words("seconds_left", count=7)
