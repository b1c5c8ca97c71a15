import json
import re
from pathlib import Path

import pytest

from fooo.catalog import Style, is_random, read_catalog
from fooo.catalog.styles import fold, in_families, read_styles
from tests.stopwatch import seconds


def write(path: Path, content: object) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("template", "gives"),
    [
        ("{prompt}, ink", "ink"),
        ("ink of {prompt}", "ink"),
        ("studio portrait of {prompt}, large softbox", "studio portrait, large softbox"),
        ("{prompt} in thick fog, dew", "thick fog, dew"),
        ("{prompt} lit by neon", "lit by neon"),
        ("fresco of {prompt} on a wall, chalk", "fresco on a wall, chalk"),
        ("still of ({prompt}:1.2) . grain, {prompt}", "still. grain"),
        ("photo {prompt} . 35mm", "photo. 35mm"),
        ("(oil painting of {prompt}:1.2), strokes", "(oil painting:1.2), strokes"),
        ("made of the {prompt}", "made"),
        ("window showing {prompt}, glass", "window, glass"),
        ("photo of {prompt}, and {prompt}", "photo"),
        ("photo of {prompt}, and {prompt}, grain", "photo, grain"),
        ("{prompt} and {prompt}", ""),
        ("{prompt} with long shadows", "long shadows"),
        ("soft light, {prompt} in fog, dew", "soft light, fog, dew"),
        ("from {prompt} to {prompt}, blur", "blur"),
        ("((photo of {prompt}, and {prompt}):1.2), x", "((photo):1.2), x"),
        ("({prompt}, {prompt}:1.2), x", "x"),
        ("(({prompt}):1.1), [{prompt}], x", "x"),
        ("一张{prompt}的照片，柔光", "一张照片，柔光"),
        ("{prompt}，柔光", "柔光"),
        ("photo, and more", "photo, and more"),
        ("soft light", "soft light"),
        ("{prompt}", ""),
        ("", ""),
    ],
)
def test_a_style_of_no_words_leaves_no_hole(template: str, gives: str):
    assert Style("s", template).without_place == gives


def test_a_template_of_nothing_but_brackets_is_refused_no_time():
    template = f"{'(' * 4_900}{{prompt}}{')' * 4_900}"
    assert seconds(lambda: Style("s", template).without_place, enough=0.05) < 0.05


def test_families_stand_in_the_shown_order_then_others_then_none():
    styles = [
        Style(name, family=name.rstrip("12")) for name in ("mine1", "pocket", "film", "photo1", "mine2", "photo2")
    ]
    found = in_families([Style("bare"), *styles])
    assert {family: [style.name for style in each] for family, each in found.items()} == {
        "photo": ["photo1", "photo2"], "film": ["film"], "pocket": ["pocket"], "mine": ["mine1", "mine2"], "": ["bare"],
    }  # fmt: skip
    assert list(found) == ["photo", "film", "pocket", "mine", ""]


def test_names_that_people_take_for_the_same_are_folded_alike():
    assert fold("  Sumi-E_Detailed ") == fold("sumi e  detailed") == "sumi e detailed"
    assert is_random("random-style")
    assert not is_random("Random Styles")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([{"name": "Ink"}, {"prompt": "ink"}], "is wrong at entry 2, name: Field required; mend it."),
        (
            [{"name": "Ink", "prompt": 3}],
            "is wrong at entry 1 ('Ink'), prompt: Input should be a valid string; mend it.",
        ),
        ([{"name": ""}], "is wrong at entry 1, name: String should have at least 1 character; mend it."),
        ([{"name": "Ink", "about": {"en": 1}}], "is wrong at entry 1 ('Ink'), about.en: Input should be a valid str"),
        ([{"name": "Ink\0"}], r"is wrong at entry 1 ('Ink\x00'), name: has the unprintable character U+0000 at pos"),
        ([{"name": "random style"}], "is wrong at entry 1 ('random style'): that name stands for a style drawn at ran"),
        ([{"name": "Ink"}, 3], "is wrong at entry 2: it is not an object with a name; mend it."),
        ({"name": "Ink"}, "is not a JSON list of styles; mend or remove it."),
    ],
)
def test_a_broken_style_is_named_with_its_field_and_the_others_are_there(tmp_path: Path, content: object, says: str):
    write(tmp_path / "mine.json", content)
    write(tmp_path / "whole.json", [{"name": "Chalk", "prompt": "chalk"}])
    styles, (problem,) = read_styles(tmp_path)
    assert problem.startswith(f"The style file {tmp_path / 'mine.json'} {says}")
    assert "Chalk" in styles


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "at line 1 (Expecting value)"),
        ('[\n{"name": "Ink",}\n]', "at line 2 ("),
        ('[{"name": ' + "9" * 5000 + "}]", "("),
        ("[" * 100_000, "("),
    ],
)
def test_a_style_file_that_is_no_json_is_named_with_the_line(tmp_path: Path, content: str, told: str):
    write(tmp_path / "mine.json", content)
    (problem,) = read_styles(tmp_path)[1]
    assert f"mine.json cannot be understood {told}" in problem


def test_a_style_file_that_is_not_utf_8_is_named_with_the_line(tmp_path: Path):
    (tmp_path / "mine.json").write_bytes(b'[\n{"name": "caf\xe9"}]')
    assert "mine.json is not UTF-8 at line 2; save it as UTF-8." in read_styles(tmp_path)[1][0]


def test_the_webuis_style_table_is_read(tmp_path: Path):
    table = (
        'name,prompt,negative_prompt\r\n--- Photo ---,,\r\nInk,"{prompt}, ink, ""wet""",blurry\r\nSoft,soft light,\r\n'
    )
    (tmp_path / "styles.csv").write_text(table, "utf-8-sig", newline="")
    styles, problems = read_styles(tmp_path)
    assert problems == ()
    assert [(each.name, each.prompt, each.negative_prompt) for each in styles.values()] == [
        ("Ink", '{prompt}, ink, "wet"', "blurry"),
        ("Soft", "soft light", ""),
    ]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("name,prompt\n--- Photo ---,\n,ink\nSoft,soft\n", "styles.csv is wrong at line 3, name: String should have"),
        ("name,prompt\nInk,ink\nSoft," + "a" * 200_000, "styles.csv cannot be understood at line 3 (field larger"),
        ("apple,3\npear,4\n", "styles.csv cannot be understood (its first line does not name the columns"),
        ("", "styles.csv cannot be understood (its first line does not name the columns"),
    ],
)
def test_what_is_wrong_in_a_table_is_named_with_its_line(tmp_path: Path, table: str, says: str):
    write(tmp_path / "styles.csv", table)
    (problem,) = read_styles(tmp_path)[1]
    assert says in problem


@pytest.mark.parametrize("second", ["Ink", "INK", "ink"])
def test_of_two_styles_of_one_name_the_first_stays(tmp_path: Path, second: str):
    write(tmp_path / "a.json", [{"name": "Ink", "prompt": "ink of a"}])
    write(tmp_path / "b.json", [{"name": "Wash"}, {"name": second, "prompt": "ink of b"}])
    found = read_catalog(styles=tmp_path, presets=tmp_path / "none", models=())
    (problem,) = found.problems
    assert re.fullmatch(rf"The style '{second}' stands twice, again in .*b\.json at entry 2; rename.*", problem)
    assert found.style("Ink").prompt == "ink of a"


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([3] * 300_000),
        json.dumps([{"name": "Ink"}] * 100_000),
        json.dumps([{"name": "n" * 1_000_000}]),
        "[" * 1_000_000,
        '[{"name": "' + "x" * 1_900_000,
        "name,prompt\n" + ",x\n" * 300_000,
        " " * 3_000_000,
    ],
)
def test_a_file_full_of_mistakes_is_refused_in_a_few_short_sentences(tmp_path: Path, content: str):
    write(tmp_path / ("mine.csv" if content.startswith("name") else "mine.json"), content)
    write(tmp_path / "whole.json", [{"name": "Chalk"}])
    # wanted: 0.1 s. Twice that leaves room for a machine half as fast
    assert seconds(lambda: read_styles(tmp_path), enough=0.2) < 0.2
    styles, problems = read_styles(tmp_path)
    assert "Chalk" in styles
    assert 1 <= len(problems) <= 11
    assert max(map(len, problems)) < 400


def test_a_folder_in_place_of_a_file_is_said_in_one_sentence(tmp_path: Path):
    (tmp_path / "mine.json").mkdir()
    (problem,) = read_styles(tmp_path)[1]
    assert re.fullmatch(r"The style file .*mine\.json cannot be read \([^()]+\); mend or remove it\.", problem)
