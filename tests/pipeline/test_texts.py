import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fooo.catalog import Catalog, LocalModel, Tokens
from fooo.errors import ModelError
from fooo.pipeline.texts import TextEncoders, token_ids, weigh
from fooo.plan import Chunk, plain
from fooo.weights import DeviceKind, MemoryPolicy, Part, Precision, Residency


@pytest.fixture(scope="module")
def base(catalog: Catalog) -> LocalModel:
    return catalog.models["pocket/base"]


@pytest.fixture(scope="module")
def encoders() -> TextEncoders:
    policy = MemoryPolicy(
        device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.FLOAT32, offload=False
    )
    return TextEncoders(Residency(policy))


def test_a_short_text_is_one_chunk_that_ends_in_each_tokenizers_own_padding(base: LocalModel):
    one, two = (Tokens(base.folder / part) for part in (Part.TOKENIZER, Part.TOKENIZER_2))
    first, second = (token_ids(each, [Chunk(tuple(each.ids("a cat")))]) for each in (one, two))
    assert first.shape == second.shape == (1, 77)
    assert first[0, 0] == one.begin
    assert first[0, -1] == one.end
    assert second[0, -1] == 0


@pytest.mark.parametrize(("words", "chunks"), [(0, 1), (1, 1), (75, 1), (76, 2), (150, 2), (151, 3)])
def test_a_chunk_holds_75_tokens(base: LocalModel, encoders: TextEncoders, words: int, chunks: int):
    positive, negative = encoders.encode(base, [plain(" ".join(["cat"] * words)), plain("")])
    assert positive.both.shape[1] == negative.both.shape[1] == 77 * chunks


def test_the_shorter_of_two_texts_is_filled_up_with_empty_chunks(base: LocalModel, encoders: TextEncoders):
    _, negative = encoders.encode(base, [plain("cat " * 80), plain("dog")])
    (empty,) = encoders.encode(base, [plain("")])
    assert torch.allclose(negative.both[:, 77:], empty.both, atol=1e-5)


def test_a_text_is_encoded_once_and_remembered(base: LocalModel, encoders: TextEncoders):
    (one,) = encoders.encode(base, [plain("a cat")])
    (again,) = encoders.encode(base, [plain("a cat")])
    assert one is again


def test_a_vocabulary_of_another_model_is_refused(base: LocalModel, encoders: TextEncoders, tmp_path: Path):
    folder = Path(shutil.copytree(base.folder, tmp_path / "base"))
    vocabulary = json.loads((folder / "tokenizer/vocab.json").read_text("utf-8"))
    (folder / "tokenizer/vocab.json").write_text(json.dumps({**vocabulary, "new": len(vocabulary)}), "utf-8")
    with pytest.raises(ModelError, match="tokenizer does not hold the words that its text encoder knows"):
        encoders.encode(replace(base, folder=folder), [plain("a cat")])


def test_a_heavy_token_is_multiplied_and_the_chunks_mean_is_kept():
    """By hand: the mean of 77 rows of 1 is 1; with one of them doubled it is 78/77, by which all are divided."""
    hidden = torch.ones(1, 77, 4)
    heavy = weigh(hidden, [Chunk((5, 6), (2.0, 1.0))])
    assert torch.allclose(heavy[0, 1], torch.full((4,), 2 * 77 / 78))
    assert torch.allclose(heavy[0, 2], torch.full((4,), 77 / 78))
    assert heavy.mean() == pytest.approx(1)


def test_a_chunk_without_weights_is_left_bit_for_bit():
    hidden = torch.randn(2, 77, 4)
    assert torch.equal(weigh(hidden, [Chunk((5,), (1.0,)), Chunk()]), hidden)
