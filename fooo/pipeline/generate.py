"""A Generate pass as a run of the loop: noise, noise levels, legs, guidance, hooks."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import cast

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.catalog import LocalModel
from fooo.events import LegName
from fooo.monitor import Answer
from fooo.pipeline.conditioning import UNWANTED_SCORE, WANTED_SCORE, Conditioning, base_numbers, refiner_numbers
from fooo.pipeline.denoise import Leg, Run
from fooo.pipeline.denoiser import Denoiser
from fooo.pipeline.guidance import ClassifierFreeGuidance
from fooo.pipeline.hooks import Hook, NanGuard
from fooo.pipeline.latents import Latents, draw_noise
from fooo.pipeline.moment import CallName, Moment
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.samplers import SAMPLERS
from fooo.pipeline.schedules import make_sigmas
from fooo.pipeline.texts import Encoded, TextEncoders
from fooo.plan import Generate, Shot
from fooo.weights import NetworkKey, Part, Residency, read_scheduler_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """What a Generate pass draws with."""

    base: LocalModel
    refiner: LocalModel | None
    residency: Residency
    encoders: TextEncoders


def prepare_run(
    shot: Shot, generate: Generate, networks: Networks, *, watch: Callable[[Latents, Moment], Answer]
) -> Run:
    """Encode the words, draw the noise, resolve every "when" to a noise level.

    Raises:
        ModelError: A weight file is missing, damaged or of another kind.
    """
    levels = noise_levels(networks.base)
    sigmas = make_sigmas(generate.schedule, generate.steps, levels)
    # the variance of noise and picture together at the first noise level, as in training
    noise = draw_noise(shot.seed, generate.size) * (sigmas[0] ** 2 + 1) ** 0.5
    latents = noise.to(networks.residency.device)
    return Run(
        shot=shot,
        sampling=SAMPLERS[generate.sampler](latents, sigmas),
        sigmas=sigmas,
        legs=_legs(shot, generate, networks, sigmas),
        guidance=ClassifierFreeGuidance(generate.guidance),
        hooks=(NanGuard(),),
        watch=watch,
    )


def noise_levels(model: LocalModel) -> NoiseLevels:
    """Raises: ModelError: The model's scheduler configuration is missing or of an unknown kind."""
    return NoiseLevels.from_config(read_scheduler_config(model), model.folder / "scheduler")


def _legs(shot: Shot, generate: Generate, networks: Networks, sigmas: Sequence[float]) -> tuple[Leg, ...]:
    """The base down to the refiner's first noise level, then the refiner; or the base alone."""
    positive, negative = networks.encoders.encode(networks.base, shot.texts.positive, shot.texts.negative)
    refiner, refiner_step = networks.refiner, generate.refiner_step
    switch = sigmas[refiner_step] if refiner is not None and refiner_step is not None else 0.0
    base = Leg(
        name=LegName.BASE,
        lend=LendUnet(networks.residency, networks.base),
        until=switch,
        words={
            CallName.POSITIVE: _base_words(positive, generate),
            CallName.NEGATIVE: _base_words(negative, generate),
        },
    )
    if refiner is None or refiner_step is None:
        return (base,)
    return (
        base,
        Leg(
            name=LegName.REFINER,
            lend=LendUnet(networks.residency, refiner),
            until=0.0,
            words=_refiner_words(positive, negative, generate),
        ),
    )


def _base_words(encoded: Encoded, generate: Generate) -> Conditioning:
    return Conditioning(context=encoded.both, pooled=encoded.pooled, numbers=base_numbers(generate.size))


def _refiner_words(positive: Encoded, negative: Encoded, generate: Generate) -> Mapping[CallName, Conditioning]:
    """The refiner hears the second tower alone, and how beautiful the picture is said to be."""
    scores = {CallName.POSITIVE: (positive, WANTED_SCORE), CallName.NEGATIVE: (negative, UNWANTED_SCORE)}
    return {
        name: Conditioning(context=encoded.second, pooled=encoded.pooled, numbers=refiner_numbers(generate.size, score))
        for name, (encoded, score) in scores.items()
    }


@dataclass(frozen=True, slots=True)
class LendUnet:
    """Lends a model's UNet as a denoiser, with every hook's patch on it."""

    residency: Residency
    model: LocalModel

    @contextmanager
    def __call__(self, hooks: Sequence[Hook]) -> Generator[Denoiser]:
        """The denoiser; leaving the context takes the patches off.

        Raises:
            ModelError: A file of the model is missing, damaged or of another kind.
        """
        with ExitStack() as patches:
            network = patches.enter_context(self.residency.use(NetworkKey(self.model, Part.UNET)))
            unet = cast(UNet2DConditionModel, network)
            for hook in hooks:
                patches.enter_context(hook.patch(unet))
            yield Denoiser(unet, noise_levels(self.model))
