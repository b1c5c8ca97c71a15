"""The loop against diffusers' own SDXL pipelines, on small random networks, float32."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from fooo.catalog import Sampler, Schedule
from fooo.events import LegName
from fooo.monitor import Answer
from fooo.pipeline import Ended, Latents, Moment, denoise, prepare_run
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoise import Run
from fooo.pipeline.moment import CallName
from fooo.plan import Generate, Shot, Texts, plain
from fooo.request import Size
from tests.oracle.conftest import KINDS, Oracles

SEEN = 1e-2
"""How far off the latents are, at least, when an input is wrong."""
SIZE, OTHER_SIZE = Size(width=64, height=96), Size(width=96, height=64)
STEPS, GUIDANCE, SEED = 10, 4.0, 7
BY_KIND = pytest.mark.parametrize(
    "oracles",
    [kind if kind == "epsilon" else pytest.param(kind, marks=pytest.mark.prove) for kind in KINDS],
    indirect=True,
    scope="session",
)
"""What moves the latents of one kind moves those of the others: `make prove` looks at each."""
WORDS, NEGATIVE, OTHER_WORDS = "a red apple on a table", "", "three blue cars"


def shot_of(*, refiner_step: int | None = None) -> Shot:
    generate = Generate(
        size=SIZE,
        steps=STEPS,
        guidance=GUIDANCE,
        sampler=Sampler.EULER,
        schedule=Schedule.DDIM_UNIFORM,
        base="base",
        refiner="refiner" if refiner_step else None,
        refiner_step=refiner_step,
    )
    return Shot(number=0, seed=SEED, texts=Texts.of(WORDS, NEGATIVE), passes=(generate,))


def go_on(clean: Latents, moment: Moment) -> Answer:
    return Answer.GO


def run_of(oracles: Oracles, shot: Shot) -> Run:
    generate = shot.generate.model_copy(update={"schedule": oracles.schedule})
    return prepare_run(shot, generate, oracles.networks, watch=go_on)


def with_words(run: Run, leg: LegName, call: CallName, change: Callable[[Conditioning], Conditioning]) -> Run:
    """The run with one input of one call exchanged."""
    legs = [
        replace(each, words={**each.words, call: change(each.words[call])}) if each.name is leg else each
        for each in run.legs
    ]
    return replace(run, legs=legs)


def distance(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().max())


@pytest.fixture(scope="module")
def base_latents(oracles: Oracles) -> torch.Tensor:
    return oracles.base(
        WORDS, negative_prompt="", num_inference_steps=STEPS, guidance_scale=GUIDANCE, height=SIZE.height,
        width=SIZE.width, generator=torch.Generator("cpu").manual_seed(SEED), output_type="latent",
    ).images  # fmt: skip


@pytest.fixture(scope="module")
def refined_latents(oracles: Oracles) -> torch.Tensor:
    common = {"negative_prompt": "", "num_inference_steps": STEPS, "guidance_scale": GUIDANCE, "output_type": "latent"}
    half = oracles.base(
        WORDS, height=SIZE.height, width=SIZE.width, generator=torch.Generator("cpu").manual_seed(SEED),
        denoising_end=0.8, **common,
    ).images  # fmt: skip
    size = (SIZE.height, SIZE.width)
    return oracles.refiner(
        WORDS, image=half, denoising_start=0.8, original_size=size, target_size=size, **common
    ).images  # fmt: skip


def test_the_base_alone_gives_the_latents_of_diffusers_pipeline(oracles: Oracles, base_latents: torch.Tensor):
    ended = denoise(run_of(oracles, shot_of()))
    assert ended.steps_done == STEPS
    assert distance(ended.latents, base_latents) <= oracles.tolerance


def test_base_and_refiner_in_one_run_give_the_latents_of_diffusers_hand_over(
    oracles: Oracles, refined_latents: torch.Tensor
):
    legs: list[LegName] = []

    def watch(clean: Latents, moment: Moment) -> Answer:
        legs.append(moment.leg)
        return Answer.GO

    ended = denoise(replace(run_of(oracles, shot_of(refiner_step=8)), watch=watch))
    assert legs == [LegName.BASE] * 8 + [LegName.REFINER] * 2
    assert distance(ended.latents, refined_latents) <= oracles.tolerance


def exchanged(oracles: Oracles) -> dict[str, Callable[[Conditioning], Conditioning]]:
    """One input of a call exchanged for another of the same kind."""
    base = oracles.networks.base
    other, _ = oracles.networks.encoders.encode(base, [plain(OTHER_WORDS), plain("")])
    first = other.first.shape[-1]
    return {
        "pooled": lambda words: replace(words, pooled=other.pooled),
        "size numbers": lambda words: replace(words, numbers=words.numbers.flip(1)),
        "first tower": lambda words: replace(
            words, context=torch.cat([other.first, words.context[..., first:]], dim=-1)
        ),
        "second tower": lambda words: replace(
            words, context=torch.cat([words.context[..., :first], other.second], dim=-1)
        ),
    }


@BY_KIND
@pytest.mark.parametrize("call", list(CallName))
@pytest.mark.parametrize("name", ["pooled", "size numbers", "first tower", "second tower"])
def test_the_base_oracle_sees_every_input(oracles: Oracles, base_latents: torch.Tensor, call: CallName, name: str):
    change = exchanged(oracles)[name]
    ended = denoise(with_words(run_of(oracles, shot_of()), LegName.BASE, call, change))
    assert distance(ended.latents, base_latents) >= SEEN


@BY_KIND
@pytest.mark.parametrize("call", list(CallName))
@pytest.mark.parametrize("name", ["pooled", "words", "aesthetic score", "size"])
def test_the_refiner_oracle_sees_every_input(
    oracles: Oracles, refined_latents: torch.Tensor, call: CallName, name: str
):
    other, _ = oracles.networks.encoders.encode(oracles.networks.base, [plain(OTHER_WORDS), plain("")])

    def change(words: Conditioning) -> Conditioning:
        numbers = words.numbers.clone()
        match name:
            case "pooled":
                return replace(words, pooled=other.pooled)
            case "words":
                return replace(words, context=other.second)
            case "aesthetic score":
                numbers[0, 4] = 8.5 - numbers[0, 4]
            case _:
                numbers[0, :2] = numbers[0, :2].flip(0)
        return replace(words, numbers=numbers)

    ended = denoise(with_words(run_of(oracles, shot_of(refiner_step=8)), LegName.REFINER, call, change))
    assert distance(ended.latents, refined_latents) >= SEEN


def test_the_oracle_sees_which_network_takes_the_last_steps(oracles: Oracles, refined_latents: torch.Tensor):
    ended = denoise(run_of(oracles, shot_of(refiner_step=9)))
    assert distance(ended.latents, refined_latents) >= SEEN


def test_the_oracle_sees_the_seed_and_the_guidance(oracles: Oracles, base_latents: torch.Tensor):
    shot = shot_of()
    generate = shot.generate
    for other in (
        shot.model_copy(update={"seed": SEED + 1}),
        shot.model_copy(update={"passes": (generate.model_copy(update={"guidance": 4.1}),)}),
    ):
        ended: Ended = denoise(run_of(oracles, other))
        assert distance(ended.latents, base_latents) >= SEEN
