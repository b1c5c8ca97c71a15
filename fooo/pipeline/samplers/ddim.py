"""The samplers of the first diffusion papers, in units of sigma."""

from dataclasses import replace

from fooo.pipeline.samplers.euler import euler_ancestral
from fooo.pipeline.samplers.sampler import Sampling, Walk


def ddim(walk: Walk) -> Sampling:
    """Straight towards each guess; with `eta`, some of the noise is drawn anew.

    Over sqrt(alpha-bar), the paper's step is Euler's in sigma, and its noise that of the ancestral samplers.

    Source: Song et al. 2021, "Denoising Diffusion Implicit Models", eq. 12 and 16.
    """
    return euler_ancestral(replace(walk, options=walk.options.model_copy(update={"eta": walk.options.eta_or(0.0)})))


def ddpm(walk: Walk) -> Sampling:
    """Each step draws as much noise anew as the posterior of the diffusion holds.

    It is DDIM with eta = 1, whatever the options say, and so Euler a at its own eta.

    Source: Ho et al. 2020, "Denoising Diffusion Probabilistic Models", algorithm 2, with the variance of eq. 7.
    """
    return euler_ancestral(replace(walk, options=walk.options.model_copy(update={"eta": 1.0})))
