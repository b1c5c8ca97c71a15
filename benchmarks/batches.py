"""Several pictures in one network call against one after the other: time, and whether they are the same pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from benchmarks.drawing import SEED, Ours, Pixels
from benchmarks.overhead import program_of
from benchmarks.timing import Ratio, compare
from fooo.engine import Engine
from fooo.monitor import Answer, Monitor
from fooo.pipeline import Networks, TextEncoders, decode, denoise_together, prepare_run
from fooo.pipeline.denoise import Run
from fooo.plan import Plan
from fooo.weights import MemoryPolicy, Precision, Residency

TOGETHER = 4


@dataclass(frozen=True, slots=True)
class Apart:
    """Distance between the same pictures drawn in two ways. Attributes: largest, mean: Of pixels, 0..255."""

    largest: int
    mean: float


def time_together(ours: Ours, *, rounds: int) -> Ratio:
    """Seconds of pictures in one network call / of as many one after the other."""
    some, each = (ours.engine_like(together=count) for count in (TOGETHER, 1))

    def draw(engine: Engine, number: int) -> None:
        list(engine.run(_plan(ours, number), Monitor(lambda event: None)))

    return compare(lambda number: draw(some, number), lambda number: draw(each, number), rounds=rounds)


def time_ahead(ours: Ours, *, rounds: int) -> Ratio:
    """Seconds of jobs whose pictures are drawn while the one before is kept / of jobs that do one thing at a time."""
    with program_of(ours, ours.engine_like(ahead=True)) as ahead, program_of(ours, ours.engine_like()) as plain:

        def ours_way(number: int) -> None:
            list(ahead.submit(_plan(ours, number).request).events())

        def plain_way(number: int) -> None:
            list(plain.submit(_plan(ours, number).request).events())

        return compare(ours_way, plain_way, rounds=rounds)


def apart(ours: Ours, precision: Precision) -> Apart:
    """How far pictures drawn together are from the same ones drawn alone, where networks compute so."""
    residency = Residency(MemoryPolicy(device=ours.device.kind, precision=precision, vae_precision=precision))
    networks = Networks(base=ours.model, refiner=None, residency=residency, encoders=TextEncoders(residency))
    shots = _plan(ours, 0).shots

    def runs() -> list[Run]:
        return [prepare_run(shot, shot.generate, networks, watch=lambda clean, moment: Answer.GO) for shot in shots]

    together = _decoded(networks, runs(), len(shots))
    alone = _decoded(networks, runs(), 1)
    distances = [np.abs(one.astype(int) - other) for one, other in zip(together, alone, strict=True)]
    return Apart(int(np.max(distances)), float(np.mean(distances)))


def _decoded(networks: Networks, runs: Sequence[Run], at_once: int) -> list[Pixels]:
    parts = [runs[first : first + at_once] for first in range(0, len(runs), at_once)]
    ended = [each for part in parts for each in denoise_together(part)]
    with networks.residency.use(networks.decoder) as vae:
        return [decode(cast(AutoencoderKL, vae), each.latents).pixels for each in ended]


def _plan(ours: Ours, number: int) -> Plan:
    return ours.plan("a red apple", SEED + TOGETHER * number, {"output": {"count": TOGETHER}})
