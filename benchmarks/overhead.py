"""What a picture costs beside its networks: planning, events, previews, the record, the file.

Only a processor tells it so: a graphics card computes on when a network's call has returned.
"""

import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from statistics import median

from benchmarks.drawing import SEED, Ours
from benchmarks.timing import interval
from fooo.engine import Engine
from fooo.events import JobDone
from fooo.record import Archive
from fooo.request import Request
from fooo.service import Fooo
from fooo.weights import Part


@dataclass(frozen=True, slots=True)
class Overhead:
    """Of whole jobs through the service.

    Attributes:
        share: Of the job's time, from its request to its end, that no network computed: the median.
        low, high: Its 95 % interval.
        seconds: Of a job, the median.
    """

    share: float
    low: float
    high: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.share:.1%} ({self.low:.1%} to {self.high:.1%})"


def measure_overhead(ours: Ours, *, jobs: int, warm_ups: int = 2) -> Overhead:
    """Args: ours: Whose engine and networks. jobs: A picture each, with words that were never read before."""
    shares: list[float] = []
    times: list[float] = []
    prompts = (f"a red apple and {number} cats" for number in count())
    with program_of(ours, ours.engine) as program:
        # before their networks are looked at, which loads them where they are not: a thread that has computed has
        # helpers of its own from then on, and they take turns with those of the thread that draws
        for prompt in islice(prompts, warm_ups):
            _draw(program, ours.plan(prompt, SEED).request)
        with _watched(ours) as clock:
            for prompt in islice(prompts, jobs):
                request = ours.plan(prompt, SEED).request
                clock.spent, started = 0.0, time.perf_counter()
                _draw(program, request)
                seconds = time.perf_counter() - started
                shares.append(1 - clock.spent / seconds)
                times.append(seconds)
    return Overhead(median(shares), *interval(shares), median(times))


def _draw(program: Fooo, request: Request) -> None:
    events = list(program.submit(request).events())
    assert isinstance(events[-1], JobDone)


@contextmanager
def program_of(ours: Ours, engine: Engine) -> Generator[Fooo]:
    """The whole program with an engine of ours, its pictures in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as outputs:
        program = Fooo(
            catalog=ours.catalog, make_engine=lambda: engine, archive=Archive(Path(outputs)), draw_seed=lambda: SEED
        )
        try:
            yield program
        finally:
            program.close()


class _Clock:
    """Adds up the time in which a network is at work; networks never work within each other."""

    def __init__(self) -> None:
        self.spent = 0.0
        self._began = 0.0

    def begin(self, *_call: object) -> None:
        self._began = time.perf_counter()

    def end(self, *_call: object) -> None:
        self.spent += time.perf_counter() - self._began


@contextmanager
def _watched(ours: Ours) -> Generator[_Clock]:
    """The time in the UNet, the decoder and the text towers of ours."""
    clock = _Clock()
    parts = (Part.UNET, Part.TEXT_ENCODER, Part.TEXT_ENCODER_2)
    # of a VAE no part but its decoder is called as a module
    networks = [*(ours.network(part) for part in parts), ours.network(Part.VAE).decoder]
    with ExitStack() as undo:
        for network in networks:
            undo.callback(network.register_forward_pre_hook(clock.begin).remove)
            undo.callback(network.register_forward_hook(clock.end).remove)
        yield clock
