from pathlib import Path
from typing import Any

import pytest
import torch

from tests.tools.pocket.making import NOUNS
from tools.pocket import seam, training, vae, work
from tools.pocket.keeping import MadeOtherwise
from tools.pocket.networks import TINY
from tools.pocket.work import Work

# Workers that compose are forked from this process, in which torch has threads; they use neither.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")

MINUTES = 0.01


@pytest.fixture
def coded(folder: Work) -> Work:
    """A work folder with a VAE that has been trained for a moment."""
    work.compose(folder, nouns=NOUNS, shares={(128, 128): 8}, seed=1)
    vae.train(folder, TINY, minutes=MINUTES, seed=1)
    return folder


def weights(file: Path) -> dict[str, torch.Tensor]:
    """The averaged ones of a checkpoint."""
    return training.averages(file)["vae"]


def checkpoint(folder: Work, name: str) -> dict[str, Any]:
    return torch.load(folder.checkpoint(name), weights_only=True)


def more(folder: Work, name: str) -> float:
    """A budget in minutes that leaves a moment for the run."""
    return checkpoint(folder, name)["seconds"] / 60 + MINUTES


def test_a_decoder_is_trained_on_alone_and_the_encoder_stays_bit_for_bit(coded: Work):
    kept = checkpoint(coded, "vae")
    for name, weight in kept["averages"]["vae"].items():
        if name.startswith("quant_conv."):
            weight[4:] += 0.01  # as a long run leaves the rows of the posterior's spread
    torch.save(kept, coded.checkpoint("vae"))
    before, whole = weights(coded.checkpoint("vae")), coded.checkpoint("vae").read_bytes()
    vae.train_decoder(coded, TINY, minutes=MINUTES, seed=1)
    after = vae.trained(coded, TINY).state_dict()
    assert set(after) == set(before)
    for name, weight in before.items():
        learns = name.startswith(("decoder.", "post_quant_conv."))
        # the deepest biases are moved by less than float32 tells, or not at all before a norm
        assert torch.equal(after[name], weight) or learns, name
        if learns and name.endswith("weight"):
            assert not torch.equal(after[name], weight), name
    assert coded.checkpoint("vae").read_bytes() == whole


def test_a_decoder_goes_on_from_the_averaged_weights_and_its_rate_rises_anew(coded: Work):
    vae.train_decoder(coded, TINY, minutes=1e-9, seed=1)
    begun = checkpoint(coded, vae.DECODER)
    assert begun["step"] == 0
    for name, weight in weights(coded.checkpoint("vae")).items():
        assert torch.equal(begun["networks"]["vae"][name], weight), name
    vae.train_decoder(coded, TINY, minutes=MINUTES, seed=1)
    first = checkpoint(coded, vae.DECODER)
    assert 0 < first["step"] < 200
    [group] = first["optimizer"]["param_groups"]
    assert 0 < group["lr"] <= vae.DECODER_RATE * first["step"] / 200
    vae.train_decoder(coded, TINY, minutes=more(coded, vae.DECODER), seed=1)
    assert checkpoint(coded, vae.DECODER)["step"] > first["step"]


def test_a_decoder_of_another_encoder_is_refused(coded: Work):
    vae.train_decoder(coded, TINY, minutes=1e-9, seed=1)
    vae.train(coded, TINY, minutes=more(coded, "vae"), seed=1)
    for use in (
        lambda: vae.trained(coded, TINY),
        lambda: vae.train_decoder(coded, TINY, minutes=MINUTES, seed=1),
    ):
        with pytest.raises(MadeOtherwise, match=r"vae-decoder\.pt belongs to another encoder.*delete it"):
            use()
    coded.checkpoint(vae.DECODER).unlink()
    assert vae.encoder_digest(vae.trained(coded, TINY))


def test_a_decoder_without_a_vae_says_what_is_missing(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"vae\.pt"):
        vae.train_decoder(Work(tmp_path), TINY, minutes=MINUTES, seed=1)


def test_a_decoder_learns(coded: Work):
    pixels = seam.as_tensor(coded.shards()[0].pixels())
    before, _ = vae.measure(vae.trained(coded, TINY), pixels)
    vae.train_decoder(coded, TINY, minutes=2 * MINUTES, seed=1)
    after, _ = vae.measure(vae.trained(coded, TINY), pixels)
    assert after > before
