from collections.abc import Callable
from dataclasses import replace

import pytest

from fooo.catalog import Catalog
from fooo.interface.i18n import read_languages
from fooo.interface.notes import notes_on
from fooo.plan import Plan, make_plan
from fooo.request import read_request

TONGUES = read_languages()
EN = TONGUES["en"]
PlanOf = Callable[..., Plan]


def beyond(plan: Plan, *words: str) -> Plan:
    return plan.model_copy(update={"beyond": words})


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_where_every_word_is_known_nothing_is_said(plan_of: PlanOf, code: str):
    assert notes_on(plan_of(), TONGUES[code]) == ()


def test_one_sentence_names_the_model_the_words_and_the_next_step(plan_of: PlanOf):
    assert notes_on(beyond(plan_of(), "astronaut", "Moon"), EN) == (
        'The pocket model has not learnt "astronaut", "Moon" yet and draws what it can; '
        "a full SDXL model in models/checkpoints knows nearly everything.",
    )
    assert "“astronaut”、“Moon”" in notes_on(beyond(plan_of(), "astronaut", "Moon"), TONGUES["zh"])[0]


def test_what_the_writer_may_not_have_meant_comes_behind_it_three_sentences_at_most(plan_of: PlanOf):
    plan = plan_of().model_copy(update={"notices": ("One.", "Two.", "Three.", "Four.")})
    assert notes_on(plan, EN) == ("One.", "Two.", "Three.")
    assert notes_on(beyond(plan, "Moon"), EN)[1:] == ("One.", "Two.", "Three.")


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_three_hundred_words_or_one_endless_one_stay_one_short_sentence(plan_of: PlanOf, code: str):
    (many,) = notes_on(beyond(plan_of(), *(f"word{number}" for number in range(300))), TONGUES[code])
    assert "297" in many
    assert "word3" not in many
    (endless,) = notes_on(beyond(plan_of(), "x" * 10_000), TONGUES[code])
    assert len(endless) < 200


def test_braces_that_a_person_typed_are_shown_as_they_are(plan_of: PlanOf):
    assert '"{0}{model}"' in notes_on(beyond(plan_of(), "{0}{model}"), EN)[0]


def test_a_model_of_ones_own_is_called_by_its_name(catalog: Catalog):
    mine = replace(catalog.models["pocket/base"], name="checkpoints/tiny")
    with_mine = replace(catalog, models={**catalog.models, mine.name: mine})
    plan = make_plan(read_request({"prompt": "a zyxomma"}), with_mine, fallback_seed=1)
    assert notes_on(plan, EN)[0].startswith('tiny has not learnt "zyxomma" yet')
