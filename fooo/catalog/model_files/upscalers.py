"""Networks that make a picture larger, told from their tensors' names.

Sources of the names: xinntao/ESRGAN, xinntao/BasicSR, XPixelGroup/HAT, zhengchen1999/DAT, JingyunLiang/SwinIR.
"""

import re
from pathlib import Path

from fooo.catalog.model_files.contents import Upscaler, UpscalerArchitecture
from fooo.catalog.model_files.header import Header
from fooo.catalog.model_files.pieces import both, gaps, lacking, read_pieces, require

_DENSE = {
    UpscalerArchitecture.ESRGAN: (
        re.compile(r"(model\.1\.sub\.\d{1,2}\.RDB[123]\.)(.+)"), both(*(f"conv{number}.0" for number in range(1, 6))),
        both("model.0"),
    ),
    UpscalerArchitecture.ESRGAN_NAMED: (
        re.compile(r"(RRDB_trunk\.\d{1,2}\.RDB[123]\.)(.+)"), both(*(f"conv{number}" for number in range(1, 6))),
        both("conv_first", "trunk_conv", "conv_last"),
    ),
    UpscalerArchitecture.REAL_ESRGAN: (
        re.compile(r"(body\.\d{1,2}\.rdb[123]\.)(.+)"), both(*(f"conv{number}" for number in range(1, 6))),
        both("conv_first", "conv_body", "conv_last"),
    ),
}  # fmt: skip
_MARKS = {
    UpscalerArchitecture.DAT: re.compile(r"before_RG\.1\.weight"),
    UpscalerArchitecture.HAT: re.compile(r"layers\.0\.residual_group\.(?:blocks\.0\.conv_block|overlap_attn)\..*"),
    UpscalerArchitecture.SWIN2SR: re.compile(r"layers\.0\.residual_group\.blocks\.0\.attn\.logit_scale"),
    UpscalerArchitecture.SWINIR: re.compile(r"layers\.0\.residual_group\.blocks\.0\.attn\.qkv\.weight"),
    UpscalerArchitecture.COMPACT: re.compile(r"body\.0\.weight"),
}
_PREFIXES = ("params_ema.", "params.", "model_ema.", "")


def identify_upscaler(path: Path, header: Header) -> Upscaler | None:
    """The upscaler that the file is; None where it is none that is known.

    Raises:
        ModelError: It lacks tensors.
    """
    prefix = next(each for each in _PREFIXES if not each or header.has_any(each))
    names = set(header.below(prefix))
    for architecture, (place, dense, ends) in _DENSE.items():
        if pieces := read_pieces(names, place):
            rows = gaps(piece.rpartition(".")[0].rpartition(".")[0] for piece in pieces)
            require(path, "upscaler", {*lacking(pieces, (dense,)), *(ends - names), *rows})
            return Upscaler(architecture, _scale(header, architecture, prefix, names))
    for architecture, mark in _MARKS.items():
        if any(map(mark.fullmatch, names)):
            return Upscaler(architecture, _scale(header, architecture, prefix, names))
    return None


def _scale(header: Header, architecture: UpscalerArchitecture, prefix: str, names: set[str]) -> int | None:
    """By the steps that double the size, or by the channels that are spread over pixels at the end."""
    match architecture:
        case UpscalerArchitecture.ESRGAN:
            # parts 0 and 1 are the body; each doubling is one convolution; two more make the picture
            convolutions = {name.split(".")[1] for name in names if re.fullmatch(r"model\.\d+\.weight", name)}
            return 2 ** max(0, len(convolutions) - 3)
        case UpscalerArchitecture.ESRGAN_NAMED | UpscalerArchitecture.REAL_ESRGAN:
            doublings = sum(re.fullmatch(r"(?:conv_up|upconv)\d\.weight", name) is not None for name in names)
            # a picture folded into more channels at the beginning is that much smaller there
            folded = round((header.width(f"{prefix}conv_first.weight", 1) / 3) ** 0.5)
            return 2**doublings // max(1, folded)
        case UpscalerArchitecture.COMPACT:
            last = max(
                (int(name.split(".")[1]) for name in names if re.fullmatch(r"body\.\d+\.weight", name)), default=0
            )
            return round((header.width(f"{prefix}body.{last}.weight", 0) / 3) ** 0.5)
        case _:
            widths = [
                header.width(f"{prefix}{name}", 0) for name in names if re.fullmatch(r"upsample\.\d\.weight", name)
            ]
            return 2 ** len(widths) if widths else None
