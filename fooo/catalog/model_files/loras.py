"""LoRA and its kin: small changes to the weights of a base model.

Names of the tensors: kohya-ss/sd-scripts and LyCORIS (`lora_unet_..._attn2_to_k.lora_down.weight`), diffusers and peft
(`unet....attn2.to_k.lora_A.weight`).
"""

import re
from dataclasses import dataclass
from math import prod
from pathlib import Path

from fooo.catalog.model_files.contents import Base, Layout, Lora, LoraAlgorithm, Unknown
from fooo.catalog.model_files.header import AGAIN, Header
from fooo.catalog.model_files.pieces import require
from fooo.errors import ModelError


@dataclass(frozen=True, slots=True)
class _Form:
    """How an algorithm's tensors are called. Args: suffixes: Behind a module's name, those that it has to have.

    The first tensor's axes are the rank and the width of what the module takes in. LoKr has two factors instead, each
    whole or split in `_a` and `_b`; the widths of both, multiplied, are the module's.
    """

    algorithm: LoraAlgorithm
    layout: Layout
    suffixes: tuple[str, ...]


_FORMS = (
    _Form(LoraAlgorithm.LORA, Layout.ORIGINAL, (".lora_down.weight", ".lora_up.weight")),
    _Form(LoraAlgorithm.LORA, Layout.DIFFUSERS, (".lora_A.weight", ".lora_B.weight")),
    _Form(LoraAlgorithm.LORA, Layout.DIFFUSERS, (".lora_A.default.weight", ".lora_B.default.weight")),
    _Form(LoraAlgorithm.LORA, Layout.DIFFUSERS, (".lora.down.weight", ".lora.up.weight")),
    _Form(LoraAlgorithm.LORA, Layout.DIFFUSERS, ("_lora.down.weight", "_lora.up.weight")),
    _Form(LoraAlgorithm.LORA, Layout.DIFFUSERS, (".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight")),
    _Form(LoraAlgorithm.LOHA, Layout.ORIGINAL, (".hada_w1_b", ".hada_w1_a", ".hada_w2_b", ".hada_w2_a")),
    _Form(LoraAlgorithm.LOKR, Layout.ORIGINAL, (".lokr_w1", ".lokr_w2")),
    _Form(LoraAlgorithm.FULL, Layout.ORIGINAL, (".diff",)),
)
_FULL = _FORMS[-1]
"""Of a whole file; others hold some of them too, such as those of norms and biases."""
_BY_SUFFIX = {suffix: form for form in _FORMS for suffix in form.suffixes}
_SUFFIX = re.compile(f"({'|'.join(map(re.escape, _BY_SUFFIX))})(?:_[ab])?$")
_UNREAD = re.compile(r"\.(oft_blocks|oft_diag|on_input|b2\.weight)$")
_UNREAD_NAMES = {"on_input": "IA3", "b2.weight": "GLoRA"}

_CROSS = re.compile(r"attn2[._](?:processor\.)?to_[kv](?:_lora)?(?=[._])")
_WIDTHS = {768: Base.SD1, 1024: Base.SD2, 2048: Base.SDXL, 1280: Base.SDXL_REFINER}
"""Of the words that guide a UNet's attention; up to 1024 also of the text encoder itself."""

_OTHER_FAMILIES = (
    "double_blocks", "single_blocks", "single_transformer_blocks", "joint_blocks", "lora_te3_", "text_encoder_3.",
    "adaLN", "cross_attn", "\ntransformer.",
)  # fmt: skip
"""In names; a new line stands before each."""

_OTHER_SAID = re.compile(
    r"flux|stable-diffusion-3|sd_?3|hunyuan|wan|lumina|auraflow|pixart|chroma|cascade", re.IGNORECASE
)
_SAID = (
    (re.compile(r"xl.*refiner", re.IGNORECASE), Base.SDXL_REFINER),
    (re.compile(r"xl|pony|illustrious|noob", re.IGNORECASE), Base.SDXL),
    (re.compile(r"(?:sd|diffusion)[-_ ]?v?2", re.IGNORECASE), Base.SD2),
    (re.compile(r"(?:sd|diffusion)[-_ ]?v?1", re.IGNORECASE), Base.SD1),
)


def identify_lora(path: Path, header: Header) -> Lora | Unknown | None:
    """What the file changes; None where it holds no such changes, or a glance at its header does not tell.

    Raises:
        ModelError: It lacks tensors, or has rank 0.
    """
    form = _form_of(header)
    if form is None:
        unread = next((match[1] for name in header.tensors if (match := _UNREAD.search(name))), None)
        return (
            Unknown(f"is a LoRA written as {_UNREAD_NAMES.get(unread, 'OFT')}, which Fooo cannot read")
            if unread
            else None
        )
    if header.is_whole and form is not _FULL:
        _require_whole_modules(path, header, form)
    said = " ".join(header.metadata.get(key, "") for key in ("modelspec.architecture", "ss_base_model_version"))
    names = "\n".join(("", *header.names))
    if _OTHER_SAID.search(said) or any(mark in names for mark in _OTHER_FAMILIES):
        return Unknown("is a LoRA for another kind of model than SD 1.x, SD 2.x and SDXL")
    base = _base_by_widths(header, form) or next((base for pattern, base in _SAID if pattern.search(said)), None)
    if not header.is_whole and base is None:
        return None
    return Lora(
        base=base or _base_by_names(header),
        layout=form.layout,
        algorithm=form.algorithm,
        rank=_rank(header, form),
        has_magnitudes=any(name.endswith((".dora_scale", ".lora_magnitude_vector")) for name in header.tensors),
    )


def _form_of(header: Header) -> _Form | None:
    found = (_BY_SUFFIX[match[1]] for name in header.tensors if (match := _SUFFIX.search(name)))
    first = next(found, None)
    return first if first is not _FULL else next((form for form in found if form is not _FULL), _FULL)


def _modules(header: Header, suffix: str) -> set[str]:
    return {name.removesuffix(suffix) for name in header.tensors if name.endswith(suffix)}


def _require_whole_modules(path: Path, header: Header, form: _Form) -> None:
    """Every module has each of its tensors, and a rank."""
    there = {suffix: _modules(header, suffix) for suffix in form.suffixes}
    every = set[str]().union(*there.values())
    if form.algorithm is LoraAlgorithm.LOKR:
        for suffix in form.suffixes:
            a, b = _modules(header, f"{suffix}_a"), _modules(header, f"{suffix}_b")
            there[suffix] |= a & b
            every |= a | b
    require(path, "changes", [module + suffix for suffix, some in there.items() for module in every - some])
    for module in every:
        first, second = (header.shape(module + suffix) for suffix in form.suffixes[:2])
        if 0 in first:
            raise ModelError(path, f"has rank 0 at {module}: it changes nothing", "get another version of it")
        if form.algorithm is LoraAlgorithm.LORA and first[:1] != second[1:2]:
            raise ModelError(path, f"is damaged: its two factors of {module} do not fit", AGAIN)


def _base_by_widths(header: Header, form: _Form) -> Base | None:
    """By the width of the words that cross attention takes in; else by that of the text encoder."""
    words = (name for name in header.tensors if _CROSS.search(name))
    width = next((width for name in words if (width := _input_width(header, form, name))), 0)
    if not width and (header.has_any("lora_te_") or header.has_any("text_encoder.")):
        inner = (name for name in header.tensors if "text_model" in name and re.search(r"q_proj|fc1", name))
        width = next((width for name in inner if (width := _input_width(header, form, name))), 0)
        return _WIDTHS.get(width) if width <= 1024 and not header.has_any("text_encoder_2.") else None
    return _WIDTHS.get(width)


def _input_width(header: Header, form: _Form, name: str) -> int:
    """Of the module that a tensor belongs to; 0 where the tensor is not one that tells it."""
    if not (match := _SUFFIX.search(name)):
        return 0
    module = name[: match.start()]
    if form.algorithm is LoraAlgorithm.LOKR:
        return prod(header.width(module + s, 1) or header.width(f"{module}{s}_b", 1) for s in form.suffixes)
    return header.width(module + form.suffixes[0], 1)


def _base_by_names(header: Header) -> Base | None:
    """SDXL alone has a second text encoder, and more than one transformer block in a row."""
    marks = re.compile(r"^lora_te[12]_|text_encoder_2\.|transformer_blocks[._][1-9]")
    return Base.SDXL if any(marks.search(name) for name in header.tensors) else None


def _rank(header: Header, form: _Form) -> int | None:
    if form is _FULL:
        return None
    suffixes = (".lokr_w2_b", ".lokr_w1_b") if form.algorithm is LoraAlgorithm.LOKR else form.suffixes[:1]
    names = (name for suffix in suffixes for name in header.tensors if name.endswith(suffix))
    return next((header.width(name, 0) for name in names), None)
