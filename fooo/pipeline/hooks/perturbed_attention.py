"""Perturbed-attention guidance: away from the guess of a network that cannot see its picture as a whole."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, cast

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import nn

from fooo.events import LegName
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.guidance import Guesses, Scale
from fooo.pipeline.hooks.hook import Hook
from fooo.pipeline.moment import Call, CallName, Moment

PERTURBED = "perturbed"
"""The call in which each place of the deepest features attends to itself alone."""


_REMEMBERED = 32
"""Conditionings."""


class PerturbedAttention(Hook):
    """Asks for a further guess with the first prompt, and leads all guesses away from it.

    It works without a negative guess too, and goes before hooks that make one guess of several.

    Args:
        scale: At each noise level; 0 asks for no further guess. Its authors advise 3.

    Source: Ahn et al. 2024, "Self-Rectifying Diffusion Sampling with Perturbed-Attention Guidance", section 4; the
    perturbed layers are the self-attention of the UNet's middle block.
    """

    # it mends how a picture is laid out, which is done when the refiner comes
    legs: ClassVar[frozenset[LegName]] = frozenset({LegName.BASE})

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        # one object at every step, so that the network need not hear its words anew
        self._perturbed = lru_cache(maxsize=_REMEMBERED)(_perturbed)

    def calls(self, wanted: Sequence[Call], moment: Moment) -> Sequence[Call]:
        if self._scale(moment.sigma) == 0:
            return wanted
        words = next(call.conditioning for call in wanted if call.name == CallName.POSITIVE)
        return [*wanted, Call(name=PERTURBED, conditioning=self._perturbed(words))]

    def guide(self, guesses: Guesses, moment: Moment) -> Guesses:
        if PERTURBED not in guesses:
            return guesses
        # whatever the guidance makes of the others, their common way stays in it once
        away = (guesses[CallName.POSITIVE] - guesses[PERTURBED]) * self._scale(moment.sigma)
        return {name: guess + away for name, guess in guesses.items() if name != PERTURBED}

    @contextmanager
    def patch(self, unet: UNet2DConditionModel) -> Generator[None]:
        """Within it, the middle block attends as usual but in rows whose conditioning is perturbed."""
        rows = _Rows()
        attentions = (block.attn1 for each in cast(Any, unet).mid_block.attentions for block in each.transformer_blocks)
        with ExitStack() as undo:
            undo.callback(unet.register_forward_pre_hook(rows.read, with_kwargs=True).remove)
            for attention in attentions:
                undo.callback(cast(nn.Module, attention).register_forward_hook(rows.perturb).remove)
            yield


def _perturbed(words: Conditioning) -> Conditioning:
    return replace(words, perturbed=True)


class _Rows:
    """Which rows of the network call at hand are perturbed."""

    def __init__(self) -> None:
        self._perturbed: Sequence[bool] = ()

    def read(self, _unet: nn.Module, _inputs: tuple[Any, ...], told: dict[str, Any]) -> None:
        self._perturbed = told["added_cond_kwargs"]["perturbed"]

    def perturb(self, attention: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
        """The layer's output; where each place attends to itself alone, it is what that place has to tell."""
        if not any(self._perturbed):
            return output
        layer = cast(Any, attention)
        alone = layer.to_out[0](layer.to_v(inputs[0]))
        rows = torch.tensor(self._perturbed, device=output.device).view(-1, 1, 1)
        return torch.where(rows, alone, output)
