import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fooo.events import LegName, MemoryChosen, Placement, Step
from fooo.image import Picture
from fooo.interface.i18n import Words, read_languages
from fooo.interface.web.html.markup import (
    bar_html,
    chips_html,
    notice_html,
    row_html,
    stage_html,
    status_html,
    time_left,
)
from fooo.interface.web.view import Address, Drawing, Finished, View
from fooo.plan import Plan
from fooo.service import Job

EVIL = "<script>alert(1)</script>\"'&"
EN = read_languages()["en"]
PREVIEW = Picture(np.zeros((2, 2, 3), np.uint8))


def finished(prompt: str = "a cat", number: int = 0) -> Finished:
    address = Address(f"/pictures/x/{number}.png", f"/pictures/x/{number}.jpg")
    return Finished(
        job="a", number=number, address=address, name="a.png", width=8, height=8, prompt=prompt, seed=number
    )


@pytest.fixture
def drawing(plan_of: Callable[..., Plan]) -> Drawing:
    return Drawing(
        job=Job(plan_of()), width=16, height=8, number=1, count=2, loading=None, step=None, preview=None,
        has_picture=False, ending=False,
    )  # fmt: skip


def step(done: int = 12, left: float = 3.2) -> Step:
    return Step(shot=0, leg=LegName.BASE, step=done, steps=30, done=done, total=60, seconds_left=left)


def test_what_a_person_wrote_never_becomes_markup() -> None:
    view = View(finished=(finished(EVIL), finished(EVIL, 1)))
    parts = [
        stage_html(view, (), EN),
        row_html(view, EN),
        chips_html([(EVIL, EVIL)], EVIL, 1, EN),
        notice_html(EVIL, 0),
    ]
    for page in (*parts, bar_html(EN, doing=[EVIL]), stage_html(View(), [EVIL], EN)):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_progress_says_picture_step_network_and_time(drawing: Drawing) -> None:
    html = status_html(View(drawing=replace(drawing, step=step())), EN)
    assert "picture 1 of 2 · step 12 of 30 · base · 4 s left" in html
    assert "width:20.0%" in html


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


def test_a_new_job_takes_the_large_place_and_the_newest_picture_steps_back(drawing: Drawing) -> None:
    view = View(finished=(finished(number=1), finished(number=0)), drawing=drawing)
    assert "drawing" in stage_html(view, (), EN)
    assert row_html(view, EN).count("<a ") == 2


def test_between_two_pictures_of_a_job_the_finished_one_stays_large(drawing: Drawing) -> None:
    between = View(finished=(finished(),), drawing=replace(drawing, number=2, has_picture=True))
    assert "finished" in stage_html(between, (), EN)
    assert row_html(between, EN).count("<a ") == 0
    begun = replace(between, drawing=replace(drawing, number=2, has_picture=True, preview=PREVIEW))
    assert "drawing" in stage_html(begun, (), EN)
    assert row_html(begun, EN).count("<a ") == 1


def test_the_frame_has_the_pictures_shape_before_there_is_any(drawing: Drawing) -> None:
    assert "--width:16;--height:8" in stage_html(View(drawing=drawing), (), EN)


def test_a_picture_that_was_asked_for_without_words_is_described_all_the_same() -> None:
    view = View(finished=(finished(" "), finished("", 1)))
    for html in (stage_html(view, (), EN), row_html(view, EN)):
        assert 'alt="A picture drawn without words"' in html


def test_the_same_sentence_twice_is_shown_twice() -> None:
    assert notice_html("Wrong.", 0) != notice_html("Wrong.", 1)
    assert notice_html("", 2) == ""


def test_each_chosen_style_has_a_chip_that_takes_it_away_in_the_pages_language() -> None:
    html = chips_html([("Line Art", "线稿"), ("Sticker", "贴纸")], "速度", 2, read_languages()["zh"])
    assert re.findall(r'data-style="([^"]+)" aria-label="([^"]+)">([^<]+)<', html) == [
        ("Line Art", "去掉线稿", "线稿"),
        ("Sticker", "去掉贴纸", "贴纸"),
    ]
    assert html.index('data-at="styles"') > html.index("Sticker"), "what adds one stands behind those that are there"


def test_words_are_filled_in_every_language() -> None:
    for words in read_languages().values():
        assert isinstance(words, Words)
        assert "7" in words("seconds_left", count=7)
