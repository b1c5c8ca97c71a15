"""Error of every sampler against the number of network calls, on data whose clean guess is known exactly.

`python -m benchmarks.samplers` draws docs/pictures/samplers.svg and prints the table of docs/samplers.md.

The data are independent values from two bells, at -1 and 1 with a spread of 0.3. Without noise on the way a sampler's
end is compared with the exact solution of the same equation from the same start; with noise, the values it ends in with
those of the data. Both are mean distances, of values in order in the second case (Wasserstein's distance).
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.line_chart import Line, Panel, Point, draw
from fooo.catalog import Sampler, Schedule
from fooo.pipeline.latents import Latents
from fooo.pipeline.samplers import SAMPLERS
from fooo.pipeline.schedules import make_sigmas
from tests.pipeline.walking import LEVELS, Gaussians, carry, sample, walk_of

PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "samplers.svg"
DATA = Gaussians(low=-1.0, high=1.0, spread=0.3)
SIDE = 256
STEPS = (4, 6, 8, 10, 14, 20, 28, 40, 56, 80, 100)
SHOWN = (10, 20, 40)
"""Steps in the table."""
SCHEDULE = Schedule.KARRAS
WITHOUT_NOISE = (
    Sampler.EULER, Sampler.HEUN, Sampler.LMS, Sampler.DPM_2, Sampler.DPMPP_2M, Sampler.UNI_PC, Sampler.DPM_ADAPTIVE,
)  # fmt: skip
"""DDIM is Euler here."""
WITH_NOISE = (
    Sampler.EULER_ANCESTRAL, Sampler.DPM_2_ANCESTRAL, Sampler.DPMPP_2S_ANCESTRAL, Sampler.DPMPP_SDE,
    Sampler.DPMPP_2M_SDE, Sampler.DPMPP_3M_SDE, Sampler.RESTART, Sampler.TCD, Sampler.LCM, Sampler.DPMPP_2M,
)  # fmt: skip
"""DDPM is Euler a here; DPM++ 2M, which adds none, to compare."""


def start() -> Latents:
    """The data with as much noise as there is at the beginning; float32, as in use."""
    noise = torch.randn((1, 4, SIDE, SIDE), generator=torch.Generator().manual_seed(1))
    return DATA.draw(noise, seed=2) + noise * LEVELS.highest


def exact() -> Latents:
    """Where the equation without noise leads: Heun's steps in float64, so many that more change nothing."""
    sigmas = make_sigmas(Schedule.EXPONENTIAL, 500, LEVELS)
    return sample(Sampler.HEUN, walk_of(start().double(), sigmas), DATA.guess)


def error(sampler: Sampler, steps: int, wanted: Latents, *, in_order: bool) -> Point:
    """Network calls, and the mean distance from the wanted values; of both in order, where only their spread counts."""
    walk = walk_of(start(), make_sigmas(SCHEDULE, steps, LEVELS), seed=3)
    end, asks = carry(SAMPLERS[sampler](walk), DATA.guess)
    values = end.flatten().sort().values if in_order else end.flatten()
    return len(asks), float((values - wanted.flatten()).abs().mean())


def spread_of_data(seed: int) -> Latents:
    return DATA.draw(torch.zeros((1, 4, SIDE, SIDE)), seed=seed).flatten().sort().values


def lines(samplers: Sequence[Sampler], wanted: Latents, *, in_order: bool) -> list[Line]:
    found: list[Line] = []
    for sampler in samplers:
        steps = STEPS[:1] if sampler is Sampler.DPM_ADAPTIVE else STEPS
        points = [error(sampler, each, wanted, in_order=in_order) for each in steps]
        found.append(Line(sampler.label, [point for point in points if point[0] <= STEPS[-1]]))
    return found


def row(sampler: Sampler, wanted: Latents, *, in_order: bool) -> str:
    if sampler is Sampler.DPM_ADAPTIVE:
        calls, apart = error(sampler, SHOWN[0], wanted, in_order=in_order)
        return f"| {sampler.label} | {apart:.4f} with {calls:.0f} calls, whatever the steps | | |"
    errors = (error(sampler, steps, wanted, in_order=in_order)[1] for steps in SHOWN)
    return "| " + " | ".join([sampler.label, *(f"{each:.4f}" for each in errors)]) + " |"


def main() -> None:
    solution, data = exact(), spread_of_data(4)
    floor = float((spread_of_data(5) - data).abs().mean())
    panels = [
        Panel(
            title="No noise on the way: distance from the exact end", x_name="network calls", y_name="mean distance",
            x_ticks=(4, 10, 20, 40, 100), y_ticks=(1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1),
            lines=lines(WITHOUT_NOISE, solution, in_order=False),
        ),
        Panel(
            title="Noise on the way: distance from the data", x_name="network calls",
            y_name="Wasserstein's distance; dashed: of two samples of the data",
            x_ticks=(4, 10, 20, 40, 100), y_ticks=(3e-4, 1e-3, 1e-2, 1e-1, 1),
            lines=lines(WITH_NOISE, data, in_order=True), level=floor,
        ),
    ]  # fmt: skip
    PICTURE.write_text(draw(panels), encoding="utf-8")
    head = "| sampler | " + " | ".join(f"{steps} steps" for steps in SHOWN) + " |\n|---|---|---|---|"
    print(head, *(row(each, solution, in_order=False) for each in WITHOUT_NOISE), sep="\n")
    print(head, *(row(each, data, in_order=True) for each in WITH_NOISE), sep="\n")
    print(f"Two samples of the data lie {floor:.4f} apart.")


if __name__ == "__main__":
    main()
