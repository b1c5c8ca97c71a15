"""Words into what the networks are conditioned on, by the two text towers."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import cast

import torch
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from fooo.catalog import LocalModel
from fooo.weights import NetworkKey, Part, Residency, load_tokenizer

CHUNK = 75
"""Tokens that a tower reads at once, without its two marks for begin and end."""

_REMEMBERED = 64


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Encoded:
    """A text as each tower hears it.

    Attributes:
        first, second: The last hidden layer but one of each tower, shape (1, 77 * chunks, its width).
        pooled: The second tower's sentence vector, of the first chunk, shape (1, its width).
    """

    first: torch.Tensor
    second: torch.Tensor
    pooled: torch.Tensor

    @property
    def both(self) -> torch.Tensor:
        """What the base is conditioned on, shape (1, 77 * chunks, both widths)."""
        return torch.cat([self.first, self.second], dim=-1)


class TextEncoders:
    """Encodes texts with a model's towers; remembers what it has encoded."""

    def __init__(self, residency: Residency) -> None:
        self._residency = residency
        self._tokenizers: dict[tuple[LocalModel, Part], CLIPTokenizer] = {}
        self._remembered: OrderedDict[tuple[LocalModel, str, int], Encoded] = OrderedDict()

    def encode(self, model: LocalModel, positive: str, negative: str) -> tuple[Encoded, Encoded]:
        """Both texts, padded with empty chunks to the same length, so that one call can carry both.

        Raises:
            ModelError: A tower or a tokenizer of the model is missing or damaged.
        """
        chunks = max(self._chunk_count(model, text) for text in (positive, negative))
        return self._encode(model, positive, chunks), self._encode(model, negative, chunks)

    def _chunk_count(self, model: LocalModel, text: str) -> int:
        parts = (Part.TOKENIZER, Part.TOKENIZER_2)
        return max(-(-len(_tokens(self._tokenizer(model, part), text)) // CHUNK) for part in parts) or 1

    def _encode(self, model: LocalModel, text: str, chunks: int) -> Encoded:
        key = (model, text, chunks)
        if key not in self._remembered:
            first, _ = self._run_tower(model, Part.TOKENIZER, Part.TEXT_ENCODER, text, chunks)
            second, pooled = self._run_tower(model, Part.TOKENIZER_2, Part.TEXT_ENCODER_2, text, chunks)
            assert pooled is not None
            self._remembered[key] = Encoded(first=first, second=second, pooled=pooled)
        self._remembered.move_to_end(key)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return self._remembered[key]

    @torch.inference_mode()
    def _run_tower(
        self, model: LocalModel, tokenizer_part: Part, part: Part, text: str, chunks: int
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        ids = token_ids(self._tokenizer(model, tokenizer_part), text, chunks).to(self._residency.device)
        with self._residency.use(NetworkKey(model, part)) as network:
            tower = cast(CLIPTextModel | CLIPTextModelWithProjection, network)
            output = tower(input_ids=ids, output_hidden_states=True)
        hidden = cast(torch.Tensor, output.hidden_states[-2])
        pooled = cast(torch.Tensor | None, getattr(output, "text_embeds", None))
        # the chunks of one text stand one behind the other, as if the tower had read them at once
        return hidden.reshape(1, -1, hidden.shape[-1]), None if pooled is None else pooled[:1]

    def _tokenizer(self, model: LocalModel, part: Part) -> CLIPTokenizer:
        key = (model, part)
        if key not in self._tokenizers:
            self._tokenizers[key] = load_tokenizer(model, part)
        return self._tokenizers[key]


def token_ids(tokenizer: CLIPTokenizer, text: str, chunks: int) -> torch.Tensor:
    """The text's tokens in chunks, each between its marks and padded; int64, shape (chunks, 77)."""
    tokens = _tokens(tokenizer, text)
    begin, end, padding = (
        cast(int, each) for each in (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
    )
    rows: list[list[int]] = []
    for number in range(chunks):
        piece = tokens[number * CHUNK : (number + 1) * CHUNK]
        rows.append([begin, *piece, end, *[padding] * (CHUNK - len(piece))])
    return torch.tensor(rows)


def _tokens(tokenizer: CLIPTokenizer, text: str) -> list[int]:
    return cast(list[int], tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
