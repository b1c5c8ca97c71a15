from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import RANDOM_STYLE, Catalog, Style, read_tokens
from fooo.errors import RequestError, UnknownName
from fooo.plan import Notice, NoticeKind, Plan, Ruler, Source, Texts, droppable, make_plan, parse, pieces_of
from fooo.plan.prompt.room import fullest, without_empty_end
from fooo.record import write_record
from fooo.request import read_request

PlanOf = Callable[..., Plan]


def texts(plan: Plan) -> Texts:
    return plan.shots[0].texts


def sources(plan: Plan) -> list[str]:
    return [span.source.value for span in texts(plan).positive_spans]


@pytest.fixture
def full(catalog: Catalog) -> Callable[..., Plan]:
    """Plans for a model that knows everything, with two styles and files for LoRAs and embeddings."""
    base = replace(catalog.models["pocket/base"], name="big", knows=None)
    styles = {
        "Ink": Style(name="Ink", prompt="ink drawing of {prompt}, bold lines", negative_prompt="photo, colour"),
        "Soft": Style(name="Soft", prompt="soft light", negative_prompt="harsh light"),
    }
    stocked = replace(
        catalog,
        models={"big": base},
        styles=styles,
        loras={"film/Grain": Path("Grain.safetensors")},
        embeddings={"EasyNegative": Path("EasyNegative.safetensors")},
    )

    def plan(*, more: Mapping[str, Style] | None = None, **fields: object) -> Plan:
        known = replace(stocked, styles={**styles, **(more or {})})
        return make_plan(read_request({"preset": None, "expansion": "off", **fields}), known, fallback_seed=42)

    return plan


@pytest.fixture
def styled(catalog: Catalog) -> Callable[..., Plan]:
    """Plans in a style of that template."""

    def plan(template: str, **fields: object) -> Plan:
        style = Style(name="Mine", prompt=template)
        base = replace(catalog.models["pocket/base"], name="big", knows=None)
        stocked = replace(catalog, models={"big": base}, styles={"Mine": style}, style_names={"mine": "Mine"})
        asked = {"preset": None, "expansion": "off", "styles": ["Mine"], **fields}
        return make_plan(read_request(asked), stocked, fallback_seed=42)

    return plan


def test_every_stretch_names_its_source_and_together_they_are_the_text(full: PlanOf):
    plan = full(
        prompt="a cat", styles=["Ink"], expansion="rich", quality={"words": "crisp, bold lines", "unwanted": "blur"}
    )
    assert sources(plan) == ["style", "user", "style", "expansion", "preset"]
    assert texts(plan).positive.startswith("ink drawing of a cat, bold lines, ")
    assert texts(plan).positive.endswith(", crisp")
    assert texts(plan).negative == "photo, colour, blur"


def test_exactly_my_words_adds_nothing(full: PlanOf):
    plan = full(
        prompt="a cat <style:Soft>", negative="dog", styles=["Ink"], expansion="rich", exactly=True,
        quality={"words": "crisp", "unwanted": "blur"},
    )  # fmt: skip
    assert (texts(plan).negative, texts(plan).styles) == ("dog", ())
    assert sources(plan) == ["user"]


def test_what_the_person_asks_for_is_never_in_the_negative(full: PlanOf):
    plan = full(prompt="a photo of a cat, colour", styles=["Ink"], quality={"unwanted": "photo, noise"})
    assert texts(plan).negative == "noise"


def test_each_of_several_prompts_is_in_the_style_and_keeps_its_weight(full: PlanOf):
    plan = full(prompt="a cat AND a dog:0.7", styles=["Ink"])
    assert texts(plan).positive == "ink drawing of a cat, bold lines AND ink drawing of a dog, bold lines:0.7"


def test_the_expansion_never_opens_a_chunk_that_the_words_did_not(full: PlanOf, catalog: Catalog):
    tokens = read_tokens(catalog.models["pocket/base"].folder / "tokenizer")
    for length in range(0, 150, 7):
        prompt = " ".join(["cat"] * length)
        alone = texts(full(prompt=prompt)).positive_tokens
        for seed in range(5):
            rich = texts(full(prompt=prompt, expansion="rich", sampling={"seed": seed}))
            assert len(rich.positive_tokens) == len(alone)
            assert rich.positive_tokens == texts(full(prompt=rich.positive)).positive_tokens
    assert tokens.length("cat") == 1  # else the lengths above would say nothing


def test_the_same_seed_gives_the_same_phrases_and_another_gives_others(full: PlanOf):
    plan = full(prompt="a castle", expansion="rich", output={"count": 4}, sampling={"seed": 1})
    assert len({shot.texts.positive for shot in plan.shots}) == 4
    assert full(prompt="a castle", expansion="rich", sampling={"seed": 3}).shots[0].texts == plan.shots[2].texts


def test_random_style_is_drawn_from_each_seed_and_recorded_by_name(full: PlanOf):
    plan = full(prompt="a cat", styles=["random style"], output={"count": 12})
    drawn = {shot.texts.styles for shot in plan.shots}
    assert drawn == {("Ink",), ("Soft",)}
    assert plan.request.styles == (RANDOM_STYLE,)
    record = write_record(plan, plan.shots[3], models=(), seconds=1, steps_done=1)
    assert record.request.styles == plan.shots[3].texts.styles


def test_of_the_pocket_model_a_random_style_is_one_that_it_has_learnt(plan_of: PlanOf, catalog: Catalog):
    plan = plan_of(styles=[RANDOM_STYLE], output={"count": 8})
    names = {name for shot in plan.shots for name in shot.texts.styles}
    assert {catalog.style(name).family for name in names} == {"pocket"}


def test_a_matrix_draws_each_combination_with_the_same_seed(full: PlanOf):
    plan = full(prompt="a <cat|dog> | hat", matrix=True, output={"count": 2}, sampling={"seed": 5})
    assert [(shot.seed, shot.texts.words) for shot in plan.shots] == [
        (5, "a cat"), (5, "a cat, hat"), (5, "a dog"), (5, "a dog, hat"),
        (6, "a cat"), (6, "a cat, hat"), (6, "a dog"), (6, "a dog, hat"),
    ]  # fmt: skip
    assert [shot.number for shot in plan.shots] == list(range(8))
    record = write_record(plan, plan.shots[5], models=(), seconds=1, steps_done=1)
    assert (record.request.prompt, record.request.matrix, record.request.sampling.seed) == ("a cat, hat", False, 6)


def test_too_many_combinations_are_refused_before_anything_is_planned(full: PlanOf):
    with pytest.raises(RequestError, match=r"256"):
        full(prompt="a|b|c|d|e|f|g", matrix=True, output={"count": 5})


def test_loras_of_the_prompt_come_behind_those_of_the_request(full: PlanOf):
    plan = full(
        prompt="a cat <lora:film/grain:-0.5:1>", models={"loras": [{"name": "film/Grain", "weight": 0.3}]},
    )  # fmt: skip
    assert [(each.name, each.unet_weight, each.text_weight) for each in plan.shots[0].generate.loras] == [
        ("film/Grain", 0.3, 0.3), ("film/Grain", 1, -0.5),
    ]  # fmt: skip
    # ... and planning what was pinned puts none on twice
    assert full(**plan.request.model_dump(mode="json")).shots == plan.shots


@pytest.mark.parametrize(
    ("prompt", "offered"), [("<lora:film/gran:1>", "film/Grain"), ("embedding:EasyNegativ", "EasyNegative")]
)
def test_an_unknown_name_offers_the_nearest(full: PlanOf, prompt: str, offered: str):
    with pytest.raises(UnknownName, match=offered):
        full(prompt=prompt)


@pytest.mark.parametrize("negative", ["easynegative, blur", "embedding:easynegative, blur"])
def test_an_embedding_is_known_by_its_bare_name(full: PlanOf, negative: str):
    assert texts(full(negative=negative)).unwanted == "embedding:EasyNegative, blur"


@pytest.mark.parametrize("negative", ["EasyNegatives", "very_easynegative", "easynegative-2"])
def test_a_longer_word_is_no_embedding(full: PlanOf, negative: str):
    assert texts(full(negative=negative)).unwanted == negative


def test_what_may_not_be_meant_is_told_once(full: PlanOf):
    plan = full(prompt="a (cat", negative="dog)", output={"count": 3})
    assert plan.notices == (
        Notice(NoticeKind.UNCLOSED, "prompt", "(", 3),
        Notice(NoticeKind.STRAY, "negative", ")", 4),
    )


@pytest.mark.parametrize("dialect", ["fooo", "webui", "fooocus"])
@pytest.mark.parametrize("negative", ["dog:0.5", "dog AND cat:0.5", "dog AND"])
def test_a_negative_is_one_prompt_without_a_weight(full: PlanOf, negative: str, dialect: str):
    plan = full(prompt="a cat", negative=negative, dialect=dialect, styles=["Ink"])
    assert texts(plan).negative == f"{negative}, photo, colour"
    assert plan.notices == ()


LONG = " ".join(["cat"] * 72)


@pytest.mark.parametrize(
    "prompt",
    [
        f"dog AND {LONG}", f"{LONG} AND dog:0.5", f"[dog:{LONG}:0.5]", f"[{LONG}:dog:1]", f"[dog|{LONG}]",
        f"dog AND [dog|{LONG}]", f"dog AND {LONG} {LONG}", "a fox BREAK", "a fox BREAK snow", f"{LONG} BREAK",
        "a fox,", "a fox, AND a dog,", "<lora:film/Grain:1> AND dog", "a fox BREAK AND dog", "[BREAK::0.5] fox",
    ],
)  # fmt: skip
def test_nothing_that_is_added_opens_a_chunk_in_any_prompt_at_any_step(full: PlanOf, catalog: Catalog, prompt: str):
    ruler = Ruler(read_tokens(catalog.models["pocket/base"].folder / "tokenizer"), {}, 20)
    sampling = {"steps": 20}
    alone = [ruler.sizes(part.tree) for part in parse(prompt).prompt.parts]
    for seed in range(8):
        plan = full(prompt=prompt, expansion="rich", sampling={**sampling, "seed": seed})
        found = [ruler.sizes(part.tree) for part in parse(texts(plan).positive).prompt.parts]
        assert [list(map(len, each)) for each in found] == [list(map(len, each)) for each in alone]
        shown = fullest(sizes for each in found for sizes in each)
        assert texts(plan).positive_tokens == without_empty_end(shown)


def test_a_prompt_with_a_short_beginning_and_end_is_still_expanded(full: PlanOf):
    for prompt in ("a fox BREAK", "a fox AND a dog", "[a fox:a dog:0.5]", "a fox,"):
        assert "expansion" in sources(full(prompt=prompt, expansion="rich")), prompt


def test_a_text_that_ends_in_a_number_weighs_no_prompt(full: PlanOf):
    quality = {"words": "grain, ratio 16:9"}
    plan = full(prompt="a cat AND a dog", styles=["Ink"], quality=quality)
    assert [part.weight for part in parse(texts(plan).positive).prompt.parts] == [1, 1]
    assert texts(plan).positive == (
        r"ink drawing of a cat, bold lines, grain, ratio 16\:9 AND ink drawing of a dog, bold lines, grain, ratio 16\:9"
    )
    assert texts(full(prompt="a cat", quality=quality)).positive == "a cat, grain, ratio 16:9"


@pytest.mark.parametrize(
    "template", ["photo, 16:9", "{prompt} at 12:30", "photo of {prompt}, x :.5", "{prompt}, C:\\", r"{prompt}, 1\\:9"]
)
def test_a_template_leaves_the_weight_behind_it_what_it_is(styled: PlanOf, template: str):
    for prompt, weights in (("a AND b", [1, 1]), ("a:0.5 AND b:-2", [0.5, -2]), ("a AND b:0.7", [1, 0.7])):
        plan = styled(template, prompt=prompt)
        assert [part.weight for part in parse(texts(plan).positive).prompt.parts] == weights


def test_an_and_in_a_template_is_a_word(styled: PlanOf):
    plan = styled("bread AND butter, {prompt} AND light", prompt="a cat", quality={"words": "black AND white"})
    assert texts(plan).positive == r"bread \AND butter, a cat \AND light, black \AND white"
    plan = styled("{prompt} AND light:0.5", prompt="a cat AND a dog:0.7")
    assert [part.weight for part in parse(texts(plan).positive).prompt.parts] == [1, 0.7]


@pytest.mark.parametrize(
    "prompt", ["<lora:film/Grain:1>", "<style:Soft>", "<lora:film/Grain:1>, <style:Soft>", "BREAK"]
)
@pytest.mark.parametrize("expansion", ["off", "rich", "gentle"])
def test_tags_alone_are_no_words(full: PlanOf, prompt: str, expansion: str):
    plan = full(prompt=prompt, styles=["Ink"], expansion=expansion, quality={"words": "crisp"})
    said = texts(plan).positive
    assert said.startswith(f"{prompt.strip()} ink drawing, bold lines")
    assert said.endswith(", crisp")
    assert "expansion" not in sources(plan)


def test_a_prompt_without_words_beside_others_is_left_as_it_is(full: PlanOf):
    quality = {"words": "crisp"}
    for prompt, expected in (
        ("a cat AND ", "ink drawing of a cat, bold lines, crisp AND "),
        ("AND a cat:0.5", " AND ink drawing of a cat, bold lines, crisp:0.5"),
        ("a cat AND <lora:film/Grain:1>:0.5", "ink drawing of a cat, bold lines, crisp AND <lora:film/Grain:1>:0.5"),
        ("AND", "ink drawing, bold lines, crisp AND "),
        ("AND <lora:film/Grain:1>", "ink drawing, bold lines, crisp AND <lora:film/Grain:1>"),
    ):
        assert texts(full(prompt=prompt, styles=["Ink"], quality=quality)).positive == expected


@pytest.mark.parametrize(
    ("template", "positive"),
    [
        ("{prompt}, <lora:film/grain:0.8>, film look", "a fox, film look"),
        ("<lora:film/grain:0.8> photo of {prompt}", " photo of a fox"),
        ("photo of {prompt} (<lora:film/grain:0.8>:1.2)", "photo of a fox"),
        ("{prompt}, easynegative", "a fox, embedding:EasyNegative"),
        ("{prompt}, (easynegative:1.2)", "a fox, (embedding:EasyNegative:1.2)"),
        ("{prompt}, an easynegative mood", "a fox, an easynegative mood"),
        (r"{prompt}, \<lora:film/grain:0.8>", r"a fox, \<lora:film/grain:0.8>"),
    ],
)
def test_a_style_brings_its_loras_and_embeddings(full: PlanOf, template: str, positive: str):
    style = Style(name="Mine", prompt=template, negative_prompt="embedding:easynegative, blur")
    plan = full(prompt="a fox", styles=["Mine"], more={"Mine": style})
    assert texts(plan).positive == positive
    assert texts(plan).negative == "embedding:EasyNegative, blur"


def test_the_persons_strength_of_a_lora_stands_above_the_styles(full: PlanOf):
    style = Style(name="Mine", prompt="{prompt}, <lora:film/Grain:0.8>")
    for fields, expected in (
        ({"prompt": "a fox"}, [0.8]),
        ({"prompt": "a fox <lora:film/grain:0.3>"}, [0.3]),
        ({"prompt": "a fox", "models": {"loras": [{"name": "film/grain", "weight": 0.4}]}}, [0.4]),
        ({"prompt": "a fox", "exactly": True}, []),
    ):
        plan = full(styles=["Mine"], more={"Mine": style}, **fields)
        assert [lora.unet_weight for lora in plan.shots[0].generate.loras] == expected
        again = full(more={"Mine": style}, **plan.request.model_dump(mode="json"))
        assert again.shots == plan.shots


def test_what_a_style_or_a_preset_names_in_vain_is_left_out_and_told_once(full: PlanOf):
    style = Style(name="Mine", prompt="{prompt}, <lora:gone:1>, x", negative_prompt="(embedding:nowhere:0.8), blur")
    unwanted = "embedding:vanished, noise"
    plan = full(
        prompt="a fox", styles=["Mine"], more={"Mine": style}, quality={"unwanted": unwanted}, output={"count": 2}
    )
    assert (texts(plan).positive, texts(plan).negative) == ("a fox, x", "blur, noise")
    assert plan.notices == (
        Notice(NoticeKind.MISSING, "styles", "<lora:gone:1>", 11),
        Notice(NoticeKind.MISSING, "styles", "embedding:nowhere", 2),
        Notice(NoticeKind.MISSING, "quality", "embedding:vanished", 1),
    )


def test_two_commas_never_stand_side_by_side(full: PlanOf):
    plan = full(prompt="a fox, ", styles=["Ink", "Soft"], expansion="rich", quality={"words": "crisp"})
    assert texts(plan).positive.startswith("ink drawing of a fox, bold lines, soft light, ")
    assert texts(full(prompt="a fox,", styles=["Soft"])).positive == "a fox, soft light"
    assert texts(full(prompt="一只狐狸，", styles=["Soft"])).positive == "一只狐狸，soft light"
    assert texts(full(prompt="a fox!", quality={"words": "crisp"})).positive == "a fox! crisp"
    assert texts(full(prompt="a fox BREAK", quality={"words": "crisp"})).positive == "a fox BREAK crisp"
    assert texts(full(prompt="a fox,")).positive == "a fox,"


def test_without_a_language_model_its_expansion_is_refused(full: PlanOf):
    with pytest.raises(RequestError, match="models/prompt_expansion"):
        full(prompt="a cat", expansion="model")
    assert not texts(full(prompt="a cat", expansion="model", exactly=True)).model_writes


@pytest.mark.parametrize("dialect", ["fooo", "webui", "fooocus"])
@pytest.mark.parametrize(
    "prompt",
    [
        r"a \{red|blue\} fox", r"a \__animal__ fox", "a [[red, white]] fox", "a [[[red, white]]] fox",
        "{a|b} __color__", "a fox:0.5", "[[a]]", "((w:1.3), [b])", "a AND b:0.3", "{x} snake__case __", r"\[\[a, b\]\]",
    ],
)  # fmt: skip
def test_a_records_words_are_not_drawn_again(full: PlanOf, prompt: str, dialect: str):
    plan = full(prompt=prompt, negative=prompt, dialect=dialect, expansion="gentle")
    record = write_record(plan, plan.shots[0], models=(), seconds=1, steps_done=1)
    again = full(**record.request.model_dump(mode="json"))
    assert again.shots[0].texts == plan.shots[0].texts


def test_what_is_ruled_out_in_the_prompt_stays_in_the_negative(full: PlanOf):
    plan = full(prompt="a street, no people, 没有文字", quality={"unwanted": "people, blurry"})
    assert texts(plan).negative == "people, blurry"


def test_a_presets_loras_stay_beside_the_persons(catalog: Catalog):
    preset = replace(catalog.presets["lightning"])
    names = {"sdxl_lightning_4step_lora": Path("a"), "film": Path("b")}
    big = replace(catalog.models["pocket/base"], name="big", knows=None)
    stocked = replace(catalog, loras=names, models={"big": big})
    base = {"base": "big"}
    for wished, found in (
        ([{"name": "film"}], [("sdxl_lightning_4step_lora", 1), ("film", 1)]),
        ([{"name": "sdxl_lightning_4step_lora", "weight": 0.5}], [("sdxl_lightning_4step_lora", 0.5)]),
    ):
        request = read_request({"prompt": "a", "preset": preset.name, "models": {**base, "loras": wished}})
        generate = make_plan(request, stocked, fallback_seed=1).shots[0].generate
        assert [(lora.name, lora.unet_weight) for lora in generate.loras] == found


def test_an_embedding_that_no_prompt_can_name_is_left_as_words(catalog: Catalog):
    stocked = replace(catalog, embeddings={"my words": Path("my words.safetensors")})
    plan = make_plan(read_request({"prompt": "a my words fox", "expansion": "off"}), stocked, fallback_seed=1)
    assert texts(plan).positive == "a my words fox"


def added(words: Texts) -> list[str]:
    """The phrases that are not the person's."""
    theirs = [span.text for span in words.positive_spans if span.source is not Source.USER]
    return [phrase for text in theirs for piece in pieces_of(text) if (phrase := droppable(piece))]


def test_what_is_left_out_changes_nothing_else_that_is_added(full: PlanOf):
    asked = {"prompt": "a cat", "styles": ["Ink", "Soft"], "expansion": "rich", "sampling": {"seed": 5}}
    whole = texts(full(**asked))
    phrases = added(whole)
    assert {"ink drawing of", "bold lines", "soft light"} < set(phrases)
    for phrase in phrases:
        left = texts(full(**asked, without=[phrase.upper()]))
        assert added(left) == [each for each in phrases if each != phrase]
        assert left.positive_tokens[0] < whole.positive_tokens[0]
        assert left.negative == whole.negative
