"""The table of published files, links to such files, and what a preset still needs."""

from dataclasses import replace

import pytest

from fooo.catalog import Catalog, Preset, modes_by_name
from fooo.catalog.known_models import (
    KNOWN_MODELS,
    Purpose,
    described,
    known_file,
    missing_files,
    preset_files,
    read_link,
    source_url,
    with_known_facts,
)
from fooo.catalog.known_models.links import HUB
from fooo.catalog.known_models.packages import PACKAGES
from fooo.catalog.presets import PresetFile
from fooo.errors import RequestError
from fooo.settings import NetworkSettings

BASE = "sd_xl_base_1.0_0.9vae"
FOOOCUS_URL = f"https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/resolve/main/{BASE}.safetensors"


def test_each_name_and_each_address_is_in_the_table_once():
    names = [model.file.name for model in KNOWN_MODELS]
    addresses = [source_url(model.file) for model in KNOWN_MODELS]
    assert len(set(names)) == len(names)
    assert len(set(addresses)) == len(addresses)


def test_every_known_file_says_its_licence_and_what_it_is_for_in_both_languages():
    for model in KNOWN_MODELS:
        assert model.file.licence
        assert model.about.en
        assert model.about.zh


def test_every_address_of_the_table_is_encrypted_and_a_file_that_is_not_the_hubs_has_its_hash():
    for model in KNOWN_MODELS:
        assert source_url(model.file).startswith("https://") or model.file.package in PACKAGES
        assert model.file.repository or model.file.sha256, "only the hub announces hashes"


def test_there_is_a_file_for_every_purpose():
    assert {model.purpose for model in KNOWN_MODELS} == set(Purpose)


def test_what_the_shipped_presets_and_the_performance_modes_need_is_known_by_the_same_name(catalog: Catalog):
    wanted = [file for preset in catalog.presets.values() for file in preset.files]
    assert wanted
    assert all(known_file(mode.lora) for mode in modes_by_name().values() if mode.lora)
    for file in wanted:
        known = known_file(file.name)
        assert known is not None, file.name
        assert source_url(known) == source_url(file)
        assert known.folder == file.folder


def test_a_preset_stands_on_the_file_of_its_mode_too():
    own = PresetFile(folder="loras", name="a.safetensors", url="https://x.org/x")
    preset = Preset("p", {"sampling": {"performance": "Lightning"}}, files=(own,))
    assert [file.name for file in preset_files(preset)] == ["a.safetensors", "sdxl_lightning_4step_lora.safetensors"]
    assert preset_files(Preset("p", {"sampling": {"performance": "Quality"}}, files=(own,))) == (own,)


def test_the_settings_mean_the_same_hub_as_the_table():
    assert NetworkSettings().hub == HUB


def test_a_file_is_missing_unless_one_of_its_name_is_here_whatever_its_folder_or_ending():
    wanted = [PresetFile(folder="loras", name=f"{name}.safetensors", url="https://x.org/x") for name in ("a_1.0", "b")]
    assert missing_files(wanted, []) == tuple(wanted)
    assert missing_files(wanted, ["B", "mine/A_1.0.SAFETENSORS"]) == ()
    assert missing_files(wanted, ["mine\\b.ckpt", "a_1"]) == (wanted[0],)


def test_a_file_that_two_presets_need_is_missing_once():
    file = PresetFile(folder="loras", name="a.safetensors", url="https://x.org/x")
    assert missing_files([file, file], []) == (file,)


def test_a_preset_of_another_program_is_held_to_the_known_hash_of_the_same_address():
    theirs = PresetFile(folder="checkpoints", name=f"{BASE}.safetensors", url=FOOOCUS_URL, sha256="f" * 64)
    (missing,) = missing_files([theirs], [])
    known = known_file(BASE)
    assert known
    assert (missing.sha256, missing.bytes, missing.licence) == (known.sha256, 6_938_078_334, known.licence)
    assert missing.url == FOOOCUS_URL


def test_a_file_at_another_address_keeps_what_it_says_of_itself():
    elsewhere = PresetFile(folder="checkpoints", name=f"{BASE}.safetensors", url="https://x.org/x", sha256="f" * 64)
    assert with_known_facts(elsewhere) == elsewhere


@pytest.mark.parametrize("name", ["taesdxl", "TAESDXL.safetensors", "vae_approx/taesdxl.safetensors"])
def test_a_known_file_is_found_by_its_name(name: str):
    file = known_file(name)
    assert file
    assert file.repository == "madebyollin/taesdxl"


def test_an_unknown_name_is_nobodys_file():
    assert known_file("sd_xl_base_1") is None


def test_the_line_for_the_person_has_size_and_licence():
    base = known_file(BASE)
    assert base
    assert described(base) == f"{BASE}.safetensors (6.9 GB, licence: CreativeML Open RAIL++-M)"
    assert described(replace(base, bytes=232_589)).startswith(f"{BASE}.safetensors (0.2 MB,")
    assert described(replace(base, bytes=None, licence="")).endswith("(size not known, licence: not stated)")


@pytest.mark.parametrize(
    ("typed", "url", "name"),
    [
        (
            "https://huggingface.co/a/b/blob/main/sub/x%20y.safetensors?download=true",
            "https://huggingface.co/a/b/resolve/main/sub/x%20y.safetensors",
            "x y.safetensors",
        ),
        (
            "https://hf.co/a/b/resolve/refs%2Fpr%2F1/x.ckpt",
            "https://huggingface.co/a/b/resolve/refs%2Fpr%2F1/x.ckpt",
            "x.ckpt",
        ),
        (
            "https://civitai.com/models/12/name?modelVersionId=345",
            "https://civitai.com/api/download/models/345",
            None,
        ),
        ("https://civitai.com/api/download/models/345?type=Model", None, None),
        (" https://x.org/f/x.safetensors?a=b ", "https://x.org/f/x.safetensors?a=b", "x.safetensors"),
        ("https://x.org/download", "https://x.org/download", None),
    ],
)
def test_a_link_stands_for_a_file(typed: str, url: str | None, name: str | None):
    link = read_link(typed)
    assert (link.url, link.name) == (url or typed, name)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("x.safetensors", "is no web address"),
        ("file:///etc/passwd", "is no web address"),
        ("https:///x", "is no web address"),
        ("https://huggingface.co/a/b", "names no file"),
        ("https://huggingface.co/a/b/tree/main", "names no file"),
        ("https://civitai.com/models/12", "names no version"),
        ("https://civitai.com/models/12?modelVersionId=../x", "names no version"),
    ],
)
def test_what_is_no_link_to_a_file_is_told(typed: str, says: str):
    with pytest.raises(RequestError, match=says):
        read_link(typed)
