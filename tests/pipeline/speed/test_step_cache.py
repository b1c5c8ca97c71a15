"""Step caching on the pocket model's UNet: what is asked of it when, and what stays as it was."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.catalog import Sampler, Schedule
from fooo.monitor import Answer
from fooo.pipeline import Latents, Moment, Networks, denoise, prepare_run
from fooo.pipeline.denoise import Run, denoise_together
from fooo.pipeline.denoiser import Row
from fooo.pipeline.generate import LendUnet
from fooo.pipeline.speed.step_cache import _Point, _told  # pyright: ignore[reportPrivateUsage]
from fooo.plan import Generate, Shot, Texts
from fooo.request import FreeU, GuidanceOptions, Size, Tiling
from fooo.weights import NetworkKey, Part
from tests.oracle.conftest import networks_of
from tests.pipeline.ordinary_noise import at_ordinary_noise

STEPS = 12


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Networks:
    models = at_ordinary_noise(tmp_path_factory.mktemp("models"))
    return networks_of(models["base"], models["refiner"])


def go_on(clean: Latents, moment: Moment) -> Answer:
    return Answer.GO


@pytest.fixture
def run_of(networks: Networks) -> Callable[..., Run]:
    def run(*, seed: int = 7, words: str = "a red apple", **wishes: Any) -> Run:
        generate = Generate(
            size=Size(width=64, height=64), steps=STEPS, guidance=4.0, sampler=Sampler.EULER,
            schedule=Schedule.KARRAS, base="pocket/base", refiner=None, refiner_step=None,
        )  # fmt: skip
        shot = Shot(number=0, seed=seed, texts=Texts.of(words), passes=(generate.model_copy(update=wishes),))
        return prepare_run(shot, shot.generate, networks, watch=go_on)

    return run


@contextmanager
def counted(networks: Networks, *, part: str = "mid_block") -> Generator[list[int]]:
    """The rows of each call of a part of the base's UNet."""
    rows: list[int] = []

    def count(_module: object, inputs: tuple[torch.Tensor, ...], _told: object) -> None:
        rows.append(len(inputs[0]))

    with networks.residency.use(NetworkKey(networks.base, Part.UNET)) as unet:
        handle = cast(torch.nn.Module, getattr(unet, part)).register_forward_pre_hook(count, with_kwargs=True)
        yield rows
        handle.remove()


@pytest.mark.parametrize(("interval", "calls"), [(1, 12), (2, 5 + 3), (3, 5 + 2), (5, 5 + 1)])
def test_the_deep_layers_are_asked_at_the_first_five_steps_and_from_then_on_at_every_nth(
    run_of: Callable[..., Run], networks: Networks, interval: int, calls: int
):
    with counted(networks) as deep, counted(networks, part="conv_out") as outer:
        denoise(run_of(step_cache=interval))
    assert deep == [2] * calls
    assert outer == [2] * STEPS


def test_off_is_bit_for_bit_as_if_there_were_no_such_thing_also_after_it_was_on(run_of: Callable[..., Run]):
    before = denoise(run_of()).latents
    cached = denoise(run_of(step_cache=3)).latents
    assert not torch.equal(cached, before)
    assert torch.equal(denoise(run_of(step_cache=1)).latents, before)


def test_the_outermost_layers_with_what_the_deep_ones_say_are_the_whole_network(
    run_of: Callable[..., Run], networks: Networks
):
    """At a step that repeats the two before it, nothing is lost; bit for bit."""
    run = run_of()
    latents, words = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1)), run.legs[0].words
    lend = LendUnet(networks.residency, networks.base, (), 2)
    with torch.inference_mode(), lend(()) as denoiser, counted(networks) as deep:
        guesses = [
            denoiser.guess(latents, [3.0, 2.0], list(words.values()), [Row(0, "a"), Row(0, "b")]) for _ in range(6)
        ]
    assert deep == [2] * 5
    assert all(torch.equal(guess, guesses[0]) for guess in guesses)


def test_deep_features_that_change_steadily_are_told_exactly():
    """On a line through 1 and 3 at steps 4 and 6, step 7 is 4."""
    points = (_Point(4, torch.tensor([1.0, -2.0])), _Point(6, torch.tensor([3.0, -2.0])))
    assert torch.equal(_told(points, 7), torch.tensor([4.0, -2.0]))


def test_a_row_that_is_new_asks_the_whole_network_for_all(run_of: Callable[..., Run], networks: Networks):
    """Guidance that begins in the middle, as new as a picture that joins the others: two points make a line."""
    options = GuidanceOptions(start=0.5, end=0.75)
    with counted(networks) as deep, counted(networks, part="conv_out") as outer:
        denoise(run_of(step_cache=4, guidance_options=options))
    assert outer == [1] * 6 + [2] * 3 + [1] * 3
    # the sixth step rests; two of the guided ones are new; from there three rest, and the last one is asked
    assert deep == [1] * 5 + [2] * 2 + [1]


def test_pictures_drawn_together_remember_their_own(run_of: Callable[..., Run]):
    alone = [denoise(run_of(seed=seed, step_cache=3)).latents for seed in range(3)]
    together = denoise_together([run_of(seed=seed, step_cache=3) for seed in range(3)])
    for one, other in zip(alone, together, strict=True):
        # float32, rounded otherwise in larger products; latents are of size 1
        assert torch.allclose(one, other.latents, atol=1e-4)


def test_pictures_with_words_of_other_lengths_rest_as_often_as_alone(run_of: Callable[..., Run], networks: Networks):
    """They are guessed in calls of their own, one behind the other at each step."""
    texts = ("a red apple", " ".join(["apple"] * 100))
    alone = [denoise(run_of(words=words, step_cache=2)).latents for words in texts]
    with counted(networks) as deep:
        together = denoise_together([run_of(words=words, step_cache=2) for words in texts])
    assert deep == [2] * 2 * (5 + 3)
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one, other.latents)


def test_calls_split_by_memory_remember_each_row(run_of: Callable[..., Run], networks: Networks):
    whole = denoise(run_of(step_cache=3)).latents
    policy = networks.residency.policy
    networks.residency.adopt(replace(policy, rows=1))
    with counted(networks) as deep:
        split = denoise(run_of(step_cache=3)).latents
    networks.residency.adopt(policy)
    assert deep == [1] * 2 * (5 + 2)
    assert torch.allclose(whole, split, atol=1e-4)  # as above


def test_a_refiner_rests_as_the_base_does_and_begins_with_all_of_itself(run_of: Callable[..., Run], networks: Networks):
    with counted(networks) as of_base:
        ended = denoise(run_of(step_cache=2, refiner="pocket/refiner", refiner_step=8))
    assert len(of_base) == 5 + 1
    assert torch.isfinite(ended.latents).all()


@pytest.mark.parametrize(
    "wishes",
    [
        {"free_u": FreeU(b1=1.3, b2=1.4, s1=0.9, s2=0.2)},
        {"tiling": Tiling.BOTH},
        {"guidance_options": GuidanceOptions(perturbed_attention=3.0)},
    ],
)
def test_it_goes_with_what_else_changes_the_network(
    run_of: Callable[..., Run], networks: Networks, wishes: dict[str, object]
):
    plain = denoise(run_of(**wishes)).latents
    cached = denoise(run_of(**wishes, step_cache=2)).latents
    without = denoise(run_of(step_cache=2)).latents
    assert torch.isfinite(cached).all()
    assert not torch.equal(cached, without)
    assert (cached - plain).abs().mean() < (without - plain).abs().mean()


def test_it_leaves_nothing_on_the_network(run_of: Callable[..., Run], networks: Networks):
    with networks.residency.use(NetworkKey(networks.base, Part.UNET)) as network:
        unet = cast(UNet2DConditionModel, network)
        before = parts(unet)
    denoise(run_of(step_cache=2))
    with networks.residency.use(NetworkKey(networks.base, Part.UNET)):
        assert parts(unet) == before


def parts(unet: UNet2DConditionModel) -> Sequence[object]:
    """Which modules it is made of, and how many hooks each has."""
    modules = cast(Iterable[tuple[str, Any]], unet.named_modules())
    return [(name, id(module), len(module._forward_pre_hooks)) for name, module in modules]
