"""A Generate pass as a run of the loop: noise, noise levels, legs, guidance, hooks."""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never, cast

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.catalog import LocalModel
from fooo.catalog.configs import config_folder
from fooo.events import LegName
from fooo.monitor import Answer
from fooo.pipeline.conditioning import UNWANTED_SCORE, WANTED_SCORE, Conditioning, base_numbers, refiner_numbers
from fooo.pipeline.denoise import Leg, Run
from fooo.pipeline.denoiser import Denoiser
from fooo.pipeline.guidance import ClassifierFreeGuidance
from fooo.pipeline.hearing import Heard, Hearing, hear
from fooo.pipeline.hooks import Composition, Hook, NanGuard, PromptSchedule, Voice
from fooo.pipeline.latents import Latents, draw_noise
from fooo.pipeline.moment import CallName, Moment
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.samplers import SAMPLERS, BrownianNoise, SamplerOptions, Walk
from fooo.pipeline.schedules import make_sigmas
from fooo.pipeline.texts import NOTHING_ADDED, Additions, Encoded, TextEncoders
from fooo.plan import Generate, Shot
from fooo.weights import LoraUse, NetworkKey, Part, Residency, read_scheduler_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """What a Generate pass draws with.

    Attributes:
        vae: A file that decodes in place of the base's own.
        loras: Put onto the base's UNet.
        added: Put onto the base's text towers.
    """

    base: LocalModel
    refiner: LocalModel | None
    residency: Residency
    encoders: TextEncoders
    vae: Path | None = None
    loras: tuple[LoraUse, ...] = ()
    added: Additions = NOTHING_ADDED

    @property
    def decoder(self) -> NetworkKey:
        """The VAE that is drawn with."""
        return NetworkKey(self.base, Part.VAE, self.vae)


def prepare_run(
    shot: Shot, generate: Generate, networks: Networks, *, watch: Callable[[Latents, Moment], Answer]
) -> Run:
    """Encode the words, draw the noise, resolve every "when" to a noise level or a step.

    Raises:
        ModelError: A weight file is missing, damaged or of another kind.
    """
    levels = noise_levels(networks.base)
    sigmas = make_sigmas(generate.schedule, generate.steps, levels, networks.base.kind.base)
    # the variance of noise and picture together at the first noise level, as in training
    noise = draw_noise(shot.seed, generate.size) * (sigmas[0] ** 2 + 1) ** 0.5
    latents = noise.to(networks.residency.device)
    hearing = hear(networks.encoders, networks.base, shot.texts, generate.steps, networks.added)
    legs = _legs(hearing, generate, networks, sigmas)
    walk = Walk(
        latents=latents,
        sigmas=sigmas,
        noise=BrownianNoise(shot.seed, latents.shape, latents.device),
        options=SamplerOptions(),
        levels=levels,
    )
    return Run(
        shot=shot,
        sampling=SAMPLERS[generate.sampler](walk),
        sigmas=sigmas,
        legs=legs,
        guidance=ClassifierFreeGuidance(generate.guidance),
        hooks=(*_hooks_for_words(hearing, generate, [leg.name for leg in legs]), NanGuard()),
        watch=watch,
    )


def noise_levels(model: LocalModel) -> NoiseLevels:
    """Raises: ModelError: The model's scheduler configuration is missing or of an unknown kind."""
    return NoiseLevels.from_config(read_scheduler_config(model), config_folder(model) / "scheduler")


def _legs(hearing: Hearing, generate: Generate, networks: Networks, sigmas: Sequence[float]) -> tuple[Leg, ...]:
    """The base down to the refiner's first noise level, then the refiner; or the base alone."""
    refiner, refiner_step = networks.refiner, generate.refiner_step
    first = {CallName.POSITIVE: hearing.positive[0].heard[0], CallName.NEGATIVE: hearing.negative[0]}

    def leg(name: LegName, lend: LendUnet, until: float) -> Leg:
        words = {call: _told(name, call, heard.encoded, generate) for call, heard in first.items()}
        return Leg(name=name, lend=lend, until=until, words=words)

    base = LendUnet(networks.residency, networks.base, networks.loras)
    if refiner is None or refiner_step is None:
        return (leg(LegName.BASE, base, 0.0),)
    return (
        leg(LegName.BASE, base, sigmas[refiner_step]),
        leg(LegName.REFINER, LendUnet(networks.residency, refiner), 0.0),
    )


def _hooks_for_words(hearing: Hearing, generate: Generate, legs: Sequence[LegName]) -> list[Hook]:
    """What changes the words on the way, where the prompts ask for it."""
    calls: dict[str, tuple[Heard, ...]] = {CallName.NEGATIVE: hearing.negative}
    voices: list[Voice] = []
    for number, part in enumerate(hearing.positive):
        name = f"{CallName.POSITIVE} {number + 1}" if number else CallName.POSITIVE
        calls[name] = part.heard
        words = {leg: _told(leg, name, part.heard[0].encoded, generate) for leg in legs}
        voices.append(Voice(name, part.weight, words))
    timetables = {
        (leg, name): [(each.until, _told(leg, name, each.encoded, generate)) for each in heard]
        for name, heard in calls.items()
        if len(heard) > 1
        for leg in legs
    }
    first, *others = voices
    hooks: list[Hook] = []
    if others or first.weight != 1:
        hooks.append(Composition(first.weight, others))
    if timetables:
        hooks.append(PromptSchedule(timetables))
    return hooks


def _told(leg: LegName, call: str, encoded: Encoded, generate: Generate) -> Conditioning:
    """The base hears both towers; the refiner the second alone, and how beautiful the picture is said to be."""
    match leg:
        case LegName.BASE:
            return Conditioning(context=encoded.both, pooled=encoded.pooled, numbers=base_numbers(generate.size))
        case LegName.REFINER:
            score = UNWANTED_SCORE if call == CallName.NEGATIVE else WANTED_SCORE
            numbers = refiner_numbers(generate.size, score)
            return Conditioning(context=encoded.second, pooled=encoded.pooled, numbers=numbers)
        case _:
            assert_never(leg)


@dataclass(frozen=True, slots=True)
class LendUnet:
    """Lends a model's UNet as a denoiser, with LoRAs and every hook's patch on it."""

    residency: Residency
    model: LocalModel
    loras: tuple[LoraUse, ...] = ()

    @contextmanager
    def __call__(self, hooks: Sequence[Hook]) -> Generator[Denoiser]:
        """The denoiser; leaving the context takes the patches off.

        Raises:
            ModelError: A file of the model is missing, damaged or of another kind.
        """
        with ExitStack() as patches:
            network = patches.enter_context(self.residency.use(NetworkKey(self.model, Part.UNET), self.loras))
            unet = cast(UNet2DConditionModel, network)
            for hook in hooks:
                patches.enter_context(hook.patch(unet))
            yield Denoiser(unet, noise_levels(self.model))
