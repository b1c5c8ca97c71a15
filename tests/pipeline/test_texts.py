import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fooo.catalog import Catalog, LocalModel, Tokens
from fooo.errors import ModelError
from fooo.pipeline.texts import Additions, TextEncoders, token_ids, weigh
from fooo.plan import Chunk, Learnt, LearntToken, Said, plain
from fooo.weights import DeviceKind, MemoryPolicy, Part, Precision, Residency
from tests import model_files


@pytest.fixture(scope="module")
def base(catalog: Catalog) -> LocalModel:
    return catalog.models["pocket/base"]


@pytest.fixture(scope="module")
def encoders() -> TextEncoders:
    policy = MemoryPolicy(device=DeviceKind.CPU, precision=Precision.FLOAT32, vae_precision=Precision.FLOAT32)
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


def test_an_embedding_whose_file_is_gone_is_a_sentence(base: LocalModel, encoders: TextEncoders):
    with pytest.raises(ModelError, match="mine is gone; put the embedding back, or leave it out of the prompt"):
        encoders.encode(base, [(Learnt("mine"),)])


def test_an_embedding_for_towers_of_another_width_is_a_sentence(
    base: LocalModel, encoders: TextEncoders, tmp_path: Path
):
    """SDXL's own widths, which the pocket model has not."""
    file = model_files.write(tmp_path / "x.safetensors", {"clip_l": torch.ones(1, 768), "clip_g": torch.ones(1, 1280)})
    with pytest.raises(ModelError, match="is an embedding for other text encoders than pocket/base has"):
        encoders.encode(base, [(Learnt("mine"),)], Additions(embeddings={"mine": file}))


def test_the_same_words_with_other_vectors_are_encoded_anew(base: LocalModel, encoders: TextEncoders, tmp_path: Path):
    file = tmp_path / "x.safetensors"

    def heard(value: float) -> torch.Tensor:
        wave = torch.sin(value * torch.arange(320.0))  # the same everywhere, they would be normed away
        model_files.write(file, {"clip_l": wave[:256].reshape(2, 128), "clip_g": wave.reshape(2, 160)})
        os.utime(file, ns=(1, int(value)))  # the clock of a file system may be too coarse to tell two writes apart
        saying = (Said("a "), Learnt("mine"), Said(" cat"))
        (encoded,) = encoders.encode(base, [saying], Additions(embeddings={"mine": file}))
        return encoded.both

    one, two = heard(1), heard(2)
    assert not torch.equal(one, two)
    assert one.shape == two.shape == (1, 77, 128 + 160)


def test_what_stands_for_an_embedding_in_the_vocabulary_is_no_mark(base: LocalModel):
    tokens = Tokens(base.folder / Part.TOKENIZER)
    ids = token_ids(tokens, [Chunk((LearntToken("mine", 0),), (1.0,))])
    assert ids[0, 1] not in {tokens.begin, tokens.end, tokens.padding}


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
