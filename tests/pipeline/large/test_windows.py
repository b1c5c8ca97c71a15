"""Guessing in windows: exact for a network that looks nowhere else, and never asked for more than a window."""

from collections.abc import Callable, Sequence

import pytest
import torch

from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.denoiser import Row
from fooo.pipeline.large import WindowedDenoiser
from fooo.plan import Plan
from fooo.plan.finish.windows import tiling_in_a_window, windows_of
from fooo.request import Size, Tiling

WINDOW = Size(width=128, height=96)
OF = [Row(0, "positive"), Row(0, "negative")]


class Watched:
    """A denoiser whose guess of a latent depends on that latent alone, or on the mean of all that it sees."""

    def __init__(self, *, everywhere: bool = False) -> None:
        self.seen: list[tuple[int, ...]] = []
        self._everywhere = everywhere

    def guess(
        self,
        latents: torch.Tensor,
        sigmas: Sequence[float],
        conditionings: Sequence[Conditioning],
        of: Sequence[Row],
    ) -> torch.Tensor:
        self.seen.append(tuple(latents.shape))
        mean = latents.mean(dim=(-2, -1), keepdim=True).expand_as(latents)
        return mean if self._everywhere else torch.tanh(latents)


def guessed(denoiser: Watched, latents: torch.Tensor, tiling: Tiling = Tiling.NONE) -> torch.Tensor:
    return WindowedDenoiser(denoiser, WINDOW, tiling).guess(latents, [1.0, 1.0], [], OF)


@pytest.mark.parametrize("tiling", Tiling)
@pytest.mark.parametrize("size", [(12, 16), (5, 7), (13, 16), (13, 17), (40, 90), (24, 31)])
def test_what_each_latent_says_for_itself_stays_as_it_is(size: tuple[int, int], tiling: Tiling):
    latents = torch.rand((2, 4, *size), generator=torch.Generator().manual_seed(3))
    # float32, divided by the sum of the weights
    assert torch.allclose(guessed(Watched(), latents, tiling), torch.tanh(latents), atol=1e-6)


def test_the_network_never_sees_more_than_a_window():
    denoiser = Watched()
    guessed(denoiser, torch.zeros(2, 4, 100, 200))
    assert {shape[:2] for shape in denoiser.seen} == {(2, 4)}
    assert all(rows <= 12 and columns <= 16 for *_, rows, columns in denoiser.seen)


def test_windows_that_disagree_fade_into_each_other():
    latents = torch.linspace(0, 1, 64).expand(2, 4, 12, 64)
    mixed = guessed(Watched(everywhere=True), latents)
    steps = mixed.diff(dim=-1).abs()
    windows = latents[..., 48:].mean() - latents[..., 36:52].mean()
    # a window's guess differs from its neighbour's by 0.19; over the 4 latents that they share it goes over in parts
    assert steps.max() < 0.45 * windows


def test_windows_go_around_the_edges_along_which_the_picture_tiles():
    latents = torch.rand((1, 4, 40, 90), generator=torch.Generator().manual_seed(3))

    def step_across(tiling: Tiling, axis: int) -> torch.Tensor:
        mixed = guessed(Watched(everywhere=True), latents, tiling)
        return (mixed.select(axis, 0) - mixed.select(axis, -1)).abs().max() / mixed.diff(dim=axis).abs().max()

    # over the edge it fades as within, but for float32's rounding; where nothing goes around, two windows just end
    assert step_across(Tiling.BOTH, -1) <= 1.001
    assert step_across(Tiling.BOTH, -2) <= 1.001
    assert step_across(Tiling.X, -1) <= 1.001
    assert step_across(Tiling.Y, -1) > 1.5
    assert step_across(Tiling.X, -2) > 1.5


@pytest.mark.parametrize("tiling", Tiling)
@pytest.mark.parametrize(("width", "height"), [(128, 96), (136, 96), (256, 256), (1000, 72)])
def test_as_many_windows_are_planned_as_are_looked_at(
    plan_of: Callable[..., Plan], width: int, height: int, tiling: Tiling
):
    size = Size(width=width, height=height)
    drawn = plan_of().shots[0].generate.model_copy(update={"size": size, "window": WINDOW, "tiling": tiling})
    denoiser = Watched()
    guessed(denoiser, torch.zeros(2, 4, height // 8, width // 8), tiling)
    windows, megapixels = windows_of(drawn)
    assert len(denoiser.seen) == windows
    assert {shape[2] * shape[3] * 64 / 1e6 for shape in denoiser.seen} == {megapixels}


def test_without_windows_the_picture_is_the_only_one(plan_of: Callable[..., Plan]):
    drawn = plan_of(size="120x136").shots[0].generate
    assert windows_of(drawn) == (1, drawn.size.width * drawn.size.height / 1e6)


@pytest.mark.parametrize(
    ("width", "height", "seen"),
    [(128, 96, Tiling.BOTH), (256, 96, Tiling.Y), (128, 200, Tiling.X), (256, 200, Tiling.NONE)],
)
def test_the_networks_go_around_only_where_a_window_reaches_from_edge_to_edge(
    plan_of: Callable[..., Plan], width: int, height: int, seen: Tiling
):
    size = Size(width=width, height=height)
    drawn = plan_of().shots[0].generate.model_copy(update={"size": size, "tiling": Tiling.BOTH})
    assert tiling_in_a_window(drawn) is Tiling.BOTH
    assert tiling_in_a_window(drawn.model_copy(update={"window": WINDOW})) is seen
    none = drawn.model_copy(update={"window": WINDOW, "tiling": Tiling.NONE})
    assert tiling_in_a_window(none) is Tiling.NONE
