import json
from pathlib import Path

import pytest

from fooo.catalog import Preset, PresetFile, read_catalog
from fooo.catalog.presets import read_presets
from tests.stopwatch import seconds


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")


def read(folder: Path, content: object, name: str = "mine") -> Preset:
    write(folder / f"{name}.json", content)
    presets, problems = read_presets(folder, {})
    assert problems == ()
    return presets[name]


def test_a_preset_is_the_fields_that_it_sets_and_what_it_says_of_itself(tmp_path: Path):
    fields = {"models": {"base": "not/there"}, "quality": {"words": "crisp"}, "expansion": "off"}
    preset = read(
        tmp_path,
        {
            **fields,
            "about": {"en": "Mine.", "zh": "我的"},
            "licence": "MIT",
            "files": [
                {"folder": "loras", "name": "a.safetensors", "url": "https://example.org/a", "sha256": "0" * 64},
                {"folder": "vae", "name": "x/b.safetensors", "repository": "me/b", "path": "b.safetensors", "bytes": 9},
            ],
        },
    )
    assert preset.partial == fields
    assert (preset.name, preset.about.en, preset.about.zh, preset.licence) == ("mine", "Mine.", "我的", "MIT")
    assert preset.files == (
        PresetFile(folder="loras", name="a.safetensors", url="https://example.org/a", sha256="0" * 64),
        PresetFile(folder="vae", name="x/b.safetensors", repository="me/b", path="b.safetensors", bytes=9),
    )
    assert preset.ignored == ()


def test_a_byte_order_mark_does_no_harm(tmp_path: Path):
    assert read(tmp_path, '\ufeff{"styles": []}').partial == {"styles": []}


GOOD = {"folder": "loras", "name": "a.safetensors", "url": "https://example.org/a"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "cannot be understood at line 1 (Expecting value); mend or remove it."),
        ('{\n\n"prompt": "a" "b"}', "cannot be understood at line 3 ("),
        ([], "is not a JSON object; mend or remove it."),
        ({"exactly": True, "promt": "a"}, "is wrong at line 3, promt: is not a field of a request; did you mean"),
        ({"sampling": {"guidance": 2, "steps": 0}}, "is wrong at line 4, sampling.steps: 0 is out of range; it should"),
        ({"sampling": {"steps": "many"}}, "is wrong at line 3, sampling.steps: 'many' is not right; "),
        ({"about": {"en": 3}}, "is wrong at line 3, about.en: Input should be a valid string; mend it."),
        ({"files": {}}, "is wrong at line 2, files: Input should be a valid tuple; mend it."),
        ({"files": [{**GOOD, "name": "../../a"}]}, "is wrong at line 5, files.0.name: '../../a' is not a file's name;"),
        ({"files": [{**GOOD, "name": "/a"}]}, "is wrong at line 5, files.0.name: '/a' is not a file's name; mend it."),
        ({"files": [{**GOOD, "name": "C:a"}]}, "is wrong at line 5, files.0.name: 'C:a' is not a file's name; mend it"),
        ({"files": [{**GOOD, "folder": "../etc"}]}, "is wrong at line 4, files.0.folder: String should match pattern"),
        ({"files": [{**GOOD, "url": "file:///a"}]}, "is wrong at line 6, files.0.url: String should match pattern"),
        ({"files": [{**GOOD, "sha256": "12"}]}, "is wrong at line 7, files.0.sha256: String should match pattern"),
        ({"files": [{**GOOD, "bytes": 0}]}, "is wrong at line 7, files.0.bytes: Input should be greater than 0; mend"),
        ({"files": [{**GOOD, "hash": "a"}]}, "is wrong at line 7, files.0.hash: Unexpected keyword argument; mend it"),
        (
            {"files": [{"folder": "vae", "name": "a"}]},
            "is wrong at line 2, files.0: needs either a url, or a path in a repository or in a package",
        ),
        (
            {"files": [{**GOOD, "repository": "me/a"}]},
            "is wrong at line 2, files.0: needs either a url, or a path in a repository or in a package",
        ),
    ],
)
def test_a_broken_preset_file_is_named_with_the_line_and_the_others_are_there(
    tmp_path: Path, content: object, says: str
):
    write(tmp_path / "mine.json", content)
    write(tmp_path / "whole.json", {})
    presets, (problem,) = read_presets(tmp_path, {})
    assert problem.startswith(f"The preset file {tmp_path / 'mine.json'} {says}")
    assert list(presets) == ["whole"]


def test_a_preset_does_without_a_style_that_is_not_there(tmp_path: Path):
    write(tmp_path / "styles.json", [{"name": "Ink", "prompt": "ink"}, {"name": "Anime"}])
    write(tmp_path / "presets" / "mine.json", {"styles": ["ink", "Gone", "Gone", "sai-anime", "Random Style"]})
    found = read_catalog(styles=tmp_path, presets=tmp_path / "presets", models=())
    assert found.preset("mine").partial["styles"] == ["ink", "sai-anime", "Random Style"]
    assert found.problems == (
        "The preset 'mine' names the style 'Gone', which is not there; mend it or add the style.",
    )


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"styles": [f"s{number}" for number in range(5_000)]}),
        json.dumps({f"key{number}": 1 for number in range(3_000)}),
        json.dumps({"default_model": "a", **{f"key{number}": 1 for number in range(3_000)}}),
        json.dumps({"default_loras": [3] * 9_000, "default_styles": [3] * 5_000}),
        json.dumps({"lora_downloads": {f"../{number}": "x" for number in range(2_500)}}),
        json.dumps({"default_aspect_ratio": " " * 40_000}),
        json.dumps({"prompt": "x" * 40_000}),
        json.dumps({"models": {"loras": [{}] * 12_000}}),
        json.dumps({"files": [{}] * 12_000}),
        "{" * 40_000,
        " " * 3_000_000,
    ],
)
def test_a_file_full_of_mistakes_is_refused_in_a_few_short_sentences(tmp_path: Path, content: str):
    write(tmp_path / "mine.json", content)
    # wanted: 0.1 s. Twice that leaves room for a machine half as fast
    assert seconds(lambda: read_presets(tmp_path, {}), enough=0.2) < 0.2
    presets, problems = read_presets(tmp_path, {})
    told = [*problems, *(sentence for preset in presets.values() for sentence in preset.ignored)]
    assert 1 <= len(told) <= 21
    assert max(map(len, told)) < 400


def test_a_folder_in_place_of_a_file_is_said_in_one_sentence(tmp_path: Path):
    (tmp_path / "mine.json").mkdir()
    assert "mine.json cannot be read (" in read_presets(tmp_path, {})[1][0]
