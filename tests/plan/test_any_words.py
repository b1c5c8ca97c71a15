"""Whatever is typed, in whatever style: what the person said keeps its parts, its weights and its chunks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fooo.catalog import Catalog, Style, read_tokens
from fooo.plan import Plan, Ruler, make_plan, parse
from fooo.record import write_record
from fooo.request import Dialect, read_request

PIECES = (
    "a fox", "一只猫，柔光", "(red:1.2", "[snow:fog:0.5]", "[a|b|c]", "BREAK", "AND", ":0.5", "16:9", "<lora:film:0.5>",
    "<style:Bold>", "embedding:mood", "mood", "\\", "(", "]", "{x|y}", "[[p, q]]", ",", "no people", "fox " * 70, "，",
    "（a：1.2）", "deep snow, fog", "!",
)  # fmt: skip
TEMPLATES = {
    "Bold": "ink drawing of {prompt}, bold lines, 16:9",
    "Weighed": "{prompt}, <lora:film:0.8>, (soft light, grain:1.2) AND x",
    "Changing": "{prompt} in [spring:winter:0.5], C:\\",
    "Broken": "({prompt} BREAK soft light",
    "Chinese": "一张{prompt}的照片，柔光，高清",
    "Behind": "mood, light",
}
STEPS = 20
WORDS = st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)
QUALITY = st.sampled_from([{}, {"words": "crisp, 16:9", "unwanted": "noise, embedding:gone"}, {"words": "a AND b"}])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "prompt": WORDS,
    "negative": WORDS,
    "dialect": st.sampled_from([each.value for each in Dialect]),
    "styles": st.lists(st.sampled_from(sorted(TEMPLATES)), max_size=2),
    "quality": QUALITY,
    "sampling": st.integers(0, 99).map(lambda seed: {"seed": seed, "steps": STEPS}),
    "preset": st.none(),
}
REQUESTS = st.fixed_dictionaries(FIELDS)


@pytest.fixture(scope="module")
def stocked(catalog: Catalog) -> Catalog:
    base = replace(catalog.models["pocket/base"], name="big", knows=None)
    return replace(
        catalog,
        models={"big": base},
        styles={name: Style(name=name, prompt=text, negative_prompt="mood, blur") for name, text in TEMPLATES.items()},
        style_names={},
        loras={"film": Path("film.safetensors")},
        embeddings={"mood": Path("mood.safetensors")},
        embedding_lengths={"mood": 3},
    )


def chunks(text: str, catalog: Catalog) -> list[list[int]]:
    """How many each prompt has at each step."""
    ruler = Ruler(read_tokens(catalog.models["big"].folder / "tokenizer"), catalog.embedding_lengths, STEPS)
    return [[len(sizes) for sizes in ruler.sizes(part.tree)] for part in parse(text).prompt.parts]


def weights(text: str) -> list[float]:
    return [part.weight for part in parse(text).prompt.parts]


@settings(max_examples=80, deadline=None)
@given(REQUESTS, st.sampled_from(["gentle", "rich"]))
def test_what_is_added_leaves_parts_weights_and_chunks(stocked: Catalog, asked: dict[str, Any], how: str):
    def plan(expansion: str) -> Plan:
        return make_plan(read_request({**asked, "expansion": expansion}), stocked, fallback_seed=1)

    plain, expanded = plan("off").shots[0].texts, plan(how).shots[0].texts
    assert weights(expanded.positive) == weights(plain.positive) == weights(expanded.words)
    assert chunks(expanded.positive, stocked) == chunks(plain.positive, stocked)


@settings(max_examples=80, deadline=None)
@given(REQUESTS)
def test_a_record_of_any_words_draws_them_again(stocked: Catalog, asked: dict[str, Any]):
    plan = make_plan(read_request(asked), stocked, fallback_seed=1)
    record = write_record(plan, plan.shots[0], models=(), seconds=0, steps_done=1)
    again = make_plan(record.request, stocked, fallback_seed=2)
    assert again.shots[0].texts == plan.shots[0].texts
    assert again.shots[0].generate.loras == plan.shots[0].generate.loras
