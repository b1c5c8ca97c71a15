"""Every step of the workshop once, with tiny networks, from packages to sheets; and what others make of what comes out.

The pictures mean nothing: seconds of training teach nothing. That the whole way is walked, and its end fits, is seen.
"""

import importlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from PIL import Image

from tests.tools.pocket.making import fake_npm, pack_all
from tools.pocket import networks, seam, vae
from tools.pocket.__main__ import main
from tools.pocket.artist import Artist
from tools.pocket.base import released
from tools.pocket.networks import TINY
from tools.pocket.packages import Package
from tools.pocket.scenes import SIZES
from tools.pocket.sheet import COMPOSED, NOUNS
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
        return main([*arguments, *places, *small, "--minutes", str(minutes)], packages=self.packages, npm=self.npm)

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
    for step in ("data", *TRAINED[:3], "export", "examiner", "judge", "sheet"):
        assert shop.run(step) == 0, step
    return shop


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
    assert {"nouns", "styles", "colours", "papers", "places", "others"} == set(knows)
    recipe = json.loads((shop.model / "recipe.json").read_text())
    assert set(recipe) == {"data", "vae", "base", "refiner"}
    assert recipe["data"][0]["packages"] == [f"{each.name}@{each.version}" for each in shop.packages]


@pytest.mark.parametrize("which", ["base", "refined"])
def test_the_judge_tells_every_figure_with_its_interval_beside_real_pictures(shop: Shop, which: str):
    table = json.loads((shop.work.folder / f"judge-model-{which}.json").read_text())
    assert table["refined"] == (which == "refined")
    assert table["scores"]["noun"]["asked"] == 2
    assert table["scores"]["both of two"]["asked"] == 1
    assert table["scores"]["unclear"]["asked"] == 5
    for score in table["scores"].values():
        assert set(score) == {"share", "low", "high", "asked", "real pictures"}
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


def test_a_finished_data_step_is_not_done_again(shop: Shop):
    def times() -> dict[str, int]:
        kept = [shop.work.drawings, *shop.work.compositions.iterdir(), *shop.work.tokenizer.rglob("*.*")]
        return {str(path): path.stat().st_mtime_ns for path in kept}

    before = times()
    assert shop.run("data") == 0
    assert times() == before
    assert len(shop.work.recipe()["data"]) == 1


@pytest.mark.parametrize("step", TRAINED)
def test_a_finished_training_goes_on_when_it_is_given_more_time_and_only_then(
    shop: Shop, step: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    before, seconds = shop.reached(step)
    assert shop.run(step) == 0
    assert shop.reached(step)[0] == before
    assert len(lines(caplog, f"goes on from step {before}, after")) == 1
    assert shop.run(step, minutes=(seconds + 1.5) / 60) == 0
    assert shop.reached(step)[0] > before


def test_a_step_that_lacks_an_earlier_one_says_so(tmp_path: Path, shop: Shop, caplog: pytest.LogCaptureFixture):
    empty = Shop(Work(tmp_path / "work"), tmp_path / "model", shop.packages, shop.npm)
    assert empty.run("export") == 1
    assert "vae.pt" in caplog.text


def test_packages_that_cannot_be_had_end_in_a_sentence(tmp_path: Path, shop: Shop, caplog: pytest.LogCaptureFixture):
    alone = Shop(Work(tmp_path / "work"), tmp_path / "model", shop.packages, tmp_path / "no npm")
    assert alone.run("data") == 1
    assert "install Node.js" in caplog.text


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
