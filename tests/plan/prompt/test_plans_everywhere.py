"""Whole plans are the same in every process, on every machine and in every Python: here is what some of them say."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog, Style, read_catalog
from fooo.catalog.wildcards import read_wildcards
from fooo.plan import Plan, make_plan, parse
from fooo.plan.expansion import read_library
from fooo.record import write_record
from fooo.request import read_request
from fooo.settings import ROOT, Settings
from tests.vocabulary import write_vocabulary

STYLES = {
    style.name: style
    for style in (
        Style(
            name="Ink", prompt="ink drawing of {prompt}, bold lines", negative_prompt="colour, blur", family="drawing"
        ),
        Style(name="Soft", prompt="soft light", negative_prompt="harsh light", family="mood_light"),
        Style(name="Film", prompt="35mm photo of {prompt}, fine grain", negative_prompt="cartoon", family="film"),
    )
}
WILDCARDS = {
    "color": "red\ngreen\nblue\nteal\ngold",
    "animal": "fox\nowl\nbear",
    "coat": "a __color__ coat\na {long|short} __color__ cape",
}
EXPECTED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "styles, expansion, wildcards, variants": (
        {
            "prompt": "a __color__ {fox|owl|bear} in {1-2$$snow|fog|rain}", "styles": ["Soft", "Ink"],
            "quality": {"words": "best quality"}, "output": {"count": 3},
        },
        [
            "ink drawing of a blue fox in fog, bold lines, soft light, alert head and ears, stippled half-tones, "
            "best quality",
            "ink drawing of a gold owl in fog, bold lines, soft light, layered foreground and background, "
            "flattened orthographic projection, selective bright accents, best quality",
            "ink drawing of a gold fox in fog, bold lines, soft light, parallel-hatched shading, timeless elegance, "
            "realistic coat and markings, best quality",
        ],
    ),
    "rich expansion": (
        {"prompt": "fox", "expansion": "rich", "output": {"count": 3}},
        [
            "fox, alert head and ears, bright rim along the edges, dappled shade, subtle colour gradient, "
            "tender intimacy, finely detailed coat, luminous finish",
            "fox, triangular composition, muted diffuse light, soft pastel palette, tender intimacy, "
            "realistic coat and markings, sharp clear rendering",
            "fox, head turned to the viewer, one clear light source, natural earthy colouring, solemn dignity, "
            "soft tactile surfaces, high-contrast finish",
        ],
    ),
    "a random style, two prompts, an array": (
        {
            "prompt": "__animal__ in __coat__ AND a [[cat, dog]]:0.7", "styles": ["Random Style"],
            "output": {"count": 4}, "expansion": "off",
        },
        [
            "35mm photo of fox in a short blue cape, fine grain AND 35mm photo of a cat, fine grain:0.7",
            "bear in a short gold cape, soft light AND a dog, soft light:0.7",
            "35mm photo of fox in a gold coat, fine grain AND 35mm photo of a cat, fine grain:0.7",
            "owl in a blue coat, soft light AND a dog, soft light:0.7",
        ],
    ),
    "Chinese": (
        {"prompt": "一只__animal__", "styles": ["Film"], "output": {"count": 2}},
        [
            "35mm photo of 一只fox, fine grain, foreground bokeh, harmonious colour palette",
            "35mm photo of 一只bear, fine grain, close wildlife study, slightly elevated view, one clear light source",
        ],
    ),
    "every combination": (
        {"prompt": "a <cat|dog> | hat", "matrix": True},
        [
            "a cat, alert head and ears, one clear light source",
            "a cat, hat, alert head and ears, one clear light source",
            "a dog, alert head and ears, one clear light source",
            "a dog, hat, alert head and ears, one clear light source",
        ],
    ),
}  # fmt: skip
"""Requests with the seed 7, and the texts of their pictures."""


def stocked(folder: Path) -> Catalog:
    """Styles, wildcards and vocabulary of these tests' own, with a model that knows everything."""
    for name, lines in WILDCARDS.items():
        (folder / f"{name}.txt").write_text(lines, "utf-8")
    if not (folder / "tokenizer").exists():
        phrases = [phrase.text for found in read_library().bank.values() for phrase in found]
        write_vocabulary(folder / "tokenizer", [*phrases, *(text for _, texts in EXPECTED.values() for text in texts)])
    settings = Settings()
    shipped = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    base = replace(shipped.models["pocket/base"], name="big", folder=folder, knows=None)
    return replace(shipped, styles=STYLES, style_names={}, models={"big": base}, wildcards=read_wildcards([folder])[0])


def plan_of(catalog: Catalog, fields: dict[str, Any]) -> Plan:
    return make_plan(read_request({"preset": None, "sampling": {"seed": 7}, **fields}), catalog, fallback_seed=0)


def written(folder: Path) -> str:
    """All those plans with everything in them."""
    catalog = stocked(folder)
    plans = {name: plan_of(catalog, fields).model_dump(mode="json") for name, (fields, _) in EXPECTED.items()}
    return json.dumps(plans, ensure_ascii=True)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_texts_are_the_ones_that_are_kept(tmp_path: Path, name: str):
    fields, texts = EXPECTED[name]
    assert [shot.texts.positive for shot in plan_of(stocked(tmp_path), fields).shots] == texts


def test_the_order_of_pythons_hashes_changes_no_plan(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from tests.plan.prompt.test_plans_everywhere import written;"
        "print(written(Path(sys.argv[1])))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True, cwd=ROOT,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        ).stdout
        for hash_seed in ("0", "1", "12345")
    }  # fmt: skip
    assert [json.loads(output) for output in outputs] == [json.loads(written(tmp_path))]


@pytest.mark.parametrize(("said", "weight"), [("a fox:0.5", 0.5), ("a clock at 12:30", 30), ("a fox :-1", -1)])
def test_the_webuis_weight_of_a_whole_prompt_is_drawn_and_kept(tmp_path: Path, said: str, weight: float):
    """In Fooo's own dialect only `AND` weighs prompts: beside it stands one that weighs nothing."""
    catalog = stocked(tmp_path)
    asked = {"prompt": said, "negative": "blurry:0.5", "dialect": "webui", "styles": ["Ink"]}
    plan = plan_of(catalog, asked)
    texts = plan.shots[0].texts
    first, second = parse(texts.positive).prompt.parts
    assert (first.weight, second.weight, second.tree) == (weight, 0, ())
    assert texts.negative.startswith("blurry:0.5, colour")
    record = write_record(plan, plan.shots[0], models=(), seconds=0, steps_done=0)
    assert make_plan(record.request, catalog, fallback_seed=0).shots[0].texts == texts
