"""Attention on a processor, block by block, so that the table of each pixel against each never leaves its cache."""

from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_QUERIES = 512
"""Pixels that ask together."""
_SCORES = 2**19
"""Numbers in the table of a block, 1 MiB in bfloat16: what the second cache of a core holds."""
_FEWEST = 256
"""Pixels below which torch's own attention is as quick."""


def suits_block_attention(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether `BlockAttention` is quicker there than torch's own attention.

    That one multiplies bfloat16 on a processor no quicker than float32, unless the processor has tiles (AMX).
    """
    # There is no public question for this one; the private one is guarded so that its absence means no.
    has_tiles = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    return device.type == "cpu" and dtype is torch.bfloat16 and not has_tiles()


class BlockAttention(TorchFunctionMode):
    """Within it, in its thread, scaled dot-product attention is computed with plain matrix products, block by block.

    Differs from torch's own by the rounding of its table to the tensors' own format.

    Source: Rabe and Staats 2021, "Self-attention Does Not Need O(n^2) Memory", section 2.
    """

    def __torch_function__(
        self, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is functional.scaled_dot_product_attention and _is_plain(*args, **kwargs):
            return in_blocks(*args)
        return func(*args, **kwargs)


def in_blocks(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Attention of each query to all keys; shapes (n, heads, queries, width) and twice (n, heads, keys, width)."""
    rows, heads, queries, width = query.shape
    together = max(1, _SCORES // (min(_QUERIES, queries) * key.shape[2]))
    # in memory the heads of a pixel stand side by side: so the layer behind takes it without a copy
    answer = torch.empty((rows, queries, heads, width), dtype=query.dtype, device=query.device).transpose(1, 2)
    for row in range(rows):
        for first in range(0, heads, together):
            some = slice(first, first + together)
            keys, values = key[row, some].transpose(-1, -2), value[row, some]
            for start in range(0, queries, _QUERIES):
                asking = slice(start, start + _QUERIES)
                scores = (query[row, some, asking] * width**-0.5) @ keys
                answer[row, some, asking] = scores.softmax(-1) @ values
    return answer


def _is_plain(
    *args: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    **others: object,
) -> bool:
    """Whether every query attends to every key as usual, and there are enough of them to pay."""
    usual = attn_mask is None and not dropout_p and not is_causal and not others
    return usual and len(args) == 3 and args[0].ndim == 4 and args[0].shape[-2] >= _FEWEST
