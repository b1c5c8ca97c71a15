import pytest
import torch

from fooo.catalog import Catalog, LocalModel
from fooo.pipeline.texts import TextEncoders, token_ids
from fooo.weights import DeviceKind, MemoryPolicy, Part, Precision, Residency, load_tokenizer


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
    one, two = (load_tokenizer(base, part) for part in (Part.TOKENIZER, Part.TOKENIZER_2))
    first, second = token_ids(one, "a cat", 1), token_ids(two, "a cat", 1)
    assert first.shape == second.shape == (1, 77)
    assert first[0, 0] == one.bos_token_id
    assert first[0, -1] == one.eos_token_id
    assert second[0, -1] == 0


@pytest.mark.parametrize(("words", "chunks"), [(0, 1), (1, 1), (75, 1), (76, 2), (150, 2), (151, 3)])
def test_a_chunk_holds_75_tokens_and_none_is_lost(base: LocalModel, encoders: TextEncoders, words: int, chunks: int):
    text = " ".join(["cat"] * words)
    positive, negative = encoders.encode(base, text, "")
    assert positive.both.shape[1] == negative.both.shape[1] == 77 * chunks
    ids = token_ids(load_tokenizer(base, Part.TOKENIZER_2), text, chunks)
    cat = int(token_ids(load_tokenizer(base, Part.TOKENIZER_2), "cat", 1)[0, 1])
    assert int((ids == cat).sum()) == words


def test_the_shorter_of_two_texts_is_filled_up_with_empty_chunks(base: LocalModel, encoders: TextEncoders):
    _, negative = encoders.encode(base, "cat " * 80, "dog")
    empty, _ = encoders.encode(base, "", "")
    assert torch.allclose(negative.both[:, 77:], empty.both, atol=1e-5)


def test_a_text_is_encoded_once_and_remembered(base: LocalModel, encoders: TextEncoders):
    one, _ = encoders.encode(base, "a cat", "")
    again, _ = encoders.encode(base, "a cat", "")
    assert one is again
