"""Every step of the workshop once, with tiny networks, from packages to sheets; and what others make of what comes out.

The pictures mean nothing: seconds of training teach nothing. That the whole way is walked, and its end fits, is seen.
"""

import importlib
import json
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tools.pocket.making import fake_npm, pack_all
from tools.pocket import networks, seam, vae
from tools.pocket.__main__ import Options, main, tokenizer_settings
from tools.pocket.artist import Artist
from tools.pocket.base import released
from tools.pocket.networks import TINY
from tools.pocket.packages import Package
from tools.pocket.refiner import train as train_refiner
from tools.pocket.scenes import SIZES
from tools.pocket.sheet import COMPOSED, NOUNS
from tools.pocket.training import Run, averages
from tools.pocket.words import STYLES
from tools.pocket.work import Work

diffusers: Any = importlib.import_module("diffusers")

TRAINED = ("vae", "base", "refiner", "examiner")
THINGS = 8
"""Nouns."""

pytestmark = [
    # Workers that compose are forked from this process, in which torch has threads; they use neither.
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning"),
    pytest.mark.timeout(600),
]


@dataclass(frozen=True)
class Shop:
    """A work folder, a folder for the model, and the means to run a step on them."""

    work: Work
    model: Path
    packages: tuple[Package, ...]
    npm: Path

    def run(self, *arguments: str, minutes: float = 0.04) -> int:
        places = ("--work", str(self.work.folder), "--model", str(self.model), "--to", str(self.model))
        small = ("--tiny", "--no-compile", "--nouns", str(THINGS), "--pictures", "100", "--prompts", "1")
        return main([*places, *small, "--minutes", str(minutes), *arguments], packages=self.packages, npm=self.npm)

    def reached(self, name: str) -> tuple[int, float]:
        """Steps and seconds of the checkpoint."""
        kept = torch.load(self.work.checkpoint(name), weights_only=True)
        return kept["step"], kept["seconds"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """After every step."""
    folder = tmp_path_factory.mktemp("shop")
    npm = fake_npm(folder / "npm")
    shop = Shop(Work(folder / "work"), folder / "model", pack_all(npm, THINGS), npm.program)
    for step in ("data", *TRAINED[:3], "export", "examiner", "judge", "measure", "sheet"):
        assert shop.run(step) == 0, step
    return shop


@pytest.fixture
def copied(shop: Shop, tmp_path: Path) -> Shop:
    """The same, to change things in."""
    shutil.copytree(shop.work.folder, tmp_path / "work")
    shutil.copytree(shop.model, tmp_path / "model")
    return replace(shop, work=Work(tmp_path / "work"), model=tmp_path / "model")


@pytest.fixture(scope="module")
def base(shop: Shop) -> Any:
    pipeline = diffusers.StableDiffusionXLPipeline.from_pretrained(shop.model / "base")
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(torch.float32)


@pytest.fixture(scope="module")
def refiner(shop: Shop, base: Any) -> Any:
    pipeline = diffusers.StableDiffusionXLImg2ImgPipeline.from_pretrained(
        shop.model / "refiner", text_encoder=None, tokenizer=None,
        text_encoder_2=base.text_encoder_2, tokenizer_2=base.tokenizer_2, vae=base.vae,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(torch.float32)


def is_picture(picture: Image.Image, size: tuple[int, int] = (128, 128)) -> bool:
    """Whether it has the size and is not of one colour, as pictures of NaN are."""
    return picture.size == size and float(np.asarray(picture).std()) > 1


def test_compositions_are_there_in_every_size(shop: Shop):
    assert {shard.size for shard in shop.work.shards()} == {size for size, _ in SIZES}
    assert sum(len(shard.captions()) for shard in shop.work.shards()) == pytest.approx(100, abs=4)
    assert "@here/noto" in (shop.work.folder / "licences.md").read_text()


@pytest.mark.parametrize("step", TRAINED)
def test_every_network_took_steps_and_holds_numbers(shop: Shop, step: str):
    kept = torch.load(shop.work.checkpoint(step), weights_only=True)
    assert kept["step"] > 0
    assert 0 < kept["seconds"] < 60
    for of_names in (kept["networks"], kept["averages"]):
        for weights in of_names.values():
            assert all(bool(torch.isfinite(weight).all()) for weight in weights.values())


def test_every_part_of_the_model_is_stored_once_in_half_precision(shop: Shop):
    safetensors: Any = importlib.import_module("safetensors.torch")
    files = sorted(path.relative_to(shop.model).as_posix() for path in shop.model.rglob("*.safetensors"))
    assert files == [
        "base/text_encoder/model.safetensors",
        "base/text_encoder_2/model.safetensors",
        "base/unet/diffusion_pytorch_model.safetensors",
        "base/vae/diffusion_pytorch_model.safetensors",
        "refiner/unet/diffusion_pytorch_model.safetensors",
    ]
    for file in files:
        kinds = {weight.dtype for weight in safetensors.load_file(shop.model / file).values()}
        assert kinds == {torch.float16}, file


def test_the_latents_of_the_exported_vae_have_a_spread_of_one(shop: Shop, base: Any):
    [square] = [shard for shard in shop.work.shards() if shard.size == (128, 128)]
    pictures = seam.as_tensor(square.pixels()).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        latents = base.vae.encode(pictures).latent_dist.mode() * base.vae.config.scaling_factor
    # fp16 weights here, bf16 when they were encoded
    assert float(latents.std()) == pytest.approx(1, abs=0.03)


def test_the_parts_are_measured_on_what_training_never_held(shop: Shop):
    table = json.loads((shop.work.folder / f"measure-{shop.model.name}.json").read_text("utf-8"))
    assert table["compositions"] == 20
    assert 0 < table["VAE, PSNR in dB"] < 40
    assert table["VAE, gradient energy over that of real pictures"] > 0
    assert table["picture, seconds"] > 0
    ratio, low, high = table["refiner's loss over the base's"]
    assert 0 < low <= ratio <= high


def test_diffusers_own_pipeline_draws_with_the_exported_base(base: Any):
    [picture] = base("a red cat, cartoon", num_inference_steps=4, height=128, width=128).images
    assert is_picture(picture)
    [wide] = base("a red cat, cartoon", num_inference_steps=2, height=96, width=176).images
    assert is_picture(wide, (176, 96))


def test_the_scheduler_of_the_export_begins_in_pure_noise(base: Any):
    told = base.scheduler.config
    assert told.prediction_type == "v_prediction"
    assert told.rescale_betas_zero_snr
    base.scheduler.set_timesteps(4)
    assert base.scheduler.timesteps[0] == 999


def test_diffusers_own_pipeline_goes_on_with_the_exported_refiner(base: Any, refiner: Any):
    common = {"num_inference_steps": 5, "output_type": "latent", "generator": torch.Generator().manual_seed(1)}
    half = base("a red cat", height=128, width=128, denoising_end=0.6, **common).images
    [picture] = refiner("a red cat", image=half, num_inference_steps=5, denoising_start=0.6).images
    [other] = refiner("two dogs", image=half, num_inference_steps=5, denoising_start=0.6).images
    assert is_picture(picture)
    assert np.asarray(picture).tobytes() != np.asarray(other).tobytes()


def test_fooo_draws_with_the_exported_model_with_and_without_the_refiner(shop: Shop):
    few: dict[str, Any] = {"sampling": {"steps": 5}}
    refined, alone = (Artist(shop.model, refined=refined, **few)("a red cat, cartoon", 7) for refined in (True, False))
    assert is_picture(refined)
    assert is_picture(alone)
    assert np.asarray(refined).tobytes() != np.asarray(alone).tobytes()
    again = Artist(shop.model, **few)("a red cat, cartoon", 7)
    assert np.asarray(again).tobytes() == np.asarray(refined).tobytes()


def test_the_export_tells_what_it_knows_and_how_it_was_made(shop: Shop):
    knows = json.loads((shop.model / "base" / "knows.json").read_text())
    assert len(knows["nouns"]) == THINGS
    assert knows["nouns"][0]["words"][0] == "cat"
    assert {"nouns", "styles", "colours", "papers", "places", "others", "reads_chinese"} == set(knows)
    assert knows["nouns"][0]["chinese"][0] == "猫"
    assert knows["reads_chinese"] is False
    recipe = json.loads((shop.model / "recipe.json").read_text())
    assert set(recipe) == {"data", "vae", "base", "refiner"}
    assert recipe["data"][0]["packages"] == [f"{each.name}@{each.version}" for each in shop.packages]


@pytest.mark.parametrize("which", ["base", "refined"])
def test_the_judge_tells_every_figure_with_its_interval_beside_real_pictures(shop: Shop, which: str):
    table = json.loads((shop.work.folder / f"judge-model-{which}.json").read_text())
    assert table["refined"] == (which == "refined")
    assert table["scores"]["noun"]["asked"] == 2
    assert table["scores"]["both of two"]["asked"] == 1
    assert table["scores"]["noun, asked in Chinese"]["asked"] == 1
    assert table["scores"]["unclear"]["asked"] == 6
    assert table["gradient energy over that of real pictures"] > 0
    assert {"noun", "style", "colour", "count", "both of two"} == set(table["prompts shuffled"])
    for score in (*table["scores"].values(), *table["prompts shuffled"].values()):
        assert set(score) - {"chance"} == {"share", "low", "high", "asked", "real pictures"}
    assert np.isfinite(table["kernel distance x 1000"]).all()


def test_the_sheets_hold_every_picture(shop: Shop):
    with (
        Image.open(shop.model / "sheet-styles.jpg") as styles,
        Image.open(shop.model / "sheet-composed.jpg") as composed,
    ):
        assert styles.width // 128 == len(NOUNS)
        assert styles.height // 128 == len(STYLES)
        assert (composed.width // 128) * (composed.height // 156) == len(COMPOSED)


def lines(caplog: pytest.LogCaptureFixture, start: str) -> Sequence[str]:
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith(start)]


def made_by_data(work: Work) -> dict[str, int]:
    """Files and when they were written."""
    kept = [work.drawings, *work.compositions.iterdir(), *work.tokenizer.rglob("*.*")]
    return {str(path): path.stat().st_mtime_ns for path in kept}


def test_a_finished_data_step_is_not_done_again(shop: Shop):
    before = made_by_data(shop.work)
    assert shop.run("data") == 0
    assert made_by_data(shop.work) == before
    assert len(shop.work.recipe()["data"]) == 1


@pytest.mark.parametrize(
    ("step", "other", "differs"),
    [
        ("data", ("--seed", "2"), "seed 1 and not 2"),
        ("data", ("--nouns", "7"), "nouns 8 and not 7"),
        ("examiner", ("--seed", "2"), "seed 1 and not 2"),
        ("examiner", ("--nouns", "7"), "nouns 8 and not 7"),
    ],
)
def test_what_was_drawn_with_other_settings_is_not_mixed_with_new_ones(
    shop: Shop, step: str, other: tuple[str, str], differs: str, caplog: pytest.LogCaptureFixture
):
    before = made_by_data(shop.work)
    assert shop.run(step, *other) == 1
    assert differs in caplog.text
    assert "delete it" in caplog.text
    assert made_by_data(shop.work) == before


def test_drawings_of_another_version_of_a_package_are_not_mixed_with_new_ones(
    copied: Shop, caplog: pytest.LogCaptureFixture
):
    newer = replace(copied.packages[0], version="1.1.0")
    before = made_by_data(copied.work)
    assert replace(copied, packages=(newer, *copied.packages[1:])).run("data") == 1
    assert f"drawings.npz was made with {newer.name} 1.0.0 and not 1.1.0" in caplog.text
    assert made_by_data(copied.work) == before


def test_a_work_folder_without_marks_is_taken_over_as_it_is(copied: Shop, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    for mark in copied.work.folder.rglob("*made.json"):
        mark.unlink()
    before = made_by_data(copied.work)
    for step in ("data", "base", "examiner"):
        assert copied.run(step) == 0
    assert made_by_data(copied.work).items() > before.items()
    taken = [line for line in caplog.messages if "taken over" in line]
    assert len(taken) == 5  # drawings, tokenizer, compositions, latents, the examiner's pictures
    assert not lines(caplog, "latents of")


def test_the_first_tokenizer_serves_more_nouns(shop: Shop):
    few, more = (
        Options(work=shop.work.folder, nouns=nouns, pictures=1, minutes=1, seed=1, tiny=False, compiled=False,
                start=None, decoder_only=False, prompts=1, model=shop.model, to=shop.model)
        for nouns in (119, 250)
    )  # fmt: skip
    assert tokenizer_settings(few) == tokenizer_settings(more)


@pytest.mark.parametrize("step", TRAINED)
def test_a_finished_training_goes_on_when_it_is_given_more_time_and_only_then(
    copied: Shop, step: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    before, seconds = copied.reached(step)
    assert copied.run(step) == 0
    assert copied.reached(step)[0] == before
    assert len(lines(caplog, f"goes on from step {before}, after")) == 1
    assert copied.run(step, minutes=(seconds + 1.5) / 60) == 0
    assert copied.reached(step)[0] > before


def test_a_decoder_that_is_trained_on_alone_keeps_the_latents_and_is_exported(
    copied: Shop, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    weights = copied.model / "base" / "vae" / "diffusion_pytorch_model.safetensors"
    before = seam.read_weights(weights)
    assert copied.run("vae", "--decoder-only", minutes=0.01) == 0
    assert copied.run("export") == 0
    assert not lines(caplog, "latents of")
    after = seam.read_weights(weights)
    changed = {name.split(".")[0] for name, weight in after.items() if not torch.equal(weight, before[name])}
    assert "decoder" in changed
    assert changed <= {"decoder", "post_quant_conv"}
    assert copied.work.recipe()["vae"][-1]["decoder_only"] is True


@pytest.mark.parametrize("arguments", [("base", "--decoder-only"), ("vae", "--decoder-only", "--start", "models")])
def test_a_decoder_alone_can_only_go_on_from_the_vae_of_the_work_folder(
    shop: Shop, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        shop.run(*arguments)
    assert "--decoder-only goes on from the VAE of the work folder" in capsys.readouterr().err


def test_another_vae_is_not_exported_with_a_base_that_learnt_from_the_last_ones_latents(
    copied: Shop, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    _, seconds = copied.reached("vae")
    assert copied.run("vae", minutes=(seconds + 0.5) / 60) == 0
    for step in ("refiner", "export"):
        caplog.clear()
        assert copied.run(step) == 1
        assert "run `base` again" in caplog.text
    assert copied.run("base") == 0
    assert len(lines(caplog, "latents of")) == len(copied.work.shards())
    assert copied.run("export") == 0


def ask_to_end(listening_before: object) -> None:
    """Sends SIGTERM to this process as soon as something else listens to it."""
    while signal.getsignal(signal.SIGTERM) is listening_before:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_step_that_is_asked_to_end_keeps_what_it_learnt_and_says_so_by_its_exit_code(
    copied: Shop, caplog: pytest.LogCaptureFixture
):
    before, listening = copied.reached("vae"), signal.getsignal(signal.SIGTERM)
    asking = threading.Thread(target=ask_to_end, args=(listening,), daemon=True)
    asking.start()
    assert copied.run("vae", minutes=5) == 143
    asking.join()
    assert "vae was asked to end" in caplog.text
    assert signal.getsignal(signal.SIGTERM) is listening
    step, seconds = copied.reached("vae")
    assert step >= before[0]
    assert before[1] < seconds < 60


def test_the_refiner_learns_from_all_its_noise_levels_alike(copied: Shop, monkeypatch: pytest.MonkeyPatch):
    losses: list[float] = []

    class Listening(Run):
        """Writes losses down, and learns nothing."""

        @property
        def goes_on(self) -> bool:
            return len(losses) < 4

        def take(self, loss: torch.Tensor) -> None:
            losses.append(loss.item())

    monkeypatch.setattr("tools.pocket.refiner.Run", Listening)
    copied.work.checkpoint("refiner").unlink()
    train_refiner(copied.work, TINY, minutes=1, seed=1, compiled=False)
    # an untrained network guesses next to nothing, and the velocity has a variance of 1; weighted as the base's, the
    # losses of these noise levels would be half as large
    assert float(np.mean(losses)) == pytest.approx(1.1, abs=0.2)


def test_a_refiner_goes_on_from_a_released_one(copied: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[dict[str, torch.Tensor]] = []

    class Seen(Run):
        """Keeps what it begins with, and learns nothing."""

        def __enter__(self) -> Self:
            begun.append({name: each.clone() for name, each in self.networks["unet"].state_dict().items()})
            return super().__enter__()

        @property
        def goes_on(self) -> bool:
            return False

    monkeypatch.setattr("tools.pocket.refiner.Run", Seen)
    copied.work.checkpoint("refiner").unlink()
    assert copied.run("refiner", "--start", str(copied.model / "refiner"), "--no-compile") == 0
    kept = seam.read_weights(copied.model / "refiner/unet/diffusion_pytorch_model.safetensors")
    assert all(torch.equal(begun[0][name].half(), kept[name]) for name in kept)


def test_a_step_that_lacks_an_earlier_one_says_so(tmp_path: Path, shop: Shop, caplog: pytest.LogCaptureFixture):
    empty = Shop(Work(tmp_path / "work"), tmp_path / "model", shop.packages, shop.npm)
    assert empty.run("export") == 1
    assert "vae.pt" in caplog.text


def test_packages_that_cannot_be_had_end_in_a_sentence(tmp_path: Path, shop: Shop, caplog: pytest.LogCaptureFixture):
    alone = Shop(Work(tmp_path / "work"), tmp_path / "model", shop.packages, tmp_path / "no npm")
    assert alone.run("data") == 1
    assert "install Node.js" in caplog.text


SDXL_LAYER = (
    "layer_norm1.bias", "layer_norm1.weight", "layer_norm2.bias", "layer_norm2.weight", "mlp.fc1.bias",
    "mlp.fc1.weight", "mlp.fc2.bias", "mlp.fc2.weight", "self_attn.k_proj.bias", "self_attn.k_proj.weight",
    "self_attn.out_proj.bias", "self_attn.out_proj.weight", "self_attn.q_proj.bias", "self_attn.q_proj.weight",
    "self_attn.v_proj.bias", "self_attn.v_proj.weight",
)  # fmt: skip
"""As in stabilityai/stable-diffusion-xl-base-1.0, `text_encoder/model.safetensors`."""


@pytest.mark.parametrize("name", ["text_encoder", "text_encoder_2"])
def test_the_text_towers_have_the_names_of_sdxls_and_the_weights_that_were_learnt(shop: Shop, base: Any, name: str):
    stored = seam.read_weights(shop.model / "base" / name / "model.safetensors")
    layers = [f"encoder.layers.{number}.{part}" for number in range(TINY.text_layers) for part in SDXL_LAYER]
    ends = [f"final_layer_norm.{part}" for part in ("weight", "bias")]
    embeddings = [f"embeddings.{part}_embedding.weight" for part in ("token", "position")]
    wanted = {f"text_model.{part}" for part in (*layers, *ends, *embeddings)}
    assert set(stored) == wanted | ({"text_projection.weight"} if name == "text_encoder_2" else set())
    learnt = averages(shop.work.checkpoint("base"))["two" if name == "text_encoder_2" else "one"]
    read = weights_of(getattr(base, name))
    assert set(read) == set(learnt)
    assert {key: torch.equal(read[key], weight.half().float()) for key, weight in learnt.items()} == dict.fromkeys(
        learnt, True
    )


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_export_that_fails_leaves_the_last_model_whole_and_the_next_one_replaces_it(copied: Shop):
    before = all_bytes(copied.model)
    merges = copied.work.tokenizer / "tokenizer_2" / "merges.txt"
    away = merges.rename(merges.with_suffix(".away"))
    assert copied.run("export") == 1
    assert {name: all_bytes(copied.model)[name] for name in before} == before
    away.rename(merges)
    (copied.model / "base" / "of an older model.txt").touch()
    assert copied.run("export") == 0
    assert all_bytes(copied.model) == before
    assert {path.name for path in copied.model.iterdir() if path.is_dir()} == {"base", "refiner"}


def test_a_refiner_of_another_base_is_told_of(copied: Shop, caplog: pytest.LogCaptureFixture):
    copied.work.checkpoint("refiner").unlink()
    before = all_bytes(copied.model / "refiner")
    assert copied.run("export") == 0
    assert "belongs to another base" in caplog.text
    assert all_bytes(copied.model / "refiner") == before


def weights_of(part: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {key: weight.float() for key, weight in part.state_dict().items()}


def test_a_released_model_can_be_gone_on_from_as_it_is(shop: Shop, base: Any):
    parts = released(shop.work, TINY, shop.model / "base")
    for ours, theirs in zip(parts, (base.unet, base.text_encoder, base.text_encoder_2), strict=True):
        wanted = weights_of(theirs)
        assert {key: torch.equal(weight, wanted[key]) for key, weight in weights_of(ours).items()} == dict.fromkeys(
            wanted, True
        )
    coder = vae.released(shop.model / "base")
    assert all(torch.equal(weight, weights_of(base.vae)[key]) for key, weight in weights_of(coder).items())


def test_with_a_new_tokenizer_the_words_of_a_released_model_are_found_again_by_their_spelling(
    shop: Shop, base: Any, tmp_path: Path
):
    other = Work(tmp_path)
    networks.train_tokenizer(["a cat on the grass, a blue dog"] * 9, "猫狗", 600, other.tokenizer)
    old, new = (networks.load_tokenizers(folder)[0].get_vocab() for folder in (shop.model / "base", other.tokenizer))
    assert old["grass</w>"] != new["grass</w>"]
    _, one, two = released(other, TINY, shop.model / "base")
    for ours, theirs in ((one, base.text_encoder), (two, base.text_encoder_2)):
        table, wanted = (weights_of(cast(Any, tower).get_input_embeddings())["weight"] for tower in (ours, theirs))
        for token in ("cat</w>", "grass</w>", "a", "<|endoftext|>"):
            assert torch.equal(table[new[token]], wanted[old[token]]), token
