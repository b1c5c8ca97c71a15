"""Attention piece by piece, where the device would else hold the whole table of each pixel against each."""

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_QUERIES = 1024
"""In a piece: at 16,384 pixels, as SDXL's VAE has them, its table takes 64 MiB in float32."""


class SlicedAttention(TorchFunctionMode):
    """Within it, in its thread, scaled dot-product attention asks for some pixels at a time.

    Each pixel's answer depends on no other question, so only the rounding of larger matrix products differs.

    Source: Rabe and Staats 2021, "Self-attention Does Not Need O(n^2) Memory", section 2.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is not functional.scaled_dot_product_attention or not _can_be_sliced(*args, **kwargs):
            return func(*args, **kwargs)
        query, key, value = args
        return torch.cat([func(piece, key, value, **kwargs) for piece in query.split(_QUERIES, dim=-2)], dim=-2)


def _can_be_sliced(*args: torch.Tensor, **kwargs: Any) -> bool:
    """Not where it would not help, nor where each pixel may attend to others of the picture."""
    alike = kwargs.get("attn_mask") is None and not kwargs.get("is_causal")
    return len(args) == 3 and alike and args[0].shape[-2] > _QUERIES
