import logging
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.pipeline.conditioning import UNWANTED_SCORE, WANTED_SCORE
from tests.tools.pocket.making import NOUNS
from tools.pocket import latents, networks, refiner, seam, vae, work
from tools.pocket.keeping import MadeOtherwise
from tools.pocket.networks import TINY
from tools.pocket.work import Work

# Workers that compose are forked from this process, in which torch has threads; they use neither.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")

SHARES = {(128, 128): 4, (96, 64): 3}


def coder(seed: int) -> AutoencoderKL:
    seam.seed_everything(seed)
    return networks.vae(TINY).eval().requires_grad_(False)


@pytest.fixture
def encoded(folder: Work) -> Work:
    """A work folder with latents of two shards, made by the encoder of seed 1."""
    work.compose(folder, nouns=NOUNS, shares=SHARES, seed=1)
    latents.encode_missing(folder, coder(1))
    return folder


def contents(folder: Work) -> dict[str, bytes]:
    """Of the latents' folder, but for the mark."""
    return {path.name: path.read_bytes() for path in folder.latents.iterdir() if path.suffix == ".npz"} | {
        "scale.json": (folder.latents / "scale.json").read_bytes()
    }


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def mark(folder: Work) -> Path:
    return folder.latents / "made.json"


def kept(folder: Work, name: str) -> Any:
    with np.load(folder.latents / name) as file:
        return file["latents"]


def test_latents_are_what_the_encoder_makes_of_the_pictures(encoded: Work):
    for shard in encoded.shards():
        pictures = vae.as_network(seam.as_tensor(shard.pixels()))
        wanted = vae.encode(coder(1), pictures).numpy()
        made = kept(encoded, shard.path.name).astype(np.float32)
        assert np.abs(made - wanted).max() < 0.03 * np.abs(wanted).max()  # bf16 there
    assert latents.scale(encoded) == pytest.approx(1 / kept(encoded, "128x128-0000.npz").astype(np.float32).std())


def test_latents_of_the_same_encoder_stay(encoded: Work):
    before = times(encoded.latents)
    latents.encode_missing(encoded, coder(1))
    assert times(encoded.latents) == before
    latents.belong(encoded, coder(1))


def test_latents_are_made_anew_when_the_encoder_is_another_one(encoded: Work, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    before = contents(encoded)
    with pytest.raises(MadeOtherwise, match="run `base` again"):
        latents.belong(encoded, coder(2))
    latents.encode_missing(encoded, coder(2))
    after = contents(encoded)
    assert set(after) == set(before) == {"128x128-0000.npz", "96x64-0000.npz", "scale.json"}
    assert all(after[name] != before[name] for name in after)
    assert [line for line in caplog.messages if "made anew" in line]
    latents.belong(encoded, coder(2))


@torch.no_grad()
def test_each_weight_that_latents_depend_on_makes_another_encoder_and_the_decoders_do_not():
    plain = vae.encoder_digest(coder(1))
    assert vae.encoder_digest(coder(1)) == plain
    assert vae.encoder_digest(seam.placed(coder(1), torch.device("cpu"), channels_last=True)) == plain
    for name in ("encoder.conv_in.bias", "encoder.mid_block.attentions.0.to_q.weight", "quant_conv.weight"):
        other = coder(1)
        cast(Any, other.get_parameter(name)).view(-1)[0] += 1e-3
        assert vae.encoder_digest(other) != plain, name
    for name in ("decoder.conv_out.bias", "post_quant_conv.weight"):
        other = coder(1)
        cast(Any, other.get_parameter(name)).view(-1)[0] += 1
        assert vae.encoder_digest(other) == plain, name


def test_latents_without_a_mark_are_taken_over_with_one_line(encoded: Work, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    mark(encoded).unlink()
    before = times(encoded.latents)
    latents.encode_missing(encoded, coder(2))
    assert {name: time for name, time in times(encoded.latents).items() if name != mark(encoded).name} == before
    [line] = caplog.messages
    assert "taken over" in line
    latents.belong(encoded, coder(2))
    with pytest.raises(MadeOtherwise):
        latents.belong(encoded, coder(1))


def test_those_of_a_half_finished_run_without_a_mark_are_taken_over_and_completed(encoded: Work):
    mark(encoded).unlink()
    (encoded.latents / "96x64-0000.npz").unlink()
    (encoded.latents / "scale.json").unlink()
    before = times(encoded.latents)
    latents.encode_missing(encoded, coder(1))
    after = times(encoded.latents)
    assert after.items() > before.items()
    assert set(after) == {"128x128-0000.npz", "96x64-0000.npz", "scale.json", mark(encoded).name}


def test_latents_of_other_pictures_under_the_same_name_are_made_anew(encoded: Work):
    before = contents(encoded)
    for shard in encoded.shards():
        shard.path.unlink()
    work.compose(encoded, nouns=NOUNS, shares={(128, 128): 4}, seed=2)
    work.compose(encoded, nouns=NOUNS, shares={(96, 64): 3}, seed=1)
    latents.encode_missing(encoded, coder(1))
    after = contents(encoded)
    assert after["128x128-0000.npz"] != before["128x128-0000.npz"]
    assert after["96x64-0000.npz"] == before["96x64-0000.npz"]


def test_latents_whose_pictures_are_gone_stay_and_are_told_of(encoded: Work, caplog: pytest.LogCaptureFixture):
    before = times(encoded.latents)
    encoded.shards()[0].path.unlink()
    latents.encode_missing(encoded, coder(1))
    assert times(encoded.latents) == before
    assert [line for line in caplog.messages if line.startswith("1 files")]


def test_one_picture_of_four_is_encoded_softened_as_well_with_its_words_and_a_lower_score(encoded: Work):
    latents.encode_softened(encoded, coder(1), seed=1)
    for shard in encoded.shards():
        with np.load(encoded.softened / shard.path.name) as file:
            assert [str(caption) for caption in file["captions"]] == shard.captions()[::4]
            assert np.array_equal(file["numbers"], shard.numbers()[::4])
            assert ((file["scores"] > UNWANTED_SCORE) & (file["scores"] < WANTED_SCORE)).all()
            as_composed = kept(encoded, shard.path.name)[::4]
            assert file["latents"].shape == as_composed.shape
            assert not np.array_equal(file["latents"], as_composed)


@pytest.mark.parametrize(("encoder", "seed"), [(2, 1), (1, 2)])
def test_softened_latents_stay_until_another_encoder_or_another_chance_makes_them(
    encoded: Work, encoder: int, seed: int
):
    latents.encode_softened(encoded, coder(1), seed=1)
    before = times(encoded.softened)
    latents.encode_softened(encoded, coder(1), seed=1)
    assert times(encoded.softened) == before
    latents.encode_softened(encoded, coder(encoder), seed=seed)
    after = times(encoded.softened)
    assert set(after) == set(before)
    assert all(after[name] != before[name] for name in after)


def test_softened_pictures_are_learnt_from_only_by_who_asks_for_them(encoded: Work):
    networks.train_tokenizer(["a cat", "two cats"], "", 600, encoded.tokenizer)
    latents.encode_softened(encoded, coder(1), seed=1)
    plain, all_of_them = latents.read(encoded), latents.read(encoded, softened=True)
    for size, count in SHARES.items():
        one, other = plain[size], all_of_them[size]
        assert (one.scores == WANTED_SCORE).all()
        assert torch.equal(other.scores[:count], one.scores)
        assert (other.scores[count:] < WANTED_SCORE).all()
        assert torch.equal(other.latents[:count], one.latents)
        assert len(other.latents) == len(other.numbers) == len(other.words.first) - 1 == count + 1
    drawn = latents.batch(all_of_them, np.random.default_rng(1), 32)
    assert torch.equal(refiner.numbers(drawn)[:, 4], drawn.scores)
    assert (drawn.scores < WANTED_SCORE).any()
