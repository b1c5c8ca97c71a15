"""Request and catalog in, plan out. Read `make_plan` top to bottom to know what the program does."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from fooo.catalog import BASES, Catalog, LocalModel, ModelKind
from fooo.catalog.known_models import known_file
from fooo.errors import RequestError, UnknownName
from fooo.plan.plan import Fit, Generate, Lora, Plan, Shot
from fooo.plan.prompt.dynamic import MOST_PROMPTS, matrix
from fooo.plan.sizes import choose_sizes
from fooo.plan.texts import TextWriter, canonical_style
from fooo.request import RANDOM_SEED, Request, Size, merge, only_set_fields, read_request
from fooo.request import Lora as LoraWish

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
    fit = () if sizes.drawn == sizes.wanted else (Fit(size=sizes.wanted),)
    first = fallback_seed if filled.sampling.seed == RANDOM_SEED else filled.sampling.seed
    writer = TextWriter(filled, catalog, base)
    shots: list[Shot] = []
    notices: list[str] = []
    for wish in choose_wishes(filled, first):
        written = writer.write(wish.prompt, seed=wish.seed, number=wish.number)
        passes = (_with_loras(generate, written.loras), *fit)
        shots.append(Shot(number=len(shots), seed=wish.seed, texts=written.texts, passes=passes))
        notices += written.notices
    return Plan(
        request=pin(filled, shots[0], catalog, seed=first),
        shots=tuple(shots),
        beyond=_beyond(base, shots),
        notices=tuple(dict.fromkeys(notices)),
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    """One picture. Args: number: Of its seed, from 0."""

    prompt: str
    seed: int
    number: int


def choose_wishes(filled: Request, first: int) -> list[_Wish]:
    """A wish for each picture: of each seed one, of a matrix every combination, which can be compared.

    Raises:
        RequestError: They are more than 256.
    """
    prompts = matrix(filled.prompt) if filled.matrix else (filled.prompt,)
    if len(prompts) * filled.output.count > MOST_PROMPTS:
        problem = f"{len(prompts)} combinations, {filled.output.count} times each, are too many pictures"
        raise RequestError("output.count", problem, f"ask for {MOST_PROMPTS} at most")
    return [
        _Wish(prompt, (first + number) % 2**63, number) for number in range(filled.output.count) for prompt in prompts
    ]


def _with_loras(generate: Generate, inline: Sequence[Lora]) -> Generate:
    return generate.model_copy(update={"loras": (*generate.loras, *inline)}) if inline else generate


def _lora(wish: LoraWish, catalog: Catalog) -> Lora:
    text_weight = wish.weight if wish.text_weight is None else wish.text_weight
    with _told_how_to_get(wish.name, "models.loras"):
        name = catalog.lora(wish.name, "models.loras")
    return Lora(name=name, unet_weight=wish.weight, text_weight=text_weight)


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
    merged = merge(preset.partial, only_set_fields(request))
    if request.models.loras:
        # what a preset stands on stays beside what the person adds
        own = {lora.name.casefold() for lora in request.models.loras}
        theirs = [
            lora for lora in preset.partial.get("models", {}).get("loras", ()) if lora["name"].casefold() not in own
        ]
        merged["models"]["loras"] = [*theirs, *merged["models"]["loras"]]
    return read_request({**merged, "preset": preset.name})


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
    refiner = choose_refiner(models.refiner, base, catalog)
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
        loras=tuple(_lora(wish, catalog) for wish in models.loras),
        vae=catalog.vae(models.vae, "models.vae") if models.vae else None,
    )


def choose_base(name: str | None, catalog: Catalog) -> LocalModel:
    """The model of that name, else the first full one, else the pocket model."""
    if name:
        with _told_how_to_get(name, "models.base"):
            return catalog.model(name, BASES, "models.base")
    base = catalog.first_base()
    if base is None:
        raise RequestError(
            "models.base", "no model is there", "restore models/pocket, or put one into models/checkpoints"
        )
    return base


def choose_refiner(name: str | None, base: LocalModel, catalog: Catalog) -> str | None:
    """The refiner's full name; None where none is wanted.

    Raises:
        RequestError: It is not there, or the base is not of its family.
    """
    if name is None:
        return None
    with _told_how_to_get(name, "models.refiner"):
        refiner = catalog.model(name, {ModelKind.SDXL_REFINER}, "models.refiner")
    if base.kind is not ModelKind.SDXL_BASE:
        raise RequestError("models.refiner", f"{refiner.name} cannot go on with {base.name}", "leave the refiner out")
    return refiner.name


@contextmanager
def _told_how_to_get(name: str, at: str) -> Generator[None]:
    """Of a published file that is not here it is said how it gets here."""
    try:
        yield
    except UnknownName:
        if known_file(name) is None:
            raise
        raise RequestError(at, f"{name!r} is not here", f"fetch it: python launch.py models add {name}") from None


def pin(filled: Request, shot: Shot, catalog: Catalog, *, seed: int) -> Request:
    """The request with every field set, and none left to a preset: presets may change, or go."""
    generate = shot.generate
    return read_request(
        merge(
            filled.model_dump(mode="json"),
            {
                "preset": None,
                "styles": [canonical_style(name, catalog) for name in filled.styles],
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
