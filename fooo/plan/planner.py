"""Request and catalog in, plan out. Read `make_plan` top to bottom to know what the program does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fooo.catalog import BASES, Catalog, LocalModel, ModelKind
from fooo.errors import RequestError
from fooo.plan.finish import Finish, choose_finish
from fooo.plan.performance import NOT_MEASURED, Speeds, fill_from_preset, is_of_mode, keep_to_budget
from fooo.plan.performance.sketch import check_sheet, sketched
from fooo.plan.plan import Generate, Lora, Mend, Pass, Plan, Shot
from fooo.plan.prompt.dynamic import MOST_PROMPTS, matrix
from fooo.plan.prompt.notices import EnglishName, PlanNotice
from fooo.plan.prompt.parse import parse
from fooo.plan.published import told_how_to_get
from fooo.plan.sampling import carried_out, choose_sampler, refiner_notices, walked_share, with_seeds_of, with_wishes
from fooo.plan.sizes import Sizes
from fooo.plan.start import NO_PICTURES, PictureSizes, choose_open, start_sizes
from fooo.plan.texts import TextWriter, canonical_style
from fooo.request import RANDOM_SEED, Keep, Request, Size, StrengthSteps, Vary, merge, read_request
from fooo.request import Lora as LoraWish

_GUIDANCE = 4.0
_STEPS = 30


def make_plan(
    request: Request,
    catalog: Catalog,
    *,
    fallback_seed: int,
    speeds: Speeds = NOT_MEASURED,
    pictures: PictureSizes = NO_PICTURES,
) -> Plan:
    """Decide everything, start nothing. Equal arguments give equal plans.

    Args:
        request: What the user asked for.
        catalog: The names that exist.
        fallback_seed: Used when the request wants a random seed; the caller draws it, so that this function stays pure.
        speeds: What this machine was measured to do, for a time budget.
        pictures: Those of the store, at least the one that the request begins with.

    Raises:
        RequestError: A field cannot be carried out; `UnknownName` where the catalog lacks a name.
    """
    base = choose_base(fill_from_preset(request, catalog).models.base, catalog)
    chosen = keep_to_budget(
        request, catalog, base, lambda each: _seconds(request, each, catalog, base, speeds, pictures)
    )
    filled = chosen.filled
    check_sheet(filled)
    sizes = start_sizes(request, filled, base, pictures)
    generate = choose_generate(request, filled, catalog, base=base, size=sizes.drawn)
    generate = with_wishes(generate, filled, base, fallback_seed=fallback_seed)
    finish = choose_finish(request, filled, catalog, generate, base=base, sizes=sizes)
    first = fallback_seed if filled.sampling.seed == RANDOM_SEED else filled.sampling.seed
    drawn = sketched(generate) if filled.sheet else generate
    writer = TextWriter(filled, catalog, base, steps=drawn.steps)
    shots: list[Shot] = []
    notices: list[PlanNotice] = [
        *finish.notices,
        *chosen.notices,
        *choose_sampler(request, filled, catalog).notices,
        *refiner_notices(request, filled, generate),
    ]
    for wish in choose_wishes(filled, first):
        written = writer.write(wish.prompt, seed=wish.seed, number=wish.number, style=wish.style)
        own = with_seeds_of(drawn, wish.number)
        passes = tuple(_with_inline(each, written.loras) for each in _passes(filled, sizes, own, finish))
        shots.append(Shot(number=len(shots), seed=wish.seed, texts=written.texts, passes=passes))
        notices += written.notices
    beyond = () if isinstance(filled.start, Keep) else _beyond(base, shots)
    notices += _english_names(base, beyond)
    return Plan(
        request=pin(filled, generate, catalog, sizes=sizes, finish=finish, seed=first),
        shots=tuple(shots),
        beyond=beyond,
        notices=tuple(dict.fromkeys(notices)),
    )


@dataclass(frozen=True, slots=True)
class _Wish:
    """One picture. Args: number: Of its seed, from 0. style: Of a contact sheet."""

    prompt: str
    seed: int
    number: int
    style: str | None = None


def choose_wishes(filled: Request, first: int) -> list[_Wish]:
    """A wish for each picture: of each seed one, of a matrix every combination, of a sheet every style: to compare.

    Variations are all of one seed: their own seeds tell them apart.

    Raises:
        RequestError: They are more than 256.
    """
    prompts = matrix(filled.prompt) if filled.matrix else (filled.prompt,)
    styles = filled.sheet or (None,)
    combinations = len(prompts) * len(styles)
    if combinations * filled.output.count > MOST_PROMPTS:
        problem = f"{combinations} combinations, {filled.output.count} times each, are too many pictures"
        raise RequestError("output.count", problem, f"ask for {MOST_PROMPTS} at most")
    counted = 0 if filled.sampling.variation else 1
    return [
        _Wish(prompt, (first + counted * number) % 2**63, number, style)
        for number in range(filled.output.count)
        for prompt in prompts
        for style in styles
    ]


def _with_inline(pass_: Pass, inline: Sequence[Lora]) -> Pass:
    """With the LoRAs of the prompt behind its own; what a mode brings is as the prompt says, where it does."""
    if isinstance(pass_, Mend):
        return pass_.model_copy(update={"generate": _with_inline(pass_.generate, inline)})
    if not inline or not isinstance(pass_, Generate):
        return pass_
    said = {lora.name for lora in inline if is_of_mode(lora.name)}
    own = (lora for lora in pass_.loras if lora.name not in said)
    return pass_.model_copy(update={"loras": (*own, *inline)})


def _passes(filled: Request, sizes: Sizes, generate: Generate, finish: Finish) -> tuple[Pass, ...]:
    """Of one picture."""
    drawn = () if isinstance(filled.start, Keep) else (generate,)
    finished = () if filled.sheet else (*finish.mends, *finish.enlarges)
    return (*choose_open(filled, sizes), *drawn, *finished)


def _seconds(
    request: Request,
    filled: Request,
    catalog: Catalog,
    base: LocalModel,
    speeds: Speeds,
    pictures: PictureSizes,
) -> float | None:
    """Of one picture with all its passes, its models in memory; None where the machine was not measured.

    An upscaler that was never measured counts for nothing.
    """
    sizes = start_sizes(request, filled, base, pictures)
    generate = choose_generate(filled, filled, catalog, base=base, size=sizes.drawn)
    generate = with_wishes(generate, filled, base, fallback_seed=0)
    finish = choose_finish(request, filled, catalog, generate, base=base, sizes=sizes)
    passes, prompts = _passes(filled, sizes, generate, finish), len(parse(filled.prompt, filled.dialect).prompt.parts)
    drawing = speeds.drawing(passes, catalog.models, prompts=prompts)
    finishing = speeds.finishing(passes, catalog.models, prompts=prompts)
    return None if drawing is None else drawing + (finishing or 0.0)


def _lora(wish: LoraWish, catalog: Catalog) -> Lora:
    text_weight = wish.weight if wish.text_weight is None else wish.text_weight
    with told_how_to_get(wish.name, "models.loras"):
        name = catalog.lora(wish.name, "models.loras")
    return Lora(name=name, unet_weight=wish.weight, text_weight=text_weight)


def _beyond(base: LocalModel, shots: Sequence[Shot]) -> tuple[str, ...]:
    """The words of all pictures that the base says it has not learnt, each once."""
    if base.knows is None:
        return ()
    texts = dict.fromkeys(shot.texts.words for shot in shots)
    return tuple(dict.fromkeys(word for text in texts for word in base.knows.beyond(text)))


def _english_names(base: LocalModel, beyond: Sequence[str]) -> Iterator[EnglishName]:
    """Of those of the words that the base has learnt by another name."""
    for word in beyond:
        english = base.knows.english_of(word) if base.knows else ""
        if english:
            yield EnglishName(word, english)


def choose_generate(request: Request, filled: Request, catalog: Catalog, *, base: LocalModel, size: Size) -> Generate:
    """The pass that makes a picture from words.

    Args:
        request: As asked.
        filled: The same over its preset and its mode, which leave no steps open.
        catalog: The names that exist.
        base: The model that draws.
        size: That it draws at.

    Raises:
        RequestError: A name is not there, or its file is still to be fetched.
    """
    models, sampling = filled.models, filled.sampling
    strength, steps = 1.0, sampling.steps or _STEPS
    if isinstance(filled.start, Vary):
        wished, counted = filled.start.strength, filled.start.counted
        strength = walked_share(steps, wished, counted)
        steps = carried_out(steps, wished, counted, at="start.strength")
    refiner_step = max(1, round(steps * models.refiner_switch))
    refiner = choose_refiner(models.refiner, base, catalog)
    refines = refiner is not None and refiner_step < steps
    chosen = choose_sampler(request, filled, catalog)
    return Generate(
        size=size,
        steps=steps,
        guidance=sampling.guidance or _GUIDANCE,
        sampler=chosen.sampler,
        schedule=chosen.schedule,
        base=base.name,
        refiner=refiner if refines else None,
        refiner_step=refiner_step if refines else None,
        loras=tuple(_lora(wish, catalog) for wish in models.loras),
        vae=catalog.vae(models.vae, "models.vae") if models.vae else None,
        strength=strength,
    )


def choose_base(name: str | None, catalog: Catalog) -> LocalModel:
    """The model of that name, else the first full one, else the pocket model."""
    if name:
        with told_how_to_get(name, "models.base"):
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
    with told_how_to_get(name, "models.refiner"):
        refiner = catalog.model(name, {ModelKind.SDXL_REFINER}, "models.refiner")
    if base.kind is not ModelKind.SDXL_BASE:
        raise RequestError("models.refiner", f"{refiner.name} cannot go on with {base.name}", "leave the refiner out")
    return refiner.name


def pin(filled: Request, generate: Generate, catalog: Catalog, *, sizes: Sizes, finish: Finish, seed: int) -> Request:
    """The request with every field set, and none left to a preset: presets may change, or go.

    Args:
        filled: The request over its preset.
        generate: How the model draws.
        catalog: The names that exist.
        sizes: Of its pictures.
        finish: What is done to them.
        seed: Of its first picture.
    """
    start = {"strength": generate.strength, "counted": StrengthSteps.ALL.value}
    return read_request(
        merge(
            filled.model_dump(mode="json"),
            {
                "preset": None,
                "styles": [canonical_style(name, catalog) for name in filled.styles],
                "sheet": [canonical_style(name, catalog) for name in filled.sheet],
                "size": None if isinstance(filled.start, Keep) else sizes.wanted.model_dump(),
                **({"start": start} if isinstance(filled.start, Vary) else {}),
                "models": {"base": generate.base, "refiner": generate.refiner},
                "sampling": {
                    "steps": generate.steps,
                    "guidance": generate.guidance,
                    "sampler": generate.sampler.value,
                    "schedule": generate.schedule.value,
                    "seed": seed,
                    "variation": generate.variation and generate.variation.model_dump(),
                },
                "faces": {"on": finish.mends_faces, "detector": finish.face_detector},
                "enlarge": {
                    "repaint": finish.repaint,
                    **({"upscaler": finish.upscaler} if finish.upscaler else {}),
                },
            },
        )
    )
