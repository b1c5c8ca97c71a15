"""A UNet as a denoiser: noisy latents in, the guess of the clean latents out."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.latents import Latents
from fooo.pipeline.noise_levels import NoiseLevels, Prediction

_REMEMBERED = 8
"""Groups of conditionings that are kept stacked; words that change at every step make a new one each time."""


class Row(NamedTuple):
    """Whose guess a row of a network call is; the same at every step. Args: picture: Its number in the loop."""

    picture: int
    call: str


class Denoiser(Protocol):
    def guess(
        self,
        latents: Latents,
        sigmas: Sequence[float],
        conditionings: Sequence[Conditioning],
        of: Sequence[Row],
    ) -> Latents:
        """The clean latents behind `latents`.

        Args:
            latents: Shape (n, 4, h, w), float32.
            sigmas: The noise level of each row, n values.
            conditionings: What each row is conditioned on, n values with contexts of equal length.
            of: Whose guess each row is, n values; of a picture all that it wants guessed at this noise level.

        Returns:
            float32, the shape of `latents`.
        """
        ...


class UnetDenoiser:
    """Guesses in as few network calls as can carry all rows.

    Args:
        unet: SDXL's base or refiner.
        levels: What it was trained at.
        most_rows: In one network call.
    """

    def __init__(self, unet: UNet2DConditionModel, levels: NoiseLevels, most_rows: int) -> None:
        self._unet, self._levels, self._most_rows = unet, levels, most_rows
        # a UNet that is asked itself looks through all of its layers, which takes a small one as long as a guess
        first = next(unet.parameters())
        self._device, self._dtype = first.device, first.dtype
        self._stacked: dict[tuple[Conditioning, ...], dict[str, Any]] = {}

    def guess(
        self,
        latents: Latents,
        sigmas: Sequence[float],
        conditionings: Sequence[Conditioning],
        of: Sequence[Row],
    ) -> Latents:
        """As `Denoiser.guess`.

        Source: Karras et al. 2022, table 1, column "VP", with the network scaled to see a spread of 1; for V:
        Salimans and Ho 2022, "Progressive Distillation for Fast Sampling of Diffusion Models", section 4.
        """
        starts = range(0, len(of), self._most_rows)
        parts = [slice(start, start + self._most_rows) for start in starts]
        return torch.cat([self._guess(latents[part], sigmas[part], conditionings[part]) for part in parts])

    def _guess(self, latents: Latents, sigmas: Sequence[float], conditionings: Sequence[Conditioning]) -> Latents:
        # the numbers of all rows go to the device at once, and are worked out before: small sums are dear in tensors
        scales = {sigma: self._scales(sigma) for sigma in set(sigmas)}
        numbers = torch.tensor([scales[each] for each in sigmas], dtype=torch.float32, device=self._device)
        times, c_in, c_skip, c_out = numbers.view(-1, 4, 1, 1, 1).unbind(1)
        output = self._unet(
            (latents * c_in).to(self._dtype),
            times.flatten(),
            **self._told(tuple(conditionings)),
            return_dict=False,
        )[0].float()
        return torch.addcmul(latents * c_skip, output, c_out)

    def _scales(self, sigma: float) -> tuple[float, float, float, float]:
        """The training step, and what the network's input, the latents and its output are multiplied with."""
        variance = sigma**2 + 1
        c_in = variance**-0.5
        match self._levels.prediction:
            case Prediction.EPSILON:
                c_skip, c_out = 1.0, -sigma
            case Prediction.V:
                c_skip, c_out = 1 / variance, -sigma * c_in
        return self._levels.time(sigma), c_in, c_skip, c_out

    def _told(self, conditionings: tuple[Conditioning, ...]) -> dict[str, Any]:
        """What the network is told in all rows; at most steps the same as at the step before."""
        if conditionings not in self._stacked:
            if len(self._stacked) == _REMEMBERED:
                self._stacked.clear()
            device, dtype = self._device, self._dtype
            self._stacked[conditionings] = {
                "encoder_hidden_states": torch.cat([each.context for each in conditionings]).to(device, dtype),
                "added_cond_kwargs": {
                    "text_embeds": torch.cat([each.pooled for each in conditionings]).to(device, dtype),
                    "time_ids": torch.cat([each.numbers for each in conditionings]).to(device, dtype),
                    "perturbed": [each.perturbed for each in conditionings],
                },
            }
        return self._stacked[conditionings]
