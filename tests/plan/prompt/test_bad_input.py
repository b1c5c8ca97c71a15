"""What people drop into the folders and type into the box by mistake, all at once: said, and the rest goes on.

Each case is one sentence that names the file and the line where there is one, in less than a tenth of a second.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog, LocalModel, read_catalog
from fooo.errors import FoooError, RequestError
from fooo.plan import Plan, make_plan
from fooo.request import read_request
from tests.stopwatch import seconds

SOON = 0.1
"""Seconds."""

FILES: dict[str, str | bytes] = {
    "styles/broken.json": '[\n  {"name": "Torn", "prompt": "torn {prompt}"},\n  {"name": "Half" "prompt": "x"}\n]',
    "styles/good.json": '[{"name": "Ink", "prompt": "ink drawing of {prompt}"}, {"name": "Soft", "prompt": "soft"}]',
    "styles/twice.csv": "name,prompt,negative_prompt\nWash,wash of {prompt},\nink,another ink,\n",
    "styles/wildcards/bird.txt": "wren\nrobin\n",
    "styles/wildcards/latin.txt": b"ros\xe9\nrose\n",
    "styles/wildcards/lines/latin2.txt": b"rose\nblue\nros\xe9",
    "styles/wildcards/self.txt": "# never ends\na __self__\n",
    "styles/wildcards/there.txt": "there and __lines/back__\n",
    "styles/wildcards/lines/back.txt": "back and __there__\n",
    "presets/good.json": '{"prompt": "a lighthouse", "sampling": {"steps": 11}}',
    "presets/odd.json": '{\n  "prompt": "a",\n  "sampling": {\n    "stepps": 11\n  }\n}',
    "presets/torn.json": '{\n  "prompt": "a"\n  "negative": "b"\n}',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def read(folder: Path) -> Catalog:
    return read_catalog(styles=folder / "styles", presets=folder / "presets", models=())


@pytest.fixture
def base(catalog: Catalog) -> LocalModel:
    return replace(catalog.models["pocket/base"], name="base", knows=None)


@pytest.fixture
def stocked(folder: Path, base: LocalModel) -> Catalog:
    """What was found in the folder, and a model to plan for."""
    return replace(read(folder), models={"base": base})


def plan(catalog: Catalog, prompt: str, **fields: object) -> Plan:
    asked = read_request({"prompt": prompt, "preset": None, "expansion": "off", **fields})
    return make_plan(asked, catalog, fallback_seed=1)


def problem_with(catalog: Catalog, path: Path) -> str:
    """The one sentence that names the file."""
    (found,) = (problem for problem in catalog.problems if str(path) in problem)
    assert "\n" not in found
    assert found.endswith(".")
    return found


def refusal_of(catalog: Catalog, prompt: str) -> str:
    """The sentence that refuses the prompt, soon."""

    def ask() -> str:
        with pytest.raises(FoooError) as refusal:
            plan(catalog, prompt)
        return str(refusal.value)

    assert seconds(ask) < SOON
    said = ask()
    assert "\n" not in said
    assert len(said) < 400
    return said


def test_the_whole_folder_is_read_soon_and_each_wrong_file_is_told_once(folder: Path):
    assert seconds(lambda: read(folder)) < SOON
    assert len(read(folder).problems) == 6


def test_a_style_file_with_a_broken_line(folder: Path):
    found = problem_with(read(folder), folder / "styles/broken.json")
    assert found.endswith("cannot be understood at line 3 (Expecting ',' delimiter); mend or remove it.")


def test_a_style_whose_name_is_taken(folder: Path, stocked: Catalog):
    found = problem_with(read(folder), folder / "styles/twice.csv")
    assert found.startswith("The style 'ink' stands twice, again in")
    assert "at line 3; rename one of the two." in found
    assert stocked.style("INK").prompt == "ink drawing of {prompt}"


def test_a_preset_with_an_unknown_key(folder: Path):
    found = problem_with(read(folder), folder / "presets/odd.json")
    assert "is wrong at line 4, sampling.stepps: " in found


def test_a_preset_with_a_broken_line(folder: Path):
    assert "cannot be understood at line 3 " in problem_with(read(folder), folder / "presets/torn.json")


@pytest.mark.parametrize(("name", "line"), [("latin", 1), ("lines/latin2", 3)])
def test_a_wildcard_that_is_not_utf_8(folder: Path, stocked: Catalog, name: str, line: int):
    sentence = (
        f"The wildcard file {folder / 'styles/wildcards' / name}.txt is not UTF-8 at line {line}; save it as UTF-8."
    )
    assert sentence in stocked.problems
    assert refusal_of(stocked, f"a __{name}__") == sentence


def test_a_wildcard_that_contains_itself(stocked: Catalog):
    assert refusal_of(stocked, "a __self__").startswith("prompt: the wildcard file self.txt contains itself")
    found = refusal_of(stocked, "a __there__")
    assert "there.txt contains itself (there > lines/back > there)" in found


@pytest.mark.parametrize("text", ["(" * 10_000, "[" * 5_000 + "a" + "]" * 4_999, "({[" * 3_333, "(a" * 5_000])
def test_ten_thousand_nested_brackets(stocked: Catalog, text: str):
    assert "has more than 100 brackets within each other at character " in refusal_of(stocked, text)


def test_a_megabyte_of_prompt():
    def ask() -> object:
        return read_request({"prompt": "a cat, " * 150_000})

    with pytest.raises(RequestError) as refusal:
        ask()
    assert str(refusal.value) == "prompt: has 1050000 characters; shorten it to 10000 at most."
    assert seconds(ask) < SOON


@pytest.mark.parametrize("text", ["{99999$$a|b}", "{99999$$ and $$a|b}", "{1-99999$$a|b}", "{99999-2$$a|b}"])
def test_more_of_a_variant_than_there_is_means_all_of_it(stocked: Catalog, text: str):
    assert seconds(lambda: plan(stocked, text)) < SOON
    said = plan(stocked, text).shots[0].texts.words
    assert set(said.replace(" and ", ", ").split(", ")) <= {"a", "b"}


def test_the_rest_of_the_folder_works(stocked: Catalog):
    assert set(stocked.styles) == {"Ink", "Soft", "Wash"}
    assert set(stocked.presets) == {"good"}
    texts = plan(stocked, "a __bird__", styles=["Ink", "Wash", "soft"]).shots[0].texts
    assert texts.positive in {f"ink drawing of a {bird}, wash, soft" for bird in ("wren", "robin")}
    assert plan(stocked, "", preset="good").shots[0].steps == 11
