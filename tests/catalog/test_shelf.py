"""The shelf: what lies in the folders, under which names, and what is said of what cannot be used."""

import errno
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from fooo.catalog import ModelKind
from fooo.catalog.local_models import find_models
from fooo.catalog.shelf import Refusal, Shelf, find_name, read_shelf
from tests.adapter_files import embedding, lora, rrdb
from tests.model_files import Widths, copies, original, shapes, write
from tests.stopwatch import seconds

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")


def put_lora(file: Path, metadata: dict[str, str] | None = None) -> Path:
    """One module's change, for SD 1.x."""
    name = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"
    weights = {f"{name}.lora_down.weight": torch.ones(4, 768), f"{name}.lora_up.weight": torch.ones(8, 4)}
    return write(file, weights, metadata)


def put_checkpoint(file: Path) -> Path:
    return write(file, original(shapes(ModelKind.SD1, Widths.SMALL)))


def meant(shelf: Shelf, typed: str) -> str | None:
    return find_name({file.name: file.path for file in shelf.files}, typed)


def names(shelf: Shelf) -> list[str]:
    return [file.name for file in shelf.files]


def test_each_kind_stands_in_its_table(tmp_path: Path):
    put_checkpoint(tmp_path / "checkpoints/base.safetensors")
    put_lora(tmp_path / "loras/mine/cat.safetensors")
    write(tmp_path / "embeddings/bad.safetensors", embedding(ModelKind.SD1, Widths.FULL))
    write(tmp_path / "upscale_models/x4.safetensors", rrdb())
    shelf = read_shelf([tmp_path])
    assert list(shelf.checkpoints) == ["base.safetensors"]
    assert list(shelf.loras) == ["mine/cat.safetensors"]
    assert list(shelf.embeddings) == ["bad.safetensors"]
    assert list(shelf.upscalers) == ["x4.safetensors"]
    assert (shelf.vaes, shelf.problems, shelf.refused) == ({}, (), ())


def test_a_file_beside_the_folders_is_found_and_one_in_a_folder_of_another_kind_is_not(tmp_path: Path):
    put_lora(tmp_path / "loras/a.safetensors")
    put_lora(tmp_path / "b.safetensors")
    put_lora(tmp_path / "insightface/c.safetensors")
    assert names(read_shelf([tmp_path])) == ["a.safetensors", "b.safetensors"]


def test_a_plain_folder_may_hold_everything_at_any_depth(tmp_path: Path):
    put_lora(tmp_path / "a/b/c.safetensors")
    put_checkpoint(tmp_path / "d.safetensors")
    shelf = read_shelf([tmp_path])
    assert names(shelf) == ["d.safetensors", "a/b/c.safetensors"]
    assert shelf.problems == ()


def test_an_unchanged_folder_gives_the_same_shelf_and_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put_lora(tmp_path / "a.safetensors")
    (tmp_path / "b.ckpt").touch()
    first = read_shelf([tmp_path])

    def refuse(self: Path, *rest: object, **named: object) -> None:
        raise AssertionError(self)

    monkeypatch.setattr(Path, "open", refuse)
    assert read_shelf([tmp_path], first) is first


def test_changes_are_followed_and_only_what_changed_is_read_again(tmp_path: Path):
    kept, changed = put_lora(tmp_path / "a.safetensors"), put_lora(tmp_path / "b.safetensors")
    first = read_shelf([tmp_path])
    write(changed, embedding(ModelKind.SD1, Widths.FULL))
    put_lora(tmp_path / "new/c.safetensors")
    second = read_shelf([tmp_path], first)
    assert names(second) == ["a.safetensors", "b.safetensors", "new/c.safetensors"]
    assert list(second.embeddings) == ["b.safetensors"]
    assert second.files[0].identity is first.files[0].identity
    kept.unlink()
    assert names(read_shelf([tmp_path], second)) == ["b.safetensors", "new/c.safetensors"]


def test_a_side_car_that_changes_is_read_again(tmp_path: Path):
    put_lora(tmp_path / "a.safetensors")
    first = read_shelf([tmp_path])
    (tmp_path / "a.txt").write_text("sks cat\n")
    (file,) = read_shelf([tmp_path], first).files
    assert file.trigger_words == ("sks cat",)


def test_of_two_of_one_name_the_first_folder_has_it_and_both_have_a_longer_one(tmp_path: Path):
    for root in ("one", "two", "three"):
        put_lora(tmp_path / root / "loras/cat.safetensors")
    shelf = read_shelf([tmp_path / "one", tmp_path / "two", tmp_path / "three"])
    assert names(shelf) == ["cat.safetensors", "loras/cat.safetensors", "three/loras/cat.safetensors"]
    assert [file.path.relative_to(tmp_path).parts[0] for file in shelf.files] == ["one", "two", "three"]
    assert len(shelf.problems) == 2
    assert re.search(
        r"^Two model files are called cat\.safetensors: .*one.* and .*two.*; rename one", shelf.problems[0]
    )
    assert [meant(shelf, f"{root}/loras/cat") for root in ("one", "two", "three")] == names(shelf)
    assert meant(shelf, "cat") == "cat.safetensors"


def test_files_of_different_use_may_have_one_name(tmp_path: Path):
    put_lora(tmp_path / "loras/x.safetensors")
    put_checkpoint(tmp_path / "checkpoints/x.safetensors")
    shelf = read_shelf([tmp_path])
    assert list(shelf.loras) == list(shelf.checkpoints) == ["x.safetensors"]
    assert shelf.problems == ()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sub/Cat v1.5.safetensors", "sub/Cat v1.5.safetensors"),
        ("sub\\Cat v1.5.safetensors", "sub/Cat v1.5.safetensors"),
        ("cat V1.5", "sub/Cat v1.5.safetensors"),
        ("SUB/cat v1.5", "sub/Cat v1.5.safetensors"),
        ("dog", "dog.safetensors"),
        ("at v1.5", None),
        ("../dog", None),
        ("dog.safetensors/..", None),
        ("/etc/passwd", None),
        ("", None),
        (".safetensors", None),
        ("\n", None),
    ],
)
def test_a_file_is_found_by_any_end_of_its_path_and_by_nothing_else(tmp_path: Path, typed: str, found: str | None):
    put_lora(tmp_path / "loras/sub/Cat v1.5.safetensors")
    put_lora(tmp_path / "loras/dog.safetensors")
    assert meant(read_shelf([tmp_path]), typed) == found


def test_the_exact_name_comes_before_one_in_other_capitals_or_deeper(tmp_path: Path):
    for name in ("a/cat.safetensors", "Cat.safetensors", "cat.safetensors"):
        put_lora(tmp_path / name)
    shelf = read_shelf([tmp_path])
    for typed in ("cat.safetensors", "Cat.safetensors", "a/cat.safetensors"):
        assert meant(shelf, typed) == typed


def test_an_end_of_several_paths_names_none_of_them(tmp_path: Path):
    for name in ("a/cat.safetensors", "b/cat.safetensors"):
        put_lora(tmp_path / name)
    shelf = read_shelf([tmp_path])
    assert [meant(shelf, typed) for typed in ("cat", "a/cat")] == [None, "a/cat.safetensors"]


@links
def test_links_are_followed_once_and_never_round(tmp_path: Path):
    put_lora(tmp_path / "elsewhere/a.safetensors")
    (tmp_path / "loras/deep").mkdir(parents=True)
    (tmp_path / "loras/linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "loras/again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "loras/deep/up").symlink_to(tmp_path / "loras")
    (tmp_path / "loras/itself").symlink_to(tmp_path / "loras/itself")
    (tmp_path / "loras/lost.safetensors").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loras/one.safetensors").symlink_to(tmp_path / "elsewhere/a.safetensors")
    shelf = read_shelf([tmp_path])
    assert names(shelf) == ["one.safetensors", "again/a.safetensors"]
    assert shelf.problems == ()


@links
def test_a_models_folder_that_leads_to_itself_ends(tmp_path: Path):
    put_lora(tmp_path / "loras/a.safetensors")
    (tmp_path / "models").symlink_to(tmp_path)
    assert names(read_shelf([tmp_path])) == ["a.safetensors"]


def test_a_folder_that_cannot_be_read_costs_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put_lora(tmp_path / "loras/open/a.safetensors")
    put_lora(tmp_path / "loras/closed/b.safetensors")
    scan = os.scandir

    def refuse_one(path: str | Path) -> "Iterator[os.DirEntry[str]]":
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse_one)
    shelf = read_shelf([tmp_path])
    assert names(shelf) == ["open/a.safetensors"]
    (said,) = shelf.problems
    assert (
        said == f"The model folder {tmp_path / 'loras/closed'} cannot be read (Permission denied); look at its rights."
    )


def test_a_folder_that_is_not_there_costs_a_sentence(tmp_path: Path):
    (said,) = read_shelf([tmp_path / "gone"]).problems
    assert said == f"The model folder {tmp_path / 'gone'} is not there; make it, or name another one."


@links  # other systems do not allow such names
@pytest.mark.parametrize("name", ["a\nb", "a\tb", "b\\a", "a\u202eb", "a\x7f"])
def test_names_that_cannot_be_written_are_refused_by_one_line(tmp_path: Path, name: str):
    put_lora(tmp_path / f"{name}.safetensors")
    put_lora(tmp_path / name / "inside.safetensors")
    shelf = read_shelf([tmp_path])
    assert names(shelf) == []
    assert [each.refusal for each in shelf.refused] == [Refusal.NAME] * 2
    assert all("rename it" in said and said.isprintable() for said in shelf.problems)


@pytest.mark.parametrize("end", ["ckpt", "pt", "bin", "pth", "CKPT", "fooocus.patch"])
def test_pickles_are_listed_with_the_way_to_convert_them(tmp_path: Path, end: str):
    file = tmp_path / f"checkpoints/old one.{end}"
    put_lora(tmp_path / "loras/a.safetensors")
    file.parent.mkdir()
    file.write_bytes(b"\x80\x02c__builtin__\neval\n")
    shelf = read_shelf([tmp_path])
    (refused,) = shelf.refused
    assert (refused.refusal, refused.found.name) == (Refusal.PICKLE, f"old one.{end}")
    assert f'python launch.py models convert "{file}"' in refused.sentence
    assert shelf.problems == (refused.sentence,)


def test_many_pickles_cost_one_sentence(tmp_path: Path):
    for number in range(40):
        (tmp_path / f"{number}.pt").touch()
    shelf = read_shelf([tmp_path])
    assert len(shelf.refused) == 40
    (said,) = shelf.problems
    assert said.endswith("So it is with 39 more.")


def test_a_damaged_file_costs_its_sentence_and_the_others_stay(tmp_path: Path):
    whole = put_lora(tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_bytes(whole.read_bytes()[:-1])
    shelf = read_shelf([tmp_path])
    assert names(shelf) == ["a.safetensors"]
    assert [each.refusal for each in shelf.refused] == [Refusal.DAMAGED]
    assert "b.safetensors is cut short: 1 bytes are missing" in shelf.problems[0]


def test_what_is_of_no_use_is_left_out_with_its_reason(tmp_path: Path):
    write(tmp_path / "a.safetensors", {"double_blocks.0.img_attn.qkv.weight": torch.ones(2)})
    shelf = read_shelf([tmp_path])
    assert (names(shelf), shelf.refused[0].refusal) == ([], Refusal.UNKNOWN)
    assert "is a Flux model" in shelf.problems[0]


@pytest.mark.parametrize(
    ("place", "problem", "hint"),
    [
        ("vae/x.safetensors", "lies in a folder for vae", "move it to models/checkpoints"),
        ("checkpoints/x.vae.safetensors", "is called a VAE", "give it another name"),
        ("checkpoints/x.VAE", "is called a VAE", "give it another name"),
        ("loras/x.safetensors", "lies in a folder for loras", "move it to models/checkpoints"),
    ],
)
def test_a_checkpoint_that_is_called_something_else_is_used_as_what_it_is(
    tmp_path: Path, place: str, problem: str, hint: str
):
    file = put_checkpoint(tmp_path / place)
    shelf = read_shelf([tmp_path])
    assert len(shelf.checkpoints) == 1
    told = f"The model file {file} {problem} and holds a checkpoint (SD 1.x), as which it is used; {hint}."
    assert shelf.problems == (told,)


def test_what_is_half_downloaded_hidden_or_part_of_a_folder_model_is_passed_over(tmp_path: Path):
    for name in ("a.safetensors.part", ".b.safetensors", ".git/c.safetensors", "d.onnx"):
        put_lora(tmp_path / name)
    put_lora(tmp_path / "sdxl/unet/diffusion_pytorch_model.safetensors")
    (tmp_path / "sdxl/unet/config.json").write_text("{}")
    put_lora(tmp_path / "other/vae/diffusion_pytorch_model.safetensors")
    (tmp_path / "other/model_index.json").write_text("{}")
    (tmp_path / "folder.safetensors").mkdir()
    assert read_shelf([tmp_path]) == Shelf(seen=())


@links
def test_a_model_folder_of_pickles_is_told_with_the_way_to_convert_them_and_is_no_model_yet(tmp_path: Path):
    folder = tmp_path / "old"
    for part, name in (("unet", "diffusion_pytorch_model"), ("text_encoder", "pytorch_model"), ("vae", "model")):
        (folder / part).mkdir(parents=True)
        (folder / part / f"{name}.bin").touch()
    put_lora(folder / "vae/diffusion_pytorch_model.safetensors")
    (folder / "model_index.json").touch()
    told = {"in_channels": 4, "sample_size": 64, "block_out_channels": [1] * 4, "down_block_types": ["CrossAttn"]}
    (folder / "unet/config.json").write_text(json.dumps(told))
    shelf = read_shelf([tmp_path])
    assert [each.found.name for each in shelf.refused] == [
        "old/text_encoder/pytorch_model.bin",
        "old/unet/diffusion_pytorch_model.bin",
    ]
    assert "models convert" in shelf.problems[0]
    assert find_models([tmp_path]) == {}
    for each in shelf.refused:
        put_lora(Path(each.found.path).with_suffix(".safetensors"))
    assert read_shelf([tmp_path]).refused == ()
    assert len(find_models([tmp_path])["old"].weight_files) == 3


def test_a_pipe_in_a_models_name_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "a.safetensors")
    assert names(read_shelf([tmp_path])) == []


def test_notes_come_from_the_header_and_from_side_cars(tmp_path: Path):
    said = {"modelspec.title": "The Cat", "modelspec.trigger_phrase": "sks, cat"}
    put_lora(tmp_path / "a.safetensors", said)
    put_lora(tmp_path / "b.safetensors", said)
    (tmp_path / "b.civitai.info").write_text(
        json.dumps({"name": "v2", "model": {"name": "Kitten"}, "trainedWords": ["kit", 7, "kit", " "]})
    )
    (tmp_path / "b.json").write_text(json.dumps({"activation text": "meow"}))
    (tmp_path / "b.preview.png").touch()
    (tmp_path / "b.png").touch()
    one, other = read_shelf([tmp_path]).files
    assert (one.title, one.trigger_words, one.notes.preview) == ("The Cat", ("sks, cat",), None)
    assert (other.title, other.trigger_words) == ("Kitten v2", ("kit", "meow"))
    assert other.notes.preview == tmp_path / "b.preview.png"


@pytest.mark.parametrize("end", [".png", ".jpg", ".jpeg", ".webp", ".preview.webp"])
def test_a_preview_may_have_each_of_these_endings(tmp_path: Path, end: str):
    put_lora(tmp_path / "a.safetensors")
    (tmp_path / f"a{end}").touch()
    assert read_shelf([tmp_path]).files[0].notes.preview == tmp_path / f"a{end}"


def test_without_a_word_from_its_maker_the_commonest_captions_call_it_up(tmp_path: Path):
    counts = {"10_cat": {"sks": 30, "cat": 20, "table": 3}, "5_dog": {"cat": 9, "sofa": 1}}
    put_lora(tmp_path / "a.safetensors", {"ss_tag_frequency": json.dumps(counts)})
    assert read_shelf([tmp_path]).files[0].trigger_words == ("sks", "cat")


@pytest.mark.parametrize("text", ["", "[", "7", "[1]", '{"a": 7}', '{"a": {"b": "c", "d": null}}', "[" * 30_000])
def test_broken_notes_say_nothing(tmp_path: Path, text: str):
    put_lora(tmp_path / "a.safetensors", {"ss_tag_frequency": text, "modelspec.title": "x" * 5000})
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "a.civitai.info").write_bytes(b"\xff" + text.encode())
    (tmp_path / "a.txt").write_bytes(b"\xff\n" * 3)
    (file,) = read_shelf([tmp_path]).files
    assert file.title is None
    assert file.trigger_words in {(), ("\ufffd",)}


def test_many_files_are_read_fast_and_again_faster(tmp_path: Path):
    """The largest headers there are, 2,958 tensors in SDXL's LoRAs; for 2,000 of them see tests/prove."""
    count = 200
    file = write(tmp_path / "loras/0.safetensors", lora(ModelKind.SDXL_BASE, Widths.FULL))
    copies(file, count - 1)
    shelf = read_shelf([tmp_path])
    assert (len(shelf.loras), shelf.problems) == (count, ())
    # a millisecond for each file is promised, and a twentieth of it again; 3 times that on a machine busy with others
    assert seconds(lambda: read_shelf([tmp_path])) < 3 * 0.001 * count
    assert seconds(lambda: read_shelf([tmp_path], shelf)) < 3 * 0.00005 * count
