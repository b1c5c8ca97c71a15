"""VAEs and text encoders, told from their tensors' names: whether they are there, and whole."""

import re
from collections.abc import Iterable
from pathlib import Path

from fooo.catalog.model_files.header import Header
from fooo.catalog.model_files.pieces import Leaves, both, gaps, lacking, read_pieces, require

_CLIP_PLACE = re.compile(r"(.*\blayers\.\d{1,3}\.)(.+)")
_CLIP_LAYER = both(
    "layer_norm1", "layer_norm2", "mlp.fc1", "mlp.fc2",
    "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj",
)  # fmt: skip
_CLIP_ENDS = both("final_layer_norm") | {"embeddings.token_embedding.weight", "embeddings.position_embedding.weight"}

_OPEN_CLIP_PLACE = re.compile(r"(transformer\.resblocks\.\d{1,3}\.)(.+)")
_OPEN_CLIP_LAYER = both("ln_1", "ln_2", "mlp.c_fc", "mlp.c_proj", "attn.out_proj") | {
    "attn.in_proj_weight", "attn.in_proj_bias",
}  # fmt: skip
_OPEN_CLIP_ENDS = both("ln_final") | {"token_embedding.weight", "positional_embedding"}

_VAE_PLACE = re.compile(
    r"((?:en|de)coder\.(?:mid\.\w+|(?:down|up)\.\d{1,2}\.(?:block\.\d{1,2}|downsample|upsample))\.)(.+)"
)
_VAE_KINDS = (both("norm1", "conv1", "norm2", "conv2"), both("norm", "q", "k", "v", "proj_out"), both("conv"))
_VAE_MIDDLE = ("mid.block_1", "mid.attn_1", "mid.block_2")
_VAE_ENDS = both(*(f"{side}.{end}" for side in ("encoder", "decoder") for end in ("conv_in", "norm_out", "conv_out")))


def require_clip(path: Path, header: Header, prefix: str) -> None:
    """A text encoder in transformers' names is whole.

    Raises:
        ModelError: It lacks tensors.
    """
    _require(path, "text encoder", set(header.below(prefix)), _CLIP_PLACE, (_CLIP_LAYER,), _CLIP_ENDS)


def require_open_clip(path: Path, header: Header, prefix: str) -> None:
    """A text encoder in OpenCLIP's names is whole.

    Raises:
        ModelError: It lacks tensors.
    """
    _require(path, "text encoder", set(header.below(prefix)), _OPEN_CLIP_PLACE, (_OPEN_CLIP_LAYER,), _OPEN_CLIP_ENDS)


def require_vae(path: Path, header: Header, prefix: str) -> None:
    """A VAE in the original layout is whole, encoder and decoder.

    Raises:
        ModelError: It lacks tensors.
    """
    names = set(header.below(prefix))
    pieces = read_pieces(names, _VAE_PLACE)
    middle = [f"{side}.{piece}." for side in ("encoder", "decoder") for piece in _VAE_MIDDLE]
    missing = {*(_VAE_ENDS - names), *lacking(pieces, _VAE_KINDS), *gaps(pieces), *(set(middle) - set(pieces))}
    require(path, "VAE", missing)


def _require(
    path: Path, part: str, names: set[str], place: re.Pattern[str], kinds: Iterable[Leaves], ends: Leaves
) -> None:
    pieces = read_pieces(names, place)
    require(path, part, {*(ends - names), *lacking(pieces, kinds), *gaps(pieces)})
