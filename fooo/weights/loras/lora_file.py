"""A LoRA's file: which weights of a network it changes, and how."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from torch import nn

from fooo.catalog import LocalModel
from fooo.catalog.identify import identify_file
from fooo.catalog.model_files.bounded_json import read_json
from fooo.catalog.model_files.contents import Lora
from fooo.errors import ModelError
from fooo.weights.loras.deltas import Change
from fooo.weights.loras.names import modules_by_flat_name, place_of
from fooo.weights.part import Part
from fooo.weights.tensor_file import open_tensors

_BIAS = "bias"
"""The difference of a module's bias, as it is."""
_LEAVES = {
    **dict.fromkeys(
        (".lora_down.weight", ".lora_A.weight", ".lora_A.default.weight", ".lora.down.weight", "_lora.down.weight",
         ".lora_linear_layer.down.weight"), "down",
    ),
    **dict.fromkeys(
        (".lora_up.weight", ".lora_B.weight", ".lora_B.default.weight", ".lora.up.weight", "_lora.up.weight",
         ".lora_linear_layer.up.weight"), "up",
    ),
    ".lora_mid.weight": "mid",
    ".alpha": "alpha",
    **{f".hada_{name}": f"hada_{name}" for name in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")},
    **{f".lokr_{name}": f"lokr_{name}" for name in ("w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b", "t2")},
    **dict.fromkeys((".diff", ".w_norm"), "whole"),
    **dict.fromkeys((".diff_b", ".b_norm"), _BIAS),
    ".dora_scale": "lengths",
    **dict.fromkeys(
        (".lora_magnitude_vector", ".lora_magnitude_vector.weight", ".lora_magnitude_vector.default.weight"),
        "output_lengths",
    ),
}  # fmt: skip
_ENDING = re.compile(f"({'|'.join(sorted(map(re.escape, _LEAVES), key=len, reverse=True))})$")
_PLAIN_NAME = re.compile(r"\^?[\w.]+")
"""Of a module, or the end of one. Peft takes any pattern; those of strangers could take forever."""
_LEARNT_WORDS = "bundle_emb."
"""Embeddings that came with a LoRA: they change no weight, and no prompt can name them."""


@dataclass(frozen=True, slots=True)
class LoraUse:
    """A LoRA's file and how strongly it counts; below 0 it changes the other way round."""

    file: Path
    weight: float


Changes = Mapping[str, list[tuple[Change, float]]]
"""By the name of a weight: what changes it, and how strongly."""


@dataclass(frozen=True, slots=True)
class _Strength:
    """How strongly a file's changes count.

    Attributes:
        alpha: Where a change has none of its own; None: its rank.
        alphas: Of modules that have another one, by their names or, as peft takes them too, by the ends of these.
        by_root: See `Change`.
    """

    alpha: float | None
    alphas: Mapping[str, float]
    by_root: bool

    def alpha_of(self, module: str) -> float | None:
        """Args: module: Its name in the file, with dots."""
        return next((alpha for end, alpha in self.alphas.items() if f".{module}".endswith(f".{end}")), self.alpha)


def changes_of(uses: Iterable[LoraUse], model: LocalModel, part: Part, network: nn.Module) -> Changes:
    """What the LoRAs change in one network of a model, in their order.

    Raises:
        ModelError: A file is missing or damaged, is made for another kind of model, or holds what cannot be applied.
    """
    names, there = modules_by_flat_name(network), {name for name, _ in network.named_parameters()}
    changes: dict[str, list[tuple[Change, float]]] = {}
    for use in uses:
        check_base(use.file, model)
        for (flat, leaf), change in read_changes(use.file, part).items():
            name = f"{names[flat]}.{leaf}" if flat in names else ""
            if name not in there:
                problem = f"changes a part that {model.name} does not have ({flat})"
                raise ModelError(use.file, problem, "leave it out, or choose a model that it is made for")
            changes.setdefault(name, []).append((change, use.weight))
    return changes


def check_base(file: Path, model: LocalModel) -> None:
    """Raises: ModelError: The file is no LoRA that Fooo can apply, or is made for another kind of model."""
    contents = identify_file(file).contents
    if not isinstance(contents, Lora):
        raise ModelError(file, "is no LoRA that Fooo can read", "choose another one")
    if contents.base not in {None, model.kind.base}:
        problem = f"is made for {contents.base}, and {model.name} is an {model.kind.base} model"
        raise ModelError(file, problem, "leave it out, or choose a model that it is made for")


def read_changes(file: Path, part: Part) -> dict[tuple[str, str], Change]:
    """The changes of one network, by the flat names of its modules and whether it is the weight or the bias.

    Raises:
        ModelError: The file is missing or damaged, or holds what cannot be applied.
    """
    changes: dict[tuple[str, str], Change] = {}
    with open_tensors(file) as opened:
        strength = _strength(file, part, opened.metadata)
        for flat, leaves in _by_module(file, opened.names, part).items():
            tensors = {leaf: opened.read(name) for leaf, name in leaves.items()}
            alpha = tensors.pop("alpha", None)
            if alpha is None:
                alpha = strength.alpha_of(_ENDING.sub("", next(iter(leaves.values()))))
            bias = tensors.pop(_BIAS, None)
            if bias is not None:
                changes[flat, "bias"] = Change(file, flat, {"whole": bias})
            if tensors:
                by_rank = None if alpha is None else float(alpha)
                changes[flat, "weight"] = Change(file, flat, tensors, by_rank, strength.by_root)
    return changes


def _by_module(file: Path, names: Iterable[str], part: Part) -> dict[str, dict[str, str]]:
    """The names of each module's tensors, by what they are to it."""
    modules: dict[str, dict[str, str]] = {}
    for name in names:
        if name.startswith(_LEARNT_WORDS):
            continue
        ending = _ENDING.search(name)
        if ending is None:
            raise ModelError(file, f"holds a kind of change that Fooo cannot apply ({name})", "leave it out")
        where, flat = place_of(name[: ending.start()])
        if where is part:
            modules.setdefault(flat, {})[_LEAVES[ending[1]]] = name
    return modules


def _strength(file: Path, part: Part, metadata: Mapping[str, str]) -> _Strength:
    """What diffusers writes in the header instead of an alpha for each change; None where nothing is said."""
    try:
        said = cast(dict[str, Any], read_json(metadata.get("lora_adapter_metadata", "{}").encode()))
        alpha = said.get(f"{part}.lora_alpha")
        alphas = cast(dict[str, Any], said.get(f"{part}.alpha_pattern") or {})
        if all(map(_PLAIN_NAME.fullmatch, alphas)):
            by_root = bool(said.get(f"{part}.use_rslora")) or _trained_by_root(metadata)
            of_modules = {end.removeprefix("^"): float(each) for end, each in alphas.items()}
            return _Strength(None if alpha is None else float(alpha), of_modules, by_root)
    except (ValueError, TypeError, AttributeError):
        pass
    raise ModelError(file, "says in a way that Fooo does not know how strong its changes are", "leave it out")


def _trained_by_root(metadata: Mapping[str, str]) -> bool:
    """What LyCORIS writes among a training's other choices, which nobody needs."""
    try:
        chosen = cast(dict[str, Any], read_json(metadata.get("ss_network_args", "{}").encode()))
        return str(chosen.get("rs_lora")).lower() in {"true", "1"}
    except (ValueError, AttributeError):
        return False
