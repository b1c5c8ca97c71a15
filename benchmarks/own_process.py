"""What it costs to draw in a process of its own: `python -m benchmarks.own_process`.

The same picture, drawn here and over there, a step's preview and the finished pixels crossing each time.
"""

import argparse
from functools import partial

from benchmarks.timing import Ratio, compare
from fooo.app import build, engine_alone
from fooo.engine import Engine
from fooo.engine.process import ProcessEngine
from fooo.monitor import Monitor
from fooo.request import read_request
from fooo.settings import Settings


def measure_own_process(settings: Settings, *, steps: int, side: int | None, rounds: int) -> Ratio:
    """Time there / time here, of the same engine in both places.

    Args:
        settings: Of the engine in both places.
        steps: Of each picture.
        side: Of each picture, in pixels; None: the model's own.
        rounds: As of `compare`.
    """
    fields = {"prompt": "a red apple", "sampling": {"steps": steps, "seed": 1}}
    program = build(settings)
    plan = program.plan(read_request(fields | ({"size": {"width": side, "height": side}} if side else {})))
    program.close()

    def draw(engine: Engine, _: int) -> None:
        list(engine.run(plan, Monitor(lambda event: None)))

    there, here = ProcessEngine(partial(engine_alone, settings)), engine_alone(settings)
    try:
        return compare(partial(draw, there), partial(draw, here), rounds=rounds, warm_ups=3)
    finally:
        there.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--side", type=int)
    options.add_argument("--rounds", type=int, default=20)
    asked = options.parse_args()
    ratio = measure_own_process(Settings(always_cpu=True), steps=asked.steps, side=asked.side, rounds=asked.rounds)
    print(f"through its own process / in this one: {ratio}; {ratio.ours:.3f} s and {ratio.theirs:.3f} s a picture")


if __name__ == "__main__":
    main()
