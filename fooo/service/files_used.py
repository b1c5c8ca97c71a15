"""Which files a picture was drawn with beside its models, as its record names them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from fooo.catalog import Catalog
from fooo.catalog.shelf import FileHashes
from fooo.errors import ModelError
from fooo.plan import Enlarge, Generate, Mend, Plan, Shot, parse
from fooo.plan.names import all_leaves
from fooo.plan.prompt.grammar import Embedding
from fooo.record import ModelUsed, UsedAs


class FilesUsed:
    """Names LoRAs, embeddings, VAEs and upscalers; their hashes are computed beside the drawing, never before it.

    Args:
        hashes: Those that are known.
    """

    def __init__(self, hashes: FileHashes) -> None:
        self._hashes = hashes
        self._learning: threading.Thread | None = None

    def of(self, shot: Shot, catalog: Catalog) -> tuple[ModelUsed, ...]:
        """Each once; without its hash where that is not known yet."""
        paths = _paths(catalog)
        return tuple(
            ModelUsed(
                name=name,
                kind=kind,
                sha256=self._hashes.known_sha256(path) if (path := paths[kind].get(name)) else None,
            )
            for kind, name in dict.fromkeys(_names(shot))
        )

    def learn(self, plan: Plan, catalog: Catalog) -> None:
        """Compute the hashes of the plan's files that are not known, in a thread of its own, one at a time."""
        if self._learning and self._learning.is_alive():
            return
        paths = _paths(catalog)
        used = {paths[kind].get(name) for shot in plan.shots for kind, name in _names(shot)}
        unknown = [path for path in used if path and self._hashes.known_sha256(path) is None]
        if unknown:
            self._learning = threading.Thread(target=self._hash, args=(unknown,), name="fooo-hashes", daemon=True)
            self._learning.start()

    def _hash(self, paths: list[Path]) -> None:
        for path in paths:
            with suppress(ModelError):  # it was taken away meanwhile
                self._hashes.sha256(path)


def _paths(catalog: Catalog) -> Mapping[UsedAs, Mapping[str, Path]]:
    return {
        UsedAs.LORA: catalog.loras,
        UsedAs.EMBEDDING: catalog.embeddings,
        UsedAs.VAE: catalog.vaes,
        UsedAs.UPSCALER: {name: file.path for name, file in catalog.shelf.upscalers.items()},
    }


def _names(shot: Shot) -> Iterator[tuple[UsedAs, str]]:
    for each in shot.passes:
        match each:
            case Generate():
                yield from _names_in(each)
            case Mend():
                yield from _names_in(each.generate)
            case Enlarge():
                yield UsedAs.UPSCALER, each.upscaler
            case _:
                pass
    for text in (shot.texts.positive, shot.texts.negative):
        for leaf in all_leaves(parse(text).prompt):
            if isinstance(leaf, Embedding):
                yield UsedAs.EMBEDDING, leaf.name


def _names_in(generate: Generate) -> Iterator[tuple[UsedAs, str]]:
    for lora in generate.loras:
        if lora.unet_weight or lora.text_weight:
            yield UsedAs.LORA, lora.name
    if generate.vae:
        yield UsedAs.VAE, generate.vae
