"""Request and catalog in, plan out. Read `make_plan` top to bottom to know what the program does."""

from collections.abc import Sequence

from fooo.catalog import Catalog, LocalModel, ModelKind
from fooo.errors import RequestError
from fooo.plan.plan import Fit, Generate, Plan, Shot
from fooo.plan.sizes import choose_sizes
from fooo.plan.texts import write_texts
from fooo.request import RANDOM_SEED, Request, Size, merge, only_set_fields, read_request

_GUIDANCE = 4.0
_SAMPLER = "dpmpp_2m"
_SCHEDULE = "karras"


def make_plan(request: Request, catalog: Catalog, *, fallback_seed: int) -> Plan:
    """Decide everything, start nothing. Equal arguments give equal plans.

    Args:
        request: What the user asked for.
        catalog: The names that exist.
        fallback_seed: Used when the request wants a random seed; the caller draws it, so that this function stays pure.

    Raises:
        RequestError: A field cannot be carried out; `UnknownName` where the catalog lacks a name.
    """
    filled = fill_from_preset(request, catalog)
    base = choose_base(filled.models.base, catalog)
    sizes = choose_sizes(filled.size, base.native_size)
    generate = choose_generate(request, filled, catalog, base=base, size=sizes.drawn)
    passes = (generate,) if sizes.drawn == sizes.wanted else (generate, Fit(size=sizes.wanted))
    first = fallback_seed if filled.sampling.seed == RANDOM_SEED else filled.sampling.seed
    shots = tuple(
        Shot(number=number, seed=seed, texts=write_texts(filled, catalog, seed=seed, number=number), passes=passes)
        for number in range(filled.output.count)
        for seed in [(first + number) % 2**63]
    )
    return Plan(request=pin(filled, shots[0], catalog, seed=first), shots=shots, beyond=_beyond(base, shots))


def _beyond(base: LocalModel, shots: Sequence[Shot]) -> tuple[str, ...]:
    """The words of all pictures that the base says it has not learnt, each once."""
    if base.knows is None:
        return ()
    texts = dict.fromkeys(shot.texts.words for shot in shots)
    return tuple(dict.fromkeys(word for text in texts for word in base.knows.beyond(text)))


def fill_from_preset(request: Request, catalog: Catalog) -> Request:
    """The request's own fields over its preset's; left open, it is the fitting one; set to null, there is none."""
    if request.preset is None and "preset" in request.model_fields_set:
        return request
    preset = catalog.preset(request.preset or catalog.fitting_preset())
    return read_request({**merge(preset.partial, only_set_fields(request)), "preset": preset.name})


def choose_generate(request: Request, filled: Request, catalog: Catalog, *, base: LocalModel, size: Size) -> Generate:
    """The pass that makes a picture from words.

    The steps are the request's own; else those of the performance mode that the person chose; else the preset's; else
    those of the preset's mode.
    """
    models, sampling = filled.models, filled.sampling
    mode = catalog.performance(sampling.performance)
    person_chose_mode = "performance" in request.sampling.model_fields_set
    steps = request.sampling.steps or (None if person_chose_mode else sampling.steps) or mode.steps
    refiner_step = max(1, round(steps * models.refiner_switch))
    refiner = catalog.model(models.refiner, ModelKind.SDXL_REFINER, "models.refiner").name if models.refiner else None
    refines = refiner is not None and refiner_step < steps
    return Generate(
        size=size,
        steps=steps,
        guidance=sampling.guidance or _GUIDANCE,
        sampler=catalog.sampler(sampling.sampler or _SAMPLER),
        schedule=catalog.schedule(sampling.schedule or _SCHEDULE),
        base=base.name,
        refiner=refiner if refines else None,
        refiner_step=refiner_step if refines else None,
    )


def choose_base(name: str | None, catalog: Catalog) -> LocalModel:
    """The model of that name, else the first full one, else the pocket model."""
    if name:
        return catalog.model(name, ModelKind.SDXL_BASE, "models.base")
    base = catalog.first_base()
    if base is None:
        raise RequestError(
            "models.base", "no model is there", "restore models/pocket, or put one into models/checkpoints"
        )
    return base


def pin(filled: Request, shot: Shot, catalog: Catalog, *, seed: int) -> Request:
    """The request with every field set, and none left to a preset: presets may change, or go."""
    generate = shot.generate
    return read_request(
        merge(
            filled.model_dump(mode="json"),
            {
                "preset": None,
                "styles": [catalog.style(name).name for name in filled.styles],
                "size": shot.size.model_dump(),
                "models": {"base": generate.base, "refiner": generate.refiner},
                "sampling": {
                    "steps": generate.steps,
                    "guidance": generate.guidance,
                    "sampler": generate.sampler.value,
                    "schedule": generate.schedule.value,
                    "seed": seed,
                },
            },
        )
    )
