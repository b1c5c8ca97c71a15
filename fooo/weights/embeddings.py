"""Textual inversions: words that a tower was never taught, as the vectors that stand for them."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch

from fooo.catalog import LocalModel
from fooo.catalog.identify import identify_file
from fooo.catalog.model_files.contents import Embedding
from fooo.errors import ModelError
from fooo.weights.part import Part
from fooo.weights.tensor_file import open_tensors

_SDXL = {"clip_l": Part.TEXT_ENCODER, "clip_g": Part.TEXT_ENCODER_2}
_ONE_TOWER = re.compile(r"emb_params|string_to_param\..+|<[^<>]+>")
"""The webui's name, the first program's, and diffusers', which is the word itself."""


def read_embedding(file: Path, model: LocalModel) -> Mapping[Part, torch.Tensor]:
    """The vectors that each of the model's towers takes for the word, shape (tokens, width); all of one length.

    Source: Gal et al. 2022, "An Image is Worth One Word", section 3.

    Raises:
        ModelError: The file is missing, damaged, no embedding, or made for another kind of model.
    """
    contents = identify_file(file).contents
    if not isinstance(contents, Embedding):
        raise ModelError(file, "is no embedding that Fooo can read", "choose another one")
    if contents.base is not model.kind.base:
        problem = f"is an embedding for {contents.base}, and {model.name} is an {model.kind.base} model"
        raise ModelError(file, problem, "leave it out, or choose a model that it is made for")
    with open_tensors(file) as opened:
        tables = {part: opened.read(name) for name, part in _SDXL.items() if name in opened.names}
        if not tables:
            name = next(filter(_ONE_TOWER.fullmatch, opened.names), opened.names[0])
            tables = {Part.TEXT_ENCODER: opened.read(name)}
    vectors = {part: table.reshape(-1, table.shape[-1]) for part, table in tables.items()}
    if len({len(table) for table in vectors.values()}) != 1:
        raise ModelError(file, "is damaged: it takes more words of one text encoder than of the other", "copy it again")
    return vectors
