"""Words into what the networks are conditioned on, by the two text towers."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from fooo.catalog import LocalModel, Tokens
from fooo.errors import ModelError
from fooo.plan import CHUNK, Chunk, Mark, Said, Saying, Weighed, chunk
from fooo.weights import NetworkKey, Part, Residency

_REMEMBERED = 64
_TOKENIZERS = {Part.TEXT_ENCODER: Part.TOKENIZER, Part.TEXT_ENCODER_2: Part.TOKENIZER_2}


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
        self._tokens: dict[tuple[LocalModel, Part], Tokens] = {}
        self._remembered: OrderedDict[tuple[LocalModel, Saying, int], Encoded] = OrderedDict()

    def encode(self, model: LocalModel, sayings: Sequence[Saying]) -> list[Encoded]:
        """Each of the texts, padded with empty chunks to the same length, so that one call can carry all.

        Raises:
            ModelError: A tower or a tokenizer of the model is missing or damaged.
        """
        chunks = max(len(self._chunks(model, tower, saying)) for saying in sayings for tower in _TOKENIZERS)
        return [self._encode(model, saying, chunks) for saying in sayings]

    def _encode(self, model: LocalModel, saying: Saying, chunks: int) -> Encoded:
        key = (model, saying, chunks)
        if key not in self._remembered:
            first, _ = self._run_tower(model, Part.TEXT_ENCODER, saying, chunks)
            second, pooled = self._run_tower(model, Part.TEXT_ENCODER_2, saying, chunks)
            assert pooled is not None
            self._remembered[key] = Encoded(first=first, second=second, pooled=pooled)
        self._remembered.move_to_end(key)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return self._remembered[key]

    @torch.inference_mode()
    def _run_tower(
        self, model: LocalModel, part: Part, saying: Saying, chunks: int
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        tokens, cut = self._tokens_of(model, part), self._chunks(model, part, saying)
        rows = [*cut, *[Chunk()] * (chunks - len(cut))]
        with self._residency.use(NetworkKey(model, part)) as network:
            tower = cast(CLIPTextModel | CLIPTextModelWithProjection, network)
            # without its own vocabulary a tower hears other words than were said
            if tower.config.vocab_size != tokens.count:
                folder = model.folder / _TOKENIZERS[part]
                raise ModelError(folder, "does not hold the words that its text encoder knows", "copy the model again")
            output = tower(input_ids=token_ids(tokens, rows).to(self._residency.device), output_hidden_states=True)
        hidden = weigh(cast(torch.Tensor, output.hidden_states[-2]), rows)
        pooled = cast(torch.Tensor | None, getattr(output, "text_embeds", None))
        # the chunks of one text stand one behind the other, as if the tower had read them at once
        return hidden.reshape(1, -1, hidden.shape[-1]), None if pooled is None else pooled[:1]

    def _chunks(self, model: LocalModel, part: Part, saying: Saying) -> tuple[Chunk, ...]:
        tokens = self._tokens_of(model, part)
        return chunk((_weighed(tokens, each) for each in saying), tokens.comma)

    def _tokens_of(self, model: LocalModel, part: Part) -> Tokens:
        key = (model, part)
        if key not in self._tokens:
            self._tokens[key] = Tokens(model.folder / _TOKENIZERS[part])
        return self._tokens[key]


def _weighed(tokens: Tokens, part: Said | Mark) -> Weighed | Mark:
    return part if isinstance(part, Mark) else Weighed(tuple(tokens.ids(part.text)), part.weight)


def token_ids(tokens: Tokens, chunks: Sequence[Chunk]) -> torch.Tensor:
    """Each chunk between its marks and padded; int64, shape (chunks, 77)."""
    rows = [[tokens.begin, *each.ids, tokens.end, *[tokens.padding] * (CHUNK - len(each.ids))] for each in chunks]
    return torch.tensor(rows)


def weigh(hidden: torch.Tensor, chunks: Sequence[Chunk]) -> torch.Tensor:
    """A tower's hidden layer with each token times its weight, each chunk scaled back to the mean it had.

    The scaling is the webui's: without it a heavy word makes all the others louder too.

    Args:
        hidden: Shape (chunks, 77, width).
        chunks: What each row holds.
    """
    rows: list[torch.Tensor] = []
    for row, each in zip(hidden, chunks, strict=True):
        if all(weight == 1 for weight in each.weights):
            rows.append(row)
            continue
        weights = torch.ones(row.shape[0], dtype=row.dtype, device=row.device)
        weights[1 : 1 + len(each.weights)] = torch.tensor(each.weights, dtype=row.dtype)
        louder = row * weights[:, None]
        rows.append(louder * (row.mean() / louder.mean()))
    return torch.stack(rows)
