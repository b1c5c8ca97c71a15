"""A UNet as quick as this device lets it be, with the numbers that it would have given."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.pipeline.speed.block_attention import BlockAttention, suits_block_attention
from fooo.pipeline.speed.compiled_blocks import compile_blocks
from fooo.pipeline.speed.words_once import words_once


@contextmanager
def quick(unet: UNet2DConditionModel, *, compiled: bool) -> Generator[None]:
    """Within it, in its thread, the network is as quick as it can be.

    Args:
        unet: On its device.
        compiled: Whether its blocks are compiled, which stays so.
    """
    if compiled:
        # its compiled blocks remember nothing, and bring attention of their own
        compile_blocks(unet)
        yield
        return
    first = next(unet.parameters())
    with ExitStack() as means:
        means.enter_context(words_once(unet))
        if suits_block_attention(first.device, first.dtype):
            means.enter_context(BlockAttention())
        yield
