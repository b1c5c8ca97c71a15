"""The verb `upscale`: every picture that can be is made larger, every other one is told, and no source is touched."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fooo.__main__ import main
from fooo.errors import BadNumbers, FoooError, RequestError, UnknownName
from fooo.image import fit
from fooo.image.picture_files import OpenedPicture, read_picture
from fooo.interface.arguments import parse
from fooo.interface.upscale import Enlarge, upscale
from fooo.plan.finish.upscalers import FOR_PHOTOGRAPHS
from fooo.settings import NetworkSettings, Settings
from tests.image.test_picture_files import claimed_png
from tests.model_files import write
from tests.photographs import photograph, smaller
from tests.vision.enlarge.upscalers import compact, saved

OFFLINE = NetworkSettings(offline=True)


def by_resizing(opened: OpenedPicture, size: tuple[int, int], watch: Callable[[int, int], bool]) -> OpenedPicture:
    """A stand-in for the network; a picture that is all black breaks it."""
    if not opened.picture.pixels.any():
        raise BadNumbers("The enlarged picture has pixels that are no numbers; try another upscaler.")
    watch(1, 1)
    return OpenedPicture(fit(opened.picture, *size))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "models" / "upscalers"
    folder.mkdir(parents=True)
    network = compact(layers=0, width=4, scale=4)
    for parameter in network.parameters():
        parameter.zero_()  # what is added to the repeated pixels is nothing
    saved(network, folder / f"{FOR_PHOTOGRAPHS}.safetensors")
    saved(network, folder / "mine.safetensors")
    return Settings(models=(tmp_path / "models",))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder as people have them: all kinds of pictures, and what is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    image = Image.fromarray(smaller(photograph("chelsea"), (45, 30)).pixels)
    turned = Image.Exif()
    turned[274] = 8
    image.save(folder / "a.png")
    image.save(folder / "b.jpg", exif=turned)
    image.convert("CMYK").save(folder / "cmyk.jpg")
    image.quantize(16).save(folder / "palette.gif")
    Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).save(folder / "deep.png")
    Image.new("RGB", (1, 1), "teal").save(folder / "one.png")
    image.putalpha(image.convert("L"))
    image.save(folder / "see-through.webp")
    (folder / "huge.png").write_bytes(claimed_png(20_000, 20_000))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    Image.new("RGB", (9, 9)).save(folder / "black.png")
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"")
    return folder


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def run(settings: Settings, *typed: str, load: Callable[[Path], Enlarge] = lambda _: by_resizing) -> int:
    return upscale(parse(["upscale", *typed]), settings, OFFLINE, load, ask=lambda _: False)


def test_every_picture_of_a_folder_is_enlarged_or_told_and_none_is_touched(
    settings: Settings, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    before = hashes(pictures)
    assert run(settings, str(pictures), "--by", "2x", "--out", str(tmp_path / "out")) == 4  # of the first failure
    assert hashes(pictures) == before
    told = capsys.readouterr()
    made = [Path(line).name for line in told.out.splitlines()]
    assert made == [
        "a_2x.png", "b_2x.jpg", "cmyk_2x.jpg", "deep_2x.png", "one_2x.png", "palette_2x.png", "see-through_2x.webp",
    ]  # fmt: skip
    sizes = [read_picture(tmp_path / "out" / name).picture.size for name in made]
    assert sizes == [(90, 60), (60, 90), (90, 60), (90, 60), (2, 2), (90, 60), (90, 60)]
    sentences = told.err.splitlines()
    assert len(sentences) == 3
    assert sentences[0].startswith(f"{pictures / 'black.png'}: The enlarged picture has pixels that are no numbers")
    assert str(pictures / "broken.png") in sentences[1]
    assert "huge.png" in sentences[2]


def test_results_lie_beside_their_sources_and_a_second_run_does_not_enlarge_them(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    source = tmp_path / "p" / "a.png"
    source.parent.mkdir()
    Image.new("RGB", (20, 10), "navy").save(source)
    assert run(settings, str(source.parent), "--to", "64x32") == 0
    assert capsys.readouterr().out.strip() == str(source.parent / "a_64x32.png")
    assert run(settings, str(source.parent), "--to", "64x32") == 2
    assert "a_64x32.png: is there already" in capsys.readouterr().err
    assert sorted(path.name for path in source.parent.iterdir()) == ["a.png", "a_64x32.png"]


def test_what_an_exact_size_costs_is_said(settings: Settings, pictures: Path, capsys: pytest.CaptureFixture[str]):
    source = str(pictures / "a.png")
    assert run(settings, source, "--to", "60x60") == 0
    assert "cropped evenly by 15 pixels, to the shape of 60 x 60" in capsys.readouterr().err
    assert run(settings, source, "--to", "24x16") == 0
    assert "becomes smaller" in capsys.readouterr().err


def test_a_picture_that_would_be_too_large_is_told(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    Image.new("L", (5000, 5000), 9).save(tmp_path / "a.png")
    assert run(settings, str(tmp_path / "a.png"), "--by", "4") == 2
    assert "would have 20,000 x 20,000 pixels" in capsys.readouterr().err


def test_ctrl_c_keeps_what_is_whole(settings: Settings, pictures: Path, capsys: pytest.CaptureFixture[str]):
    def interrupted(opened: OpenedPicture, size: tuple[int, int], watch: Callable[[int, int], bool]) -> OpenedPicture:
        if opened.picture.size == (30, 45):
            raise KeyboardInterrupt
        return by_resizing(opened, size, watch)

    typed = (str(pictures / "a.png"), str(pictures / "b.jpg"), str(pictures / "cmyk.jpg"))
    assert run(settings, *typed, load=lambda _: interrupted) == 130
    told = capsys.readouterr()
    assert Path(told.out.strip()).name == "a_2x.png"
    assert "Stopped at" in told.err


@pytest.mark.parametrize(
    ("typed", "says"), [("nothing.png", "is no picture and no folder"), (".", "no pictures in it")]
)
def test_nothing_to_enlarge_is_told_before_anything_is_loaded(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, says: str
):
    monkeypatch.chdir(tmp_path)

    def load(_path: Path) -> Enlarge:
        raise AssertionError("loaded")

    with pytest.raises(RequestError, match=says):
        run(settings, typed, load=load)


@pytest.mark.parametrize("name", ["photo", FOR_PHOTOGRAPHS, f"{FOR_PHOTOGRAPHS}.safetensors", "MINE"])
def test_upscalers_have_short_names_and_their_files(settings: Settings, pictures: Path, name: str):
    loaded: list[str] = []

    def load(path: Path) -> Enlarge:
        loaded.append(path.stem)
        return by_resizing

    assert run(settings, str(pictures / "a.png"), "--model", name, load=load) == 0
    assert loaded == ["mine" if name == "MINE" else FOR_PHOTOGRAPHS]


def test_an_upscaler_that_is_not_here_is_offered_refused_or_unknown(settings: Settings, pictures: Path):
    source = str(pictures / "a.png")
    with pytest.raises(RequestError, match="anime_6B is not here; fetch it with --yes"):
        run(settings, source, "--model", "drawing")
    with pytest.raises(UnknownName, match="there is no 'poto'; did you mean: photo"):
        run(settings, source, "--model", "poto")
    torch.save({}, settings.models[0] / "upscalers" / "old.pth")


def test_a_file_that_cannot_be_used_is_told_with_its_reason(settings: Settings, pictures: Path):
    folder = settings.models[0] / "upscalers"
    torch.save({}, folder / "old.pth")
    write(folder / "strange.safetensors", {"some.weight": torch.zeros(3)})
    (folder / "page.safetensors").write_bytes(b"<html>")
    says = {"old": r"models convert .*old\.pth", "Strange": "is of no kind known here", "page": "is a web page"}
    for name, reason in says.items():
        with pytest.raises(FoooError, match=reason):
            run(settings, str(pictures / "a.png"), "--model", name)


def test_the_program_enlarges_with_a_real_network(
    settings: Settings, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = settings.models[0]
    typed = ["upscale", str(pictures / "a.png"), "--by", "4", "--model", "mine", "--out", str(tmp_path)]
    assert main([*typed, "--models-dir", str(folder), "--always-cpu", "1", "--offline"]) == 0
    made = read_picture(Path(capsys.readouterr().out.strip())).picture.pixels
    source = read_picture(pictures / "a.png").picture.pixels
    assert np.array_equal(made, source.repeat(4, axis=0).repeat(4, axis=1))
