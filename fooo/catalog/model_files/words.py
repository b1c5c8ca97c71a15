"""Files about words and colours: textual inversions, text encoders, VAEs."""

import re
from pathlib import Path

from fooo.catalog.model_files.contents import Base, Embedding, Layout, TextEncoder, Unknown, Vae
from fooo.catalog.model_files.header import Header
from fooo.catalog.model_files.pieces import require
from fooo.catalog.model_files.towers import require_clip, require_open_clip, require_vae

_BY_TOKEN = {768: Base.SD1, 1024: Base.SD2}
_SDXL = ("clip_l", "clip_g")
_ENDS = ("encoder.conv_in.weight", "decoder.conv_in.weight", "decoder.conv_out.weight", "encoder.conv_out.weight")


def identify_embedding(path: Path, header: Header) -> Embedding | Unknown | None:
    """The learnt tokens that the file holds; None where it holds other things.

    Its tensors are `emb_params` (webui), `string_to_param.*` (the first program), `clip_l` and `clip_g` (SDXL), or one
    under the token's own name (diffusers).

    Raises:
        ModelError: One of SDXL's two is missing.
    """
    if any(name in header.tensors for name in _SDXL):
        require(path, "embedding", [name for name in _SDXL if name not in header.tensors])
        return Embedding(Base.SDXL, _vectors(header, "clip_l"))
    tables = [name for name in header.tensors if re.fullmatch(r"emb_params|string_to_param\..+|<[^<>]+>", name)]
    if not tables and len(header.tensors) == 1 and len(header.shape(min(header.tensors))) in {1, 2}:
        tables = [name for name in header.tensors if header.width(name, -1) in _BY_TOKEN and "." not in name]
    if not tables:
        return None
    base = _BY_TOKEN.get(header.width(tables[0], -1))
    if base is None or not _vectors(header, tables[0]):
        return Unknown("is an embedding for another kind of model than SD 1.x, SD 2.x and SDXL")
    return Embedding(base, _vectors(header, tables[0]))


def _vectors(header: Header, name: str) -> int:
    shape = header.shape(name)
    return shape[0] if len(shape) == 2 else len(shape)


def identify_vae(path: Path, header: Header) -> Vae | Unknown | None:
    """The VAE that the file is; None where it holds no encoder or decoder of pictures.

    Raises:
        ModelError: It lacks tensors.
    """
    prefix = next((each for each in ("first_stage_model.", "vae.", "") if header.has_any(f"{each}decoder.")), None)
    if prefix is None or not any(prefix + end in header.tensors for end in _ENDS):
        return None
    channels = header.width(f"{prefix}decoder.conv_in.weight", 1)
    if header.has_any(f"{prefix}decoder.mid_block.") or header.has_any(f"{prefix}decoder.up_blocks."):
        require(path, "VAE", [end for end in _ENDS if prefix + end not in header.tensors])
        layout = Layout.DIFFUSERS
    else:
        require_vae(path, header, prefix)
        layout = Layout.ORIGINAL
    return Vae(layout) if channels == 4 else Unknown(f"is a VAE with {channels} channels, and SD's have 4")


def identify_text_encoder(path: Path, header: Header) -> TextEncoder | None:
    """The text encoder that the file is, by itself; None where it is none.

    Raises:
        ModelError: It lacks tensors.
    """
    for prefix in ("text_model.", "transformer.text_model.", ""):
        if header.has_any(f"{prefix}embeddings.") and header.has_any(f"{prefix}encoder.layers."):
            require_clip(path, header, prefix)
            return TextEncoder(header.width(prefix + "embeddings.token_embedding.weight", 1), Layout.DIFFUSERS)
    if header.has_any("transformer.resblocks."):
        require_open_clip(path, header, "")
        return TextEncoder(header.width("token_embedding.weight", 1), Layout.ORIGINAL)
    return None
