from collections.abc import Callable

import pytest

from fooo.interface.i18n import read_languages
from fooo.interface.terminal import legend, sources_of, words_of
from fooo.plan import Plan, Promise, Source, Span

EN = read_languages()["en"]
PlanOf = Callable[..., Plan]


@pytest.fixture
def plan(plan_of: PlanOf) -> Plan:
    """A picture in which all four sources say something."""
    plan = plan_of(prompt="a cat", sampling={"seed": 7})
    shot = plan.shots[0]
    said = (
        Span(text="oil painting of ", source=Source.STYLE),
        Span(text="a cat", source=Source.USER),
        Span(text=", thick strokes", source=Source.STYLE),
        Span(text=", soft light", source=Source.EXPANSION),
        Span(text=", sharp", source=Source.PRESET),
    )
    unsaid = (Span(text="dog", source=Source.USER), Span(text=", blurry", source=Source.PRESET))
    texts = shot.texts.model_copy(
        update={
            "positive_spans": said,
            "negative_spans": unsaid,
            "styles": ("Oil Painting",),
            "positive_tokens": (75, 12),
            "negative_tokens": (3,),
        }
    )
    changed = {"shots": (shot.model_copy(update={"texts": texts}),), "notices": ("A bracket stays open.",)}
    return plan.model_copy(update=changed)


def test_plain_text_names_who_says_what_behind_the_comma(plan: Plan):
    assert list(words_of(plan, EN, coloured=False)) == [
        "Picture 1, seed 7, styles Oil Painting",
        "  words     [style] oil painting of [user] a cat, [style] thick strokes, [expansion] soft light,"
        " [preset] sharp",
        "  negative  dog, [preset] blurry",
        "  tokens    75 + 12 in chunks of 75; negative 3",
        "  note      A bracket stays open.",
    ]


def test_how_long_it_takes_is_said_where_it_is_known(plan: Plan):
    lines = words_of(plan, EN, coloured=False, promise=Promise(seconds=12.4))
    assert list(lines)[-2:] == ["  time      about 12 s", "  note      A bracket stays open."]


def test_colours_leave_the_text_as_the_encoders_read_it(plan: Plan):
    _, said, unsaid, *_ = words_of(plan, EN, coloured=True)
    style, expansion, preset, end = "\x1b[36m", "\x1b[32m", "\x1b[35m", "\x1b[0m"
    assert said == (
        f"  words     {style}oil painting of {end}a cat{style}, thick strokes{end}"
        f"{expansion}, soft light{end}{preset}, sharp{end}"
    )
    for mark in (style, expansion, preset, end):
        said, unsaid = said.replace(mark, ""), unsaid.replace(mark, "")
    assert said.endswith(f"  {plan.shots[0].texts.positive}")
    assert unsaid.endswith(f"  {plan.shots[0].texts.negative}")


def test_the_legend_names_only_those_that_said_anything(plan: Plan, plan_of: PlanOf):
    assert sources_of(plan) == set(Source)
    assert legend({Source.USER, Source.EXPANSION}, coloured=True) == "Added by: \x1b[32mexpansion\x1b[0m."
    assert sources_of(plan_of(prompt="a cat", exactly=True)) == {Source.USER}


def test_an_empty_prompt_and_one_of_several_lines_stay_in_their_column(plan_of: PlanOf):
    assert "  words     none" in words_of(plan_of(prompt=""), EN, coloured=False)
    lines = list(words_of(plan_of(prompt="a cat,\na dog", exactly=True), EN, coloured=False))
    assert lines[1] == "  words     a cat,\n            a dog"


def test_what_the_language_model_will_add_is_promised_and_not_shown(plan: Plan):
    shot = plan.shots[0]
    texts = shot.texts.model_copy(update={"model_writes": True})
    later = plan.model_copy(update={"shots": (shot.model_copy(update={"texts": texts}),)})
    assert "The language model adds its phrases" in "\n".join(words_of(later, EN, coloured=False))
