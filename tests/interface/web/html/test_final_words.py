"""The words before they are drawn, as markup."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from fooo.interface.i18n import read_languages
from fooo.interface.web.html.final_words import final_html, refused_html
from fooo.plan import Plan, Source, Span

EN = read_languages()["en"]
EVIL = "<script>alert(1)</script>\"'&"
PlanOf = Callable[..., Plan]


def html_of(*plans: Plan, typed: str = "", pictures: int = 1, exactly: bool = False, **more: Any) -> str:
    return final_html(plans, pictures, typed=typed, exactly=exactly, title_of=str.upper, words=EN, **more)


def line(html: str) -> list[tuple[str, str]]:
    """Who says what on the line under the box."""
    said = html[: html.index("</p>")]
    spans = re.findall(r'<span class="(\w+)" title="[^"]+">(.*?)</span>', said)
    return [(source, unescape(re.sub("<[^>]*>", "", text))) for source, text in spans]


def with_texts(plan: Plan, **texts: object) -> Plan:
    shot = plan.shots[0]
    return plan.model_copy(
        update={"shots": (shot.model_copy(update={"texts": shot.texts.model_copy(update=texts)}), *plan.shots[1:])}
    )


def test_the_line_is_the_text_that_is_drawn_each_stretch_with_its_source(plan_of: PlanOf) -> None:
    plan = plan_of(prompt="a lighthouse", preset="default", quality={"words": "sharp"}, sampling={"seed": 5})
    spans = plan.shots[0].texts.positive_spans
    assert len({span.source for span in spans}) == 3
    assert line(html_of(plan, typed="a lighthouse")) == [(span.source, span.text) for span in spans]


def test_words_to_which_nothing_is_added_are_not_repeated(plan_of: PlanOf) -> None:
    html = html_of(plan_of(prompt="a cat ", exactly=True), typed="a cat ", exactly=True)
    assert line(html) == []
    assert EN("as_typed") in html
    assert 'aria-checked="true"' in html


def test_of_no_words_nothing_is_told_but_the_switch_is_there(plan_of: PlanOf) -> None:
    html = html_of(plan_of(prompt=""))
    assert EN("as_typed") not in html
    assert 'data-do="sheet"' not in html
    assert 'aria-checked="false"' in html


def test_tokens_are_counted_beside_it_when_a_second_chunk_opens(plan_of: PlanOf) -> None:
    plan = plan_of(prompt="a cat")
    assert "read in 2 parts (75 + 12 tokens)</small>" in html_of(with_texts(plan, positive_tokens=(75, 12)))
    assert "<small>2 tokens</small>" not in html_of(plan)


def test_the_sheet_tells_every_picture_with_seed_styles_tokens_and_negative(plan_of: PlanOf) -> None:
    plan = plan_of(
        prompt="a {red|blue} cat", negative="dogs", styles=["Sticker"], sampling={"seed": 7}, output={"count": 3}
    )
    html = html_of(plan, pictures=3)
    assert re.findall(r'<article><p class="quiet">([^<]+)<', html) == [
        f"seed {shot.seed} · STICKER · {shot.texts.positive_tokens[0]} tokens" for shot in plan.shots
    ]
    assert html.count("dogs</span>") == 3
    assert ">all 3</button>" in html


def test_the_legend_names_only_those_that_say_anything(plan_of: PlanOf) -> None:
    html = html_of(plan_of(prompt="a cat", styles=["Sticker"]))
    (legend,) = re.findall(r'<p class="legend">(.*?)</p>', html)
    assert re.findall(r">([^<]+)</span>", legend) == ["your words", "style"]


def test_what_may_not_be_meant_is_told_in_the_sheet_and_many_pictures_are_counted(plan_of: PlanOf) -> None:
    html = html_of(plan_of(prompt="a ((cat", output={"count": 64}), pictures=64)
    assert "is never closed" in html
    assert html.count("<article>") == 24
    assert "and 40 more pictures" in html


def test_what_a_person_wrote_never_becomes_markup(plan_of: PlanOf) -> None:
    evil = tuple(Span(text=EVIL, source=source) for source in Source)
    plan = with_texts(plan_of(prompt="a cat"), positive_spans=evil, negative_spans=evil, styles=(EVIL,))
    for html in (html_of(plan.model_copy(update={"notices": (EVIL,)})), refused_html(EVIL, exactly=False, words=EN)):
        assert "<script" not in html.lower()
        assert "&lt;script" in html.lower()


def test_each_added_phrase_can_be_pressed_and_one_that_is_left_out_is_still_there(plan_of: PlanOf) -> None:
    asked = {
        "prompt": "a lighthouse",
        "preset": "default",
        "quality": {"words": "sharp, vivid"},
        "sampling": {"seed": 5},
    }
    added = plan_of(**asked).shots[0].texts.positive_spans
    plan = plan_of(**asked, without=["vivid"])
    html = html_of(plan, typed="a lighthouse")
    assert plan.shots[0].texts.positive == "".join(span.text for span in added).removesuffix(", vivid")
    assert re.findall(r'aria-pressed="(\w+)" title="Leave this out">(sharp|vivid)<', html) == [("false", "sharp")]
    html = html_of(plan, typed="a lighthouse", added=added, without=("Vivid",))
    assert line(html) == [(span.source, span.text) for span in added]
    assert 'aria-pressed="true" title="Take this back">vivid</button>' in html
    assert ">a lighthouse</button>" not in html
