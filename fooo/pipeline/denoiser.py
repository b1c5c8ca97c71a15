"""A UNet as a denoiser: noisy latents in, the guess of the clean latents out."""

from collections.abc import Sequence

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.latents import Latents
from fooo.pipeline.noise_levels import NoiseLevels, Prediction


class Denoiser:
    """Args: unet: SDXL's base or refiner. levels: What it was trained at."""

    def __init__(self, unet: UNet2DConditionModel, levels: NoiseLevels) -> None:
        self._unet, self._levels = unet, levels

    def guess(self, latents: Latents, sigmas: Sequence[float], conditionings: Sequence[Conditioning]) -> Latents:
        """The clean latents behind `latents`, in one network call.

        Args:
            latents: Shape (n, 4, h, w), float32.
            sigmas: The noise level of each row, n values.
            conditionings: What each row is conditioned on, n values with contexts of equal length.

        Returns:
            float32, the shape of `latents`.

        Source: Karras et al. 2022, table 1, column "VP", with the network scaled to see a spread of 1; for V:
        Salimans and Ho 2022, "Progressive Distillation for Fast Sampling of Diffusion Models", section 4.
        """
        device, dtype = self._unet.device, self._unet.dtype
        sigma = torch.tensor(sigmas, dtype=torch.float32, device=device).view(-1, 1, 1, 1)
        scale = (sigma**2 + 1).sqrt()
        output = self._unet(
            (latents / scale).to(dtype),
            torch.tensor([self._levels.time(each) for each in sigmas], dtype=torch.float32, device=device),
            encoder_hidden_states=torch.cat([each.context for each in conditionings]).to(device, dtype),
            added_cond_kwargs={
                "text_embeds": torch.cat([each.pooled for each in conditionings]).to(device, dtype),
                "time_ids": torch.cat([each.numbers for each in conditionings]).to(device, dtype),
            },
            return_dict=False,
        )[0].float()
        match self._levels.prediction:
            case Prediction.EPSILON:
                return latents - sigma * output
            case Prediction.V:
                return latents / scale**2 - output * (sigma / scale)
