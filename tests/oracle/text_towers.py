"""Two text towers and their vocabularies, as Fooo sees them and as transformers does."""

import importlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import torch

from fooo.catalog import Catalog, LocalModel, ModelKind
from fooo.pipeline import TextEncoders
from fooo.pipeline.texts import Encoded
from fooo.plan import parse, said_first
from fooo.request import Size
from tests.oracle.conftest import networks_of
from tests.vocabulary import write_vocabulary

# Its types say less than is true, so it is taken as untyped here.
transformers: Any = importlib.import_module("transformers")

TOLERANCE = 1e-4
"""Between hidden layers of size 1 to 10. Both sides compute in float32, alone or in batches: measured below 2e-6."""

ONE_TOKEN = ("cat", "dog", "red", "blue")
"""Words that are one token in both vocabularies, so that tests can count."""

_WIDTHS, _LOUDER = (24, 40), 2
"""Of the random towers. Freshly drawn ones hear little: their weights are made twice as large."""
_OFFSET = 0.5
"""Added to what the random towers know of places, so that the mean of what they hear is not nearly 0: the webui's rule
divides by it."""


@dataclass(frozen=True)
class Tower:
    """A tower as transformers sees it. Args: network: `CLIPTextModel`, the second one with projection."""

    tokenizer: Any
    network: Any

    def ids(self, text: str) -> list[int]:
        """The text's tokens, without marks for begin and end."""
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]


@dataclass(frozen=True)
class Towers:
    model: LocalModel
    encoders: TextEncoders
    first: Tower
    second: Tower

    def encode(self, prompt: str) -> Encoded:
        """The first of the prompt's parts, at the first step, as Fooo hears it."""
        saying = said_first(parse(prompt).prompt.parts[0].tree)
        return self.encoders.encode(self.model, [saying])[0]


class Kind(StrEnum):
    POCKET = "pocket"
    RANDOM = "random"


def towers_of(kind: Kind, catalog: Catalog, folder: Path) -> Towers:
    """The pocket model's towers; or random ones, whose files go into the folder."""
    model = catalog.models["pocket/base"] if kind is Kind.POCKET else _write_random_towers(folder / "random")
    first, second = (
        Tower(
            transformers.CLIPTokenizer.from_pretrained(model.folder / f"tokenizer{number}"),
            network.from_pretrained(model.folder / f"text_encoder{number}", dtype=torch.float32).eval(),
        )
        for number, network in (("", transformers.CLIPTextModel), ("_2", transformers.CLIPTextModelWithProjection))
    )
    for tower in (first, second):
        assert all(len(tower.ids(word)) == 1 for word in (*ONE_TOKEN, ",")), "the tests below could not count"
    return Towers(model, networks_of(model, None).encoders, first, second)


def _write_random_towers(folder: Path) -> LocalModel:
    """A model that is two small random towers with a vocabulary of their own, all that reading words needs."""
    words = [" , ".join(ONE_TOKEN)]
    tokens = write_vocabulary(folder / "tokenizer", words)
    write_vocabulary(folder / "tokenizer_2", words, padding="!")
    kinds = (transformers.CLIPTextModel, transformers.CLIPTextModelWithProjection)
    with cast(Any, torch).random.fork_rng():
        cast(Any, torch).manual_seed(0)
        for number, kind, width in zip(("", "_2"), kinds, _WIDTHS, strict=True):
            config = transformers.CLIPTextConfig(
                vocab_size=tokens, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=3,
                num_attention_heads=4, projection_dim=width, hidden_act="gelu" if number else "quick_gelu",
                bos_token_id=tokens - 2, eos_token_id=tokens - 1,
            )  # fmt: skip
            network = kind(config)
            with torch.no_grad():
                for name, weight in network.named_parameters():
                    if weight.ndim > 1:
                        weight.mul_(_LOUDER).add_(_OFFSET if "position" in name else 0)
            network.save_pretrained(folder / f"text_encoder{number}")
    return LocalModel(name="random", kind=ModelKind.SDXL_BASE, folder=folder, native_size=Size(width=64, height=64))
