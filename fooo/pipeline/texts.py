"""Words into what the networks are conditioned on, by the model's text towers."""

from collections import OrderedDict
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from fooo.catalog import LocalModel, Tokens, read_tokens
from fooo.catalog.configs import config_folder
from fooo.catalog.model_files.contents import Base
from fooo.errors import ModelError
from fooo.plan import CHUNK, Chunk, Learnt, LearntToken, Saying, cut
from fooo.weights import FileState, LoraUse, NetworkKey, Part, Residency, file_state, read_embedding

_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Tower:
    """A text encoder, and what it reads with.

    Attributes:
        normed: Whether its last hidden layer is heard, with the norm behind it; else the last but one, as it is.
    """

    network: Part
    vocabulary: Part
    normed: bool


_FIRST = Tower(Part.TEXT_ENCODER, Part.TOKENIZER, normed=False)
_SECOND = Tower(Part.TEXT_ENCODER_2, Part.TOKENIZER_2, normed=False)
_ONLY = Tower(Part.TEXT_ENCODER, Part.TOKENIZER, normed=True)

TOWERS = {
    Base.SD1: (_ONLY,),
    # it was trained with one layer more, which its configuration leaves out
    Base.SD2: (_ONLY,),
    Base.SDXL: (_FIRST, _SECOND),
}
"""In the order in which the UNet hears them."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Additions:
    """What comes to a model's towers for one picture.

    Attributes:
        loras: Put onto them.
        embeddings: Files of learnt words, by the names that the sayings call them.
        clip_skip: Which layer is heard, from the last; None: the one that the model was trained with.
    """

    loras: Sequence[LoraUse] = ()
    embeddings: Mapping[str, Path] = field(default_factory=dict[str, Path])
    clip_skip: int | None = None


NOTHING_ADDED = Additions()


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Encoded:
    """A text as each tower hears it.

    Attributes:
        first, second: Each tower's hidden layer, shape (1, 77 * chunks, its width); without a second, its width is 0.
        pooled: The last tower's sentence vector, of the first chunk, shape (1, its width); without one, its width is 0.
    """

    first: torch.Tensor
    second: torch.Tensor
    pooled: torch.Tensor

    @property
    def both(self) -> torch.Tensor:
        """What the base is conditioned on, shape (1, 77 * chunks, all widths)."""
        return torch.cat([self.first, self.second], dim=-1)


Vectors = Mapping[str, Mapping[Part, torch.Tensor]]
"""Of each embedding by its name and the tower's, shape (tokens, width)."""
_Key = tuple[LocalModel, Saying, int, int | None, tuple[tuple[object, FileState], ...]]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Task:
    """A text, and who reads it. Args: chunks: As many as it is filled up to."""

    model: LocalModel
    saying: Saying
    chunks: int
    added: Additions
    learnt: Vectors


class TextEncoders:
    """Encodes texts with a model's towers; remembers what it has encoded."""

    def __init__(self, residency: Residency) -> None:
        self._residency = residency
        self._remembered: OrderedDict[_Key, Encoded] = OrderedDict()

    def encode(self, model: LocalModel, sayings: Sequence[Saying], added: Additions = NOTHING_ADDED) -> list[Encoded]:
        """Each of the texts, padded with empty chunks to the same length, so that one call can carry all.

        Raises:
            ModelError: A tower, a vocabulary, a LoRA or an embedding is missing, damaged or of another kind.
        """
        learnt = {name: read_embedding(_file_of(name, added), model) for name in _names_in(sayings)}
        towers = TOWERS[model.kind.base]
        chunks = max(len(_cut(saying, _tokens(model, tower), learnt)) for saying in sayings for tower in towers)
        tasks = (_Task(model=model, saying=saying, chunks=chunks, added=added, learnt=learnt) for saying in sayings)
        return [self._recall(task) for task in tasks]

    def _recall(self, task: _Task) -> Encoded:
        files = [
            *((use, file_state(use.file)) for use in task.added.loras),
            *((name, file_state(task.added.embeddings[name])) for name in _names_in([task.saying])),
        ]
        key = (task.model, task.saying, task.chunks, task.added.clip_skip, tuple(files))
        if key not in self._remembered:
            self._remembered[key] = self._encode(task)
        self._remembered.move_to_end(key)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return self._remembered[key]

    @torch.inference_mode()
    def _encode(self, task: _Task) -> Encoded:
        heard = [self._run_tower(task, tower) for tower in TOWERS[task.model.kind.base]]
        (first, _), (last, pooled) = heard[0], heard[-1]
        second = last if len(heard) > 1 else first[..., :0]
        return Encoded(first=first, second=second, pooled=first[:, 0, :0] if pooled is None else pooled)

    def _run_tower(self, task: _Task, tower: Tower) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The hidden layer that is heard, and the sentence vector of a tower that has one."""
        tokens = _tokens(task.model, tower)
        found = _cut(task.saying, tokens, task.learnt)
        rows = [*found, *[Chunk()] * (task.chunks - len(found))]
        with self._residency.use(NetworkKey(task.model, tower.network), task.added.loras) as lent:
            network = cast(CLIPTextModel | CLIPTextModelWithProjection, lent)
            # without its own vocabulary a tower hears other words than were said
            if network.config.vocab_size != tokens.count:
                folder = config_folder(task.model) / tower.vocabulary
                raise ModelError(folder, "does not hold the words that its text encoder knows", "copy the model again")
            learnt = {name: vectors[tower.network] for name, vectors in task.learnt.items()}
            for name, vectors in learnt.items():
                if vectors.shape[-1] != network.config.hidden_size:
                    problem = f"is an embedding for other text encoders than {task.model.name} has"
                    raise ModelError(task.added.embeddings[name], problem, "leave it out of the prompt")
            with saying_learnt(network, rows, learnt):
                ids = token_ids(tokens, rows).to(self._residency.device)
                output = network(input_ids=ids, output_hidden_states=True)
            layer = _heard_layer(network, output, tower, task.added.clip_skip)
        hidden = weigh(layer, rows)
        pooled = cast(torch.Tensor | None, getattr(output, "text_embeds", None))
        # the chunks of one text stand one behind the other, as if the tower had read them at once
        return hidden.reshape(1, -1, hidden.shape[-1]), None if pooled is None else pooled[:1]


def _heard_layer(
    network: CLIPTextModel | CLIPTextModelWithProjection, output: Any, tower: Tower, clip_skip: int | None
) -> torch.Tensor:
    """Shape (chunks, 77, width). A tower that is heard with its last norm has it put behind any other layer too."""
    if clip_skip is None:
        return output.last_hidden_state if tower.normed else output.hidden_states[-2]
    layer = output.hidden_states[-clip_skip]
    return cast(Any, network).final_layer_norm(layer) if tower.normed else layer


def _tokens(model: LocalModel, tower: Tower) -> Tokens:
    return read_tokens(config_folder(model) / tower.vocabulary)


def _cut(saying: Saying, tokens: Tokens, learnt: Vectors) -> tuple[Chunk, ...]:
    lengths = {name: len(next(iter(vectors.values()))) for name, vectors in learnt.items()}
    return cut(saying, tokens, lengths)


def _names_in(sayings: Iterable[Saying]) -> list[str]:
    """The embeddings that are said, each once."""
    return list(dict.fromkeys(part.embedding for saying in sayings for part in saying if isinstance(part, Learnt)))


def _file_of(name: str, added: Additions) -> Path:
    if name not in added.embeddings:
        raise ModelError(Path(name), "is gone", "put the embedding back, or leave it out of the prompt")
    return added.embeddings[name]


@contextmanager
def saying_learnt(
    network: CLIPTextModel | CLIPTextModelWithProjection, rows: Sequence[Chunk], learnt: Mapping[str, torch.Tensor]
) -> Generator[None]:
    """Within it, a tower that reads these chunks takes an embedding's vectors where its tokens are."""
    places = [
        (row, column, learnt[token.embedding][token.number])
        for row, each in enumerate(rows)
        for column, token in enumerate(each.ids, 1)
        if isinstance(token, LearntToken)
    ]

    def put(_module: object, _asked: object, vectors: torch.Tensor) -> torch.Tensor:
        for row, column, vector in places:
            vectors[row, column] = vector.to(vectors)
        return vectors

    handle = cast(torch.nn.Module, cast(Any, network).get_input_embeddings()).register_forward_hook(put)
    try:
        yield
    finally:
        handle.remove()


def token_ids(tokens: Tokens, chunks: Sequence[Chunk]) -> torch.Tensor:
    """Each chunk between its marks and padded, an embedding's tokens as commas; int64, shape (chunks, 77)."""
    rows: list[list[int]] = []
    for each in chunks:
        ids = [tokens.comma if isinstance(token, LearntToken) else token for token in each.ids]
        rows.append([tokens.begin, *ids, tokens.end, *[tokens.padding] * (CHUNK - len(ids))])
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
