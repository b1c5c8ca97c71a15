from collections.abc import Callable
from dataclasses import replace

import pytest

from fooo.catalog import Catalog
from fooo.events import MemoryChosen, Placement, PrecisionRaised
from fooo.interface.i18n import read_languages
from fooo.interface.notes import notes_on, promised, told_of_memory
from fooo.plan import (
    IdleRefiner,
    NearestName,
    Notice,
    NoticeKind,
    NotMeasured,
    Plan,
    PlanNotice,
    Promise,
    Sketch,
    UnsaidMode,
    make_plan,
)
from fooo.request import read_request

TONGUES = read_languages()
EN = TONGUES["en"]
PlanOf = Callable[..., Plan]


def beyond(plan: Plan, *words: str) -> Plan:
    return plan.model_copy(update={"beyond": words})


@pytest.mark.parametrize(
    ("seconds", "said"),
    [((0.2,), "about 1 s"), ((7.4, 5), "about 12 s"), ((89,), "about 89 s"), ((50, 50), "about 2 min")],
)
def test_a_promise_is_said_in_round_numbers(seconds: tuple[float, ...], said: str):
    promises = [Promise(seconds=each) for each in seconds]
    assert promised(promises, EN) == said
    assert promised([*promises, None], EN) == ""


@pytest.mark.parametrize(("workers", "said"), [(1, "about 80 s"), (2, "about 50 s"), (5, "about 30 s")])
def test_jobs_that_are_drawn_at_once_are_promised_sooner(workers: int, said: str):
    promises = [Promise(seconds=each) for each in (20, 20, 10, 30)]
    assert promised(promises, EN, workers=workers) == said
    assert promised([*promises, None], EN, workers=workers) == ""


def test_a_promise_is_said_in_chinese():
    assert promised([Promise(seconds=12)], TONGUES["zh"]) == "约 12 秒"


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_where_every_word_is_known_nothing_is_said(plan_of: PlanOf, code: str):
    assert notes_on(plan_of(), TONGUES[code]) == ()


def test_one_sentence_names_the_model_the_words_and_the_next_step(plan_of: PlanOf):
    assert notes_on(beyond(plan_of(), "astronaut", "Moon"), EN) == (
        'The pocket model has not learnt "astronaut", "Moon" yet and draws what it can; '
        "a full SDXL model in models/checkpoints knows nearly everything.",
    )
    assert "“astronaut”、“Moon”" in notes_on(beyond(plan_of(), "astronaut", "Moon"), TONGUES["zh"])[0]


def test_a_chinese_word_for_what_it_has_learnt_in_english_is_told_with_the_english_one(plan_of: PlanOf):
    plan = plan_of(prompt="红色的猫，狗", expansion="off")
    assert notes_on(plan, EN) == (
        'The pocket model reads English only: write "red" for "红色", "cat" for "猫", "dog" for "狗".',
    )
    assert notes_on(plan, TONGUES["zh"]) == ("口袋模型只认识英文：请把“红色”写成“red”、“猫”写成“cat”、“狗”写成“dog”。",)


def test_a_chinese_word_that_it_has_not_learnt_at_all_is_to_be_written_in_english_for_a_full_model(plan_of: PlanOf):
    told = notes_on(plan_of(prompt="宇航员和猫", expansion="off"), EN)
    assert told == (
        'The pocket model has not learnt "宇航员" yet and draws what it can; '
        "a full SDXL model in models/checkpoints knows nearly everything, in English. "
        'The pocket model reads English only: write "cat" for "猫".',
    )


def test_what_the_writer_may_not_have_meant_comes_behind_it_three_sentences_at_most(plan_of: PlanOf):
    plan = plan_of().model_copy(update={"notices": ("One.", "Two.", "Three.", "Four.")})
    assert notes_on(plan, EN) == ("One.", "Two.", "Three.")
    assert notes_on(beyond(plan, "Moon"), EN)[1:] == ("One.", "Two.", "Three.")


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"prompt": "a (cat"}, "en", 'In the prompt, "(" at character 3 is never closed, so its weight holds to the'),
        ({"negative": "a)"}, "en", 'In the negative, ")" at character 2 closes nothing and is taken as a letter.'),
        ({"prompt": "a (cat"}, "zh", "描述里，第 3 个字符“(”没有收尾，权重"),
        ({"negative": "a <hypernet:{x}:1>"}, "zh", "反向描述里，第 3 个字符起的“<hypernet:{x}:1>”没有用上"),
    ],
)
def test_what_may_not_be_meant_is_told_in_each_language(plan_of: PlanOf, fields: dict[str, str], code: str, told: str):
    (note,) = notes_on(plan_of(**fields), TONGUES[code])
    assert note.startswith(told)


@pytest.mark.parametrize("code", sorted(TONGUES))
@pytest.mark.parametrize("kind", NoticeKind)
def test_each_kind_has_a_sentence(plan_of: PlanOf, kind: NoticeKind, code: str):
    plan = plan_of().model_copy(update={"notices": (Notice(kind, "prompt", "(x", 7),)})
    (note,) = notes_on(plan, TONGUES[code])
    assert "(x" in note
    assert "7" in note
    assert note.endswith((".", "。"))


HOW_IT_IS_DRAWN: list[tuple[PlanNotice, str, str]] = [
    (
        NearestName("PLMS", "LMS"),
        "PLMS is not in Fooo; LMS, the nearest to it, is used.",
        "Fooo 里没有 PLMS，用的是最接近它的 LMS。",
    ),
    (
        IdleRefiner("fine", 1.0, 30),
        "fine draws nothing: a switch at 1 leaves it none of 30 steps.",
        "fine 没有参与：切换点设在 1，30 步里没有一步留给它。",
    ),
    (
        Sketch("5 s", "Speed", steps=7, fewest=15, enough="9.08 s"),
        "In 5 s Speed draws 7 of the 15 steps of a good picture, a sketch; 9.08 s are enough for all.",
        "5 s 之内，Speed 只够画 7 步，画好一张要 15 步，所以这是草图；给 9.08 s 就够画完。",
    ),
    (
        NotMeasured("mine", "Speed", "20 s"),
        "How long mine draws here is known after its first picture, so Speed is taken in place of 20 s.",
        "mine 在这台机器上要画多久，画完第一张才知道，所以没有按 20 s 来选，而是用 Speed。",
    ),
    (
        UnsaidMode("Turbo", "mine"),
        "Turbo is for models made for few steps, and the name of mine does not say that it is one.",
        "Turbo 是给少步数模型用的，而 mine 的名字看不出它是这种模型。",
    ),
]


@pytest.mark.parametrize(("notice", "english", "chinese"), HOW_IT_IS_DRAWN)
def test_what_is_drawn_otherwise_is_told_in_each_language(
    plan_of: PlanOf, notice: PlanNotice, english: str, chinese: str
):
    plan = plan_of().model_copy(update={"notices": (notice,)})
    assert notes_on(plan, EN) == (english,)
    assert notes_on(plan, TONGUES["zh"]) == (chinese,)


def test_braces_in_a_name_are_shown_as_they_are(plan_of: PlanOf):
    plan = plan_of().model_copy(update={"notices": (NearestName("{0}{used}", "LMS"),)})
    assert notes_on(plan, EN)[0].startswith("{0}{used} is not in Fooo")


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


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_how_models_are_held_is_a_sentence_in_each_language(code: str):
    words = TONGUES[code]
    plain = [told_of_memory(MemoryChosen(placement=placement), words) for placement in Placement]
    again = told_of_memory(MemoryChosen(placement=Placement.STREAMED, again=True), words)
    assert len(set(plain)) == 3
    assert plain[2] in again != plain[2]
    assert "sdxl vae" in told_of_memory(PrecisionRaised("sdxl vae"), words)
