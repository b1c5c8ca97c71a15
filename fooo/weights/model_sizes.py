"""How large the networks of models are, by the headers of their files."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import prod
from pathlib import Path

from fooo.catalog import LocalModel, part_files
from fooo.catalog.model_files.header import Header, read_header
from fooo.weights.memory_policy import ModelSizes
from fooo.weights.part import Part
from fooo.weights.single_file import network_prefix
from fooo.weights.tensor_file import FileState, file_state


def model_sizes(
    base: LocalModel, others: Sequence[LocalModel] = (), vae: Path | None = None, *, pixels: int
) -> ModelSizes:
    """Of everything that a picture is drawn with.

    Args:
        base: Whose text encoders are heard, and whose VAE decodes.
        others: Whose UNets work on the picture too.
        vae: A file that decodes in place of the base's own.
        pixels: Of the picture.

    Raises:
        ModelError: A file is missing or damaged.
    """
    parts = _numbers_by_part(base)
    unets = (parts.get(Part.UNET, 0), *(_numbers_by_part(model).get(Part.UNET, 0) for model in others))
    return ModelSizes(
        unets=unets,
        towers=tuple(filter(None, (parts.get(part) for part in (Part.TEXT_ENCODER, Part.TEXT_ENCODER_2)))),
        vae=parts.get(Part.VAE, 0) if vae is None else _numbers_below(read_header(vae), ""),
        pixels=pixels,
    )


def _numbers_by_part(model: LocalModel) -> Mapping[Part, int]:
    """In each network that the model has."""
    return _counted(model, tuple(file_state(file) for file in model.weight_files))


@lru_cache(maxsize=32)
def _counted(model: LocalModel, _states: tuple[FileState, ...]) -> Mapping[Part, int]:
    """Read for every picture, the headers would take as long as a step of a small model."""
    networks = (Part.UNET, Part.TEXT_ENCODER, Part.TEXT_ENCODER_2, Part.VAE)
    if model.file is None:
        files = {part: part_files(model.folder / part) for part in networks}
        return {part: sum(_numbers_below(read_header(file), "") for file in found) for part, found in files.items()}
    header = read_header(model.file)
    prefixes = {part: network_prefix(header.names, model.kind.base, part) for part in networks}
    return {part: _numbers_below(header, prefix) for part, prefix in prefixes.items() if prefix is not None}


def _numbers_below(header: Header, prefix: str) -> int:
    return sum(prod(header.shape(prefix + name)) for name in header.below(prefix))
