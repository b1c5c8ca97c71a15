"""What people write is shown on the page as they wrote it."""

from dataclasses import replace

from fooo.catalog import Suggestion
from fooo.interface.i18n import read_languages
from fooo.interface.web.html.chips import chips_html
from fooo.interface.web.html.notices import notice_html
from fooo.interface.web.html.top_bar import bar_html
from fooo.interface.web.html.wall import row_html, stage_html
from fooo.interface.web.view import View
from tests.interface.web.html.finished import finished

EVIL = "<script>alert(1)</script>\"'&"
EN = read_languages()["en"]


def test_what_a_person_wrote_never_becomes_markup() -> None:
    view = View(finished=(finished(EVIL), finished(EVIL, 1)))
    parts = [
        stage_html(view, (), EN),
        row_html(view, EN),
        chips_html([(EVIL, EVIL)], EVIL, 1, EN, size=EVIL, preset=EVIL),
        stage_html(View(finished=(replace(finished(), model=EVIL.replace("/", "")),)), (), EN),
        notice_html(EVIL, 0),
    ]
    for page in (*parts, bar_html(EN, doing=[EVIL]), stage_html(View(), [Suggestion(EVIL, EVIL)], EN)):
        assert "<script" not in page
        assert "&lt;script&gt;" in page
