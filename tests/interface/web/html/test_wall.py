"""What stands on the wall: large, and in the row of earlier pictures."""

import re
from dataclasses import replace

import numpy as np

from fooo.image import Picture
from fooo.interface.i18n import read_languages
from fooo.interface.web.html.wall import row_html, stage_html
from fooo.interface.web.view import Drawing, View
from tests.interface.web.html.finished import finished

EN = read_languages()["en"]
PREVIEW = Picture(np.zeros((2, 2, 3), np.uint8))


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


def test_a_picture_says_which_model_drew_it() -> None:
    def caption(model: str) -> str:
        html = stage_html(View(finished=(replace(finished(), model=model),)), (), EN)
        return re.sub(r"<[^>]+>", "|", html[html.index("<figcaption>") : html.index("</figcaption>")]).strip("|")

    assert caption("mine/juggernautXL_v9.safetensors") == "juggernautXL_v9||seed 0"
    assert caption("pocket/base") == "pocket model||seed 0"
    assert caption("") == "seed 0"
