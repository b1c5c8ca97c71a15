"""What it costs to draw in a process of its own: `python -m benchmarks.own_process`.

The same picture, drawn here and over there, a step's preview and the finished pixels crossing each time. On a machine
that does other things too, `--processor` counts what both processes compute and not how long they wait for their turn.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import psutil

from benchmarks.timing import Ratio, compare
from fooo.app import build, engine_alone
from fooo.engine import Engine
from fooo.engine.process import ProcessEngine
from fooo.monitor import Monitor
from fooo.request import read_request
from fooo.settings import Settings


def processor_seconds() -> float:
    """That this process and those that it has begun have computed."""
    this = psutil.Process()
    times = [each.cpu_times() for each in (this, *this.children())]
    return sum(each.user + each.system for each in times)


def measure_own_process(
    settings: Settings, *, steps: int, side: int | None, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> Ratio:
    """Time there / time here, of the same engine in both places.

    Args:
        settings: Of the engine in both places.
        steps: Of each picture.
        side: Of each picture, in pixels; None: the model's own.
        rounds: As of `compare`.
        clock: As of `compare`.
    """
    fields = {"prompt": "a red apple", "sampling": {"steps": steps, "seed": 1}}
    program = build(settings)
    plan = program.plan(read_request(fields | ({"size": {"width": side, "height": side}} if side else {})))
    program.close()

    def draw(engine: Engine, _: int) -> None:
        list(engine.run(plan, Monitor(lambda event: None)))

    there, here = ProcessEngine(partial(engine_alone, settings)), engine_alone(settings)
    try:
        return compare(partial(draw, there), partial(draw, here), rounds=rounds, clock=clock, warm_ups=3)
    finally:
        there.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--side", type=int)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--processor", action="store_true", help="count the processor's seconds")
    asked = options.parse_args()
    ratio = measure_own_process(
        Settings(always_cpu=True),
        steps=asked.steps,
        side=asked.side,
        rounds=asked.rounds,
        clock=processor_seconds if asked.processor else time.perf_counter,
    )
    print(f"through its own process / in this one: {ratio}; {ratio.ours:.3f} s and {ratio.theirs:.3f} s a picture")


if __name__ == "__main__":
    main()
