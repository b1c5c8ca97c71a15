"""What a request wishes of the denoising loop, decided: sampler, noise, guidance, hooks."""

from typing import NamedTuple, assert_never

from fooo.catalog import Catalog, LocalModel, Sampler, Schedule
from fooo.catalog.configs import text_layers
from fooo.errors import RequestError
from fooo.plan.dice import Dice
from fooo.plan.plan import Generate
from fooo.plan.prompt.notices import IdleRefiner, NearestName
from fooo.request import RANDOM_SEED, Request, StrengthSteps, Variation, WeightedSeed

_SAMPLER = "dpmpp_2m"
_SCHEDULE = "karras"
_SEEDS = 2**63
_MOST_STEPS = 1000
"""Of a schedule: as many as models were trained at."""


class ChosenSampler(NamedTuple):
    """Args: notices: Of names that stand for others."""

    sampler: Sampler
    schedule: Schedule
    notices: tuple[NearestName, ...]


def choose_sampler(request: Request, filled: Request, catalog: Catalog) -> ChosenSampler:
    """The sampler and the schedule, by names of ours or of other programs.

    A schedule in the sampler's own name ("DPM++ 2M Karras") goes above the preset's, and below the person's.

    Raises:
        UnknownName: There is no such sampler or schedule.
    """
    sampling = filled.sampling
    named = catalog.sampler(sampling.sampler or _SAMPLER)
    wish = sampling.schedule
    if named.schedule and (wish is None or _is_only_the_sampler_the_persons(request)):
        wish = named.schedule.value
    scheduled = catalog.schedule(wish or _SCHEDULE)
    schedule = scheduled.schedule or named.schedule or named.sampler.usual_schedule
    nearest = ((named.instead_of, named.sampler.label), (scheduled.instead_of, schedule.label))
    notices = tuple(NearestName(said, used) for said, used in nearest if said)
    return ChosenSampler(named.sampler, schedule, notices)


def _is_only_the_sampler_the_persons(request: Request) -> bool:
    return request.sampling.sampler is not None and request.sampling.schedule is None


def with_wishes(generate: Generate, filled: Request, base: LocalModel, *, fallback_seed: int) -> Generate:
    """The pass with everything that the request wishes of the loop.

    Args:
        generate: The pass.
        filled: The request over its preset.
        base: The model that draws.
        fallback_seed: Where the variation's seed is left open, it is drawn by this one.

    Raises:
        RequestError: The guidance ends before it begins, or there are not as many text layers to skip.
    """
    sampling = filled.sampling
    _check_guidance(filled)
    _check_clip_skip(filled.models.clip_skip, base)
    variation = sampling.variation
    if variation and variation.seed == RANDOM_SEED:
        drawn = Dice(fallback_seed, "variation").below(_SEEDS)
        variation = Variation(seed=drawn, strength=variation.strength)
    return generate.model_copy(
        update={
            "refiner_method": filled.models.refiner_method,
            "clip_skip": filled.models.clip_skip,
            "sampler_options": sampling.sampler_options,
            "guidance_options": sampling.guidance_options,
            "variation": variation,
            "seeds": sampling.seeds,
            "sharpness": sampling.sharpness,
            "size_scale": sampling.size_scale,
            "free_u": sampling.free_u,
            "tiling": sampling.tiling,
            "step_cache": sampling.step_cache,
        }
    )


def with_seeds_of(generate: Generate, number: int) -> Generate:
    """The pass of picture `number`, from 0: every seed of its noise goes up by one from picture to picture."""
    variation = generate.variation
    if variation:
        variation = Variation(seed=(variation.seed + number) % _SEEDS, strength=variation.strength)
    seeds = tuple(WeightedSeed(seed=(each.seed + number) % _SEEDS, weight=each.weight) for each in generate.seeds)
    return generate.model_copy(update={"variation": variation, "seeds": seeds})


def carried_out(steps: int, strength: float, counted: StrengthSteps, *, at: str) -> int:
    """How many steps a pass of a strength carries out, of the number that is asked for.

    Args:
        steps: As asked, at least 1.
        strength: Above 0, at most 1.
        counted: What the number means.
        at: The field of the request that holds the strength.

    Raises:
        RequestError: The schedule, of which these are the last steps, would have more than a model knows.
    """
    match counted:
        case StrengthSteps.ALL:
            carried = steps
        case StrengthSteps.SHARE:
            # the webui's own: it begins at the noise level before, which is a step more
            carried = min(steps, int(steps * strength) + 1)
        case _:
            assert_never(counted)
    if carried / strength > _MOST_STEPS:
        problem = f"{carried} steps at a strength of {strength:g} are more than the model was trained at"
        raise RequestError(at, problem, f"choose {carried / _MOST_STEPS:g} or more, or fewer steps")
    return carried


def walked_share(steps: int, strength: float, counted: StrengthSteps) -> float:
    """The share of a schedule that a pass of a strength walks; with `carried_out` steps it is the end of the schedule.

    Args:
        steps: As asked: where a share of them is carried out, the schedule has as many.
        strength: Above 0, at most 1.
        counted: What the number means.
    """
    match counted:
        case StrengthSteps.ALL:
            return strength
        case StrengthSteps.SHARE:
            return min(steps, int(steps * strength) + 1) / steps
        case _:
            assert_never(counted)


def refiner_notices(request: Request, filled: Request, generate: Generate) -> list[IdleRefiner]:
    """One where the person's own fields leave the refiner nothing to do."""
    asked = {"refiner", "refiner_switch"} & request.models.model_fields_set
    refiner, switch = filled.models.refiner, filled.models.refiner_switch
    if refiner is None or generate.refiner is not None or not asked:
        return []
    return [IdleRefiner(refiner, switch, generate.steps)]


def _check_guidance(filled: Request) -> None:
    options = filled.sampling.guidance_options
    if options.start >= options.end:
        problem = f"the guidance ends at {options.end:g} of the steps and begins at {options.start:g}"
        raise RequestError("sampling.guidance_options.end", problem, "choose an end after the start")


def _check_clip_skip(clip_skip: int | None, base: LocalModel) -> None:
    layers = text_layers(base) if clip_skip else None
    if clip_skip and layers and clip_skip > layers:
        problem = f"{base.name} reads with {layers} layers, so none is number {clip_skip} from the last"
        raise RequestError("models.clip_skip", problem, f"choose 1 to {layers}")
