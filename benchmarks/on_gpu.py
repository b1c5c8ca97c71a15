"""SDXL at its full size on a graphics card: milliseconds a step, how much of the card that is, memory.

`python -m benchmarks.on_gpu` says so where there is no card. The weights are random, which changes no time.
"""

import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, cast

import torch

from benchmarks.drawing import SEED, Ours
from benchmarks.full_size import NAME, write_full_size
from benchmarks.report import Row, machine, table
from fooo.engine import Engine
from fooo.events import Event, Step
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.settings import quiet_libraries

STEPS = 20
FLOPS_A_GUESS = 6.76e12
"""Of a guess of SDXL's base at 1024 x 1024, by its layers: 4.35 in linear layers, 1.62 in convolutions, the rest in
attention's products."""
SIDE = 8192
"""Of the matrices whose product is taken for the most that the card can do."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Attributes: seconds: Of a step of all pictures together, the median. peak: Most bytes that tensors took."""

    seconds: float
    peak: int


def main() -> None:
    quiet_libraries()
    if not torch.cuda.is_available():
        print("SDXL at 1024 x 1024 on a graphics card: not measured here, there is none.")
        return
    with tempfile.TemporaryDirectory() as folder:
        write_full_size(Path(folder), torch.float16)
        wishes = {"size": {"width": 1024, "height": 1024}, "sampling": {"steps": STEPS}}
        ours = Ours(Path(folder), NAME, wishes)
        most = flops_a_second(torch.device("cuda"))
        rows = [
            _row(ours, most, pictures=pictures, compiled=compiled) for compiled in (False, True) for pictures in (1, 4)
        ]
    print(machine(ours.device), f"\nBest product of matrices: {most / 1e12:.0f} TFLOP/s\n", sep="\n")
    print(table(rows))


def _row(ours: Ours, most: float, *, pictures: int, compiled: bool) -> Row:
    _forget()
    engine = ours.engine_like(together=pictures, compiled=compiled)
    steps = measure_steps(engine, ours.plan("", SEED, {"output": {"count": pictures}}), peak=_peak)
    share = 2 * pictures * FLOPS_A_GUESS / steps.seconds / most
    name = f"{pictures} of 1024 x 1024 with guidance, {'compiled' if compiled else 'as it is'}"
    return Row(name, f"{1000 * steps.seconds:.1f} ms a step, {share:.0%} of the card, {steps.peak / 2**30:.1f} GiB")


def measure_steps(engine: Engine, plan: Plan, *, peak: Callable[[], int]) -> Steps:
    """Draws twice, and measures the second time.

    Args:
        engine: Draws.
        plan: All of its pictures in the same network calls.
        peak: Most bytes that were taken.
    """
    times: list[float] = []

    def hear(event: Event) -> None:
        # a preview has waited for the card
        if isinstance(event, Step) and event.shot == 0:
            times.append(time.perf_counter())

    list(engine.run(plan, Monitor(hear)))
    times.clear()
    list(engine.run(plan, Monitor(hear)))
    return Steps(median(later - sooner for sooner, later in pairwise(times)), peak())


def flops_a_second(device: torch.device, *, side: int = SIDE, rounds: int = 20) -> float:
    """Of the best of some products of large matrices in 16 bits: more than any network gets."""
    one, other = (cast(Any, torch).randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))

    def product() -> float:
        started = time.perf_counter()
        float((one @ other)[0, 0])  # waits for it
        return time.perf_counter() - started

    return 2 * side**3 / min(product() for _ in range(rounds))


def _forget() -> None:
    """What the engine before held, so that the peak is of the next one alone."""
    gc.collect()
    cuda = cast(Any, torch).cuda
    cuda.empty_cache()
    cuda.reset_peak_memory_stats()


def _peak() -> int:
    return cast(int, cast(Any, torch).cuda.max_memory_allocated())


if __name__ == "__main__":
    main()
