"""Upscalers' tensors under today's names: ESRGAN's dense network was published in three spellings.

Sources of the names: xinntao/ESRGAN (two of them) and xinntao/Real-ESRGAN.
"""

import re
from collections.abc import Iterable, Mapping

import torch

from fooo.catalog.model_files.contents import UpscalerArchitecture

Tensors = Mapping[str, torch.Tensor]

_PREFIXES = ("params_ema.", "params.", "model_ema.")
_NAMED = (
    (r"RRDB_trunk\.(\d+)\.RDB(\d)\.", r"body.\1.rdb\2."),
    (r"trunk_conv\.", "conv_body."),
    (r"upconv(\d)\.", r"conv_up\1."),
    (r"HRconv\.", "conv_hr."),
)
_NUMBERED = (
    (r"model\.0\.", "conv_first."),
    (r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.", r"body.\1.rdb\2.conv\3."),
    (r"model\.1\.sub\.\d+\.(?=weight|bias)", "conv_body."),
)


def todays_names(tensors: Tensors, architecture: UpscalerArchitecture) -> Tensors:
    """The tensors under the names that the networks of `networks.py` have; unknown ones under their own."""
    prefix = next((each for each in _PREFIXES if any(name.startswith(each) for name in tensors)), "")
    plain = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    match architecture:
        case UpscalerArchitecture.ESRGAN:
            spellings = (*_NUMBERED, *_ends(plain))
        case UpscalerArchitecture.ESRGAN_NAMED:
            spellings = _NAMED
        case _:
            spellings = ()
    return {_spelt(name, spellings): tensor for name, tensor in plain.items()}


def _ends(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Behind the body, `model.3` and on: the doublings, as many as there are, and the last two convolutions."""
    found = {int(match[1]) for name in names if (match := re.fullmatch(r"model\.(\d+)\.weight", name))}
    numbers = sorted(found - {0})
    doublings = [f"conv_up{number}" for number in range(1, len(numbers) - 1)]
    ends = [*doublings, "conv_hr", "conv_last"][-len(numbers) :]
    return tuple((rf"model\.{number}\.", f"{name}.") for number, name in zip(numbers, ends, strict=False))


def _spelt(name: str, spellings: Iterable[tuple[str, str]]) -> str:
    return next((re.sub(old, new, name) for old, new in spellings if re.match(old, name)), name)
