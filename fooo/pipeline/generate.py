"""A Generate pass as a run of the loop: noise, noise levels, legs, guidance, hooks."""

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import assert_never, cast

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.catalog import LocalModel
from fooo.catalog.configs import config_folder
from fooo.events import LegName
from fooo.monitor import Answer
from fooo.pipeline.conditioning import UNWANTED_SCORE, WANTED_SCORE, Conditioning, base_numbers, refiner_numbers
from fooo.pipeline.denoise import Leg, Run
from fooo.pipeline.denoiser import Denoiser, UnetDenoiser
from fooo.pipeline.guidance import ClassifierFreeGuidance, Guidance, adaptive, constant, within
from fooo.pipeline.hearing import Heard, Hearing, hear
from fooo.pipeline.hooks import (
    PERTURBED,
    Composition,
    Hook,
    NanGuard,
    PerturbedAttention,
    PromptSchedule,
    Voice,
    hooks_for_looks,
)
from fooo.pipeline.large import WindowedDenoiser
from fooo.pipeline.latents import Latents, draw_noise, mix, on_the_way
from fooo.pipeline.moment import CallName, Moment
from fooo.pipeline.noise_levels import NoiseLevels
from fooo.pipeline.samplers import SAMPLERS, BrownianNoise, MixedNoise, Noise, Sampling, Walk, counted, separately
from fooo.pipeline.schedules import Sigmas, make_sigmas
from fooo.pipeline.speed import quick, step_cached
from fooo.pipeline.texts import NOTHING_ADDED, Additions, Encoded, TextEncoders
from fooo.plan import Generate, Shot
from fooo.request import RefinerMethod, Size, Tiling
from fooo.weights import LoraUse, NetworkKey, Part, Residency, read_scheduler_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """What a Generate pass draws with.

    Attributes:
        vae: A file that decodes in place of the base's own.
        loras: Put onto the base's UNet.
        added: Put onto the base's text towers.
        compiled: Whether the UNets' blocks are compiled.
    """

    base: LocalModel
    refiner: LocalModel | None
    residency: Residency
    encoders: TextEncoders
    vae: Path | None = None
    loras: tuple[LoraUse, ...] = ()
    added: Additions = NOTHING_ADDED
    compiled: bool = False

    @property
    def decoder(self) -> NetworkKey:
        """The VAE that is drawn with."""
        return NetworkKey(self.base, Part.VAE, self.vae)


def prepare_run(
    shot: Shot,
    generate: Generate,
    networks: Networks,
    *,
    watch: Callable[[Latents, Moment], Answer],
    start: Latents | None = None,
) -> Run:
    """Encode the words, draw the noise, resolve every "when" to a noise level or a step.

    Args:
        shot: The picture.
        generate: The pass.
        networks: What it draws with.
        watch: As for `Run`.
        start: Clean latents of the pass's size, which a strength below 1 draws anew in part; None: noise alone.

    Raises:
        ModelError: A weight file is missing, damaged or of another kind.
    """
    levels = noise_levels(networks.base)
    sigmas = _sigmas(generate, levels, networks.base)
    latents = _noisy(start, starting_noise(shot, generate), sigmas[0]).to(networks.residency.device)
    hearing = hear(networks.encoders, networks.base, shot.texts, generate.steps, networks.added)
    legs = _legs(hearing, generate, networks, sigmas)
    walk = Walk(
        latents=latents,
        sigmas=sigmas,
        noise=noise_on_the_way(shot, generate, latents),
        options=generate.sampler_options,
        levels=levels,
    )
    return Run(
        shot=shot,
        sampling=_sampling(generate, walk, legs),
        sigmas=sigmas,
        legs=legs,
        guidance=_guidance(generate, levels, sigmas),
        hooks=(
            *_hooks_for_guidance(generate, sigmas),
            *_hooks_for_words(hearing, generate, [leg.name for leg in legs]),
            *hooks_for_looks(generate, levels),
            NanGuard(),
        ),
        watch=watch,
    )


def starting_noise(shot: Shot, generate: Generate) -> Latents:
    """The picture's noise before its first step, on the processor; standard normal."""
    own = mix([(draw_noise(seed, generate.size), weight) for seed, weight in _seeds(shot, generate)])
    variation = generate.variation
    return own if variation is None else on_the_way(own, draw_noise(variation.seed, generate.size), variation.strength)


def noise_on_the_way(shot: Shot, generate: Generate, latents: Latents) -> Noise:
    """The noise that samplers add, of the same seeds as the one at the start, in the shape and place of the latents."""
    weighted = _seeds(shot, generate)
    if generate.variation:
        turn = generate.variation.strength * math.pi / 2
        weighted = [(seed, weight * math.cos(turn)) for seed, weight in weighted]
        weighted.append((generate.variation.seed, math.sin(turn)))
    # the cosine of a right angle is 6e-17
    heard = [(seed, weight) for seed, weight in weighted if weight > 1e-9]
    return MixedNoise([(BrownianNoise(seed, latents.shape, latents.device), weight) for seed, weight in heard])


def _seeds(shot: Shot, generate: Generate) -> list[tuple[int, float]]:
    """The seeds whose noise is the picture's, with weights of which the squares add up to 1."""
    length = math.hypot(*(each.weight for each in generate.seeds))
    return [(each.seed, each.weight / length) for each in generate.seeds] or [(shot.seed, 1.0)]


def _noisy(start: Latents | None, noise: Latents, sigma: float) -> Latents:
    """Latents at a noise level."""
    if start is None:
        # the variance of noise and picture together, as in training
        return noise * (sigma**2 + 1) ** 0.5
    return start.to(noise) + noise * sigma


def _sigmas(generate: Generate, levels: NoiseLevels, base: LocalModel) -> Sigmas:
    """The last noise levels of a schedule as long as the strength says, so that all steps are real ones."""
    # 7 / 0.07 is 99.99999999999999
    whole = min(int(generate.steps / generate.strength + 1e-9), levels.count)
    return make_sigmas(generate.schedule, whole, levels, base.kind.base)[-generate.steps - 1 :]


def _sampling(generate: Generate, walk: Walk, legs: Sequence[Leg]) -> Sampling:
    """The sampler at work; where the refiner's run is its own, one sampler after the other."""
    sample = SAMPLERS[generate.sampler]
    if generate.refiner_step is None or len(legs) == 1:
        return counted(sample, walk)
    match generate.refiner_method:
        case RefinerMethod.JOINT:
            return counted(sample, walk)
        case RefinerMethod.SEPARATE:
            return counted(partial(separately, sample, step=generate.refiner_step), walk)
        case _:
            assert_never(generate.refiner_method)


def _guidance(generate: Generate, levels: NoiseLevels, sigmas: Sigmas) -> Guidance:
    options = generate.guidance_options
    mimicked = options.adaptive or generate.guidance
    scale = adaptive(generate.guidance, mimicked, levels)
    return ClassifierFreeGuidance(within(scale, *_interval(generate, sigmas)), options.rescale)


def _hooks_for_guidance(generate: Generate, sigmas: Sigmas) -> list[Hook]:
    perturbed = generate.guidance_options.perturbed_attention
    scale = within(constant(perturbed), *_interval(generate, sigmas), elsewhere=0.0)
    return [PerturbedAttention(scale)] if perturbed else []


def _interval(generate: Generate, sigmas: Sigmas) -> tuple[float, float]:
    """The noise levels between which there is guidance of any kind."""
    options = generate.guidance_options
    first, last = (round(share * generate.steps) for share in (options.start, options.end))
    # the first step may begin above its noise level, where a sampler puts noise on top
    return sigmas[last], sigmas[first] if first else math.inf


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

    def lend(model: LocalModel, loras: tuple[LoraUse, ...] = ()) -> LendUnet:
        return LendUnet(
            networks.residency,
            model,
            loras,
            generate.step_cache,
            networks.compiled,
            generate.window,
            generate.tiling,
        )

    base = lend(networks.base, networks.loras)
    if refiner is None or refiner_step is None:
        return (leg(LegName.BASE, base, 0.0),)
    return (
        leg(LegName.BASE, base, sigmas[refiner_step]),
        leg(LegName.REFINER, lend(refiner), 0.0),
    )


def _hooks_for_words(hearing: Hearing, generate: Generate, legs: Sequence[LegName]) -> list[Hook]:
    """What changes the words on the way, where the prompts ask for it."""
    calls: dict[str, tuple[Heard, ...]] = {CallName.NEGATIVE: hearing.negative, PERTURBED: hearing.positive[0].heard}
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
            context, numbers = encoded.both, base_numbers(generate.window or generate.size)
        case LegName.REFINER:
            score = UNWANTED_SCORE if call == CallName.NEGATIVE else WANTED_SCORE
            context, numbers = encoded.second, refiner_numbers(generate.size, score)
        case _:
            assert_never(leg)
    return Conditioning(context=context, pooled=encoded.pooled, numbers=numbers, perturbed=call == PERTURBED)


@dataclass(frozen=True, slots=True)
class LendUnet:
    """Lends a model's UNet as a denoiser, with LoRAs and every hook's patch on it.

    Attributes:
        step_cache: At every how many steps the whole network is asked.
        compiled: Whether its blocks are compiled.
        window: In which larger pictures are guessed; None: as a whole.
        tiling: Along which axes the windows go around.
    """

    residency: Residency
    model: LocalModel
    loras: tuple[LoraUse, ...] = ()
    step_cache: int = 1
    compiled: bool = False
    window: Size | None = None
    tiling: Tiling = Tiling.NONE

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
            patches.enter_context(quick(unet, compiled=self.compiled))
            make = partial(UnetDenoiser, levels=noise_levels(self.model), most_rows=self.residency.policy.rows)
            whole = self.step_cache == 1
            denoiser = make(unet) if whole else patches.enter_context(step_cached(unet, self.step_cache, make))
            yield WindowedDenoiser(denoiser, self.window, self.tiling) if self.window else denoiser
