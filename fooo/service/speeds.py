"""From past jobs to what the machine can do: a small model, fitted so that a few odd jobs do not sway it."""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from statistics import median

from fooo.plan import Pace, Speeds
from fooo.service.timings import Drawn, Enlarged, Experienced, Mended, Timed

_NEWEST = 15
"""Jobs of a model that count."""

_APART = math.log(1.5)
"""How far two calls lie apart to tell how time grows, as a logarithm: noise of 5 % in each turns the power by 0.17."""

_MOST_GROWTH = 2.0
"""Attention's own."""


def fit_speeds(jobs: Sequence[Experienced], *, device: str, ready: frozenset[str]) -> Speeds:
    """What the device was measured to do.

    A model's pace is told by its own jobs; a model without any by those of its build.

    Args:
        jobs: Oldest first, of any device.
        device: That will draw.
        ready: Names of the models in its memory.
    """
    here = [job for job in jobs if job.device == device]
    drawn = [job for job in here if isinstance(job, Timed)]
    enlarged = [job for job in here if isinstance(job, Enlarged)]
    mended = [job for job in here if isinstance(job, Mended)]
    keys = {key for job in drawn for network in _networks(job) for key in (network.name, network.build)}
    return Speeds(
        {key: _pace(key, drawn) for key in keys},
        ready,
        enlarging={job.upscaler: _enlarging(job.upscaler, enlarged) for job in enlarged},
        found={job.detector: _found(job.detector, mended) for job in mended},
    )


def _enlarging(upscaler: str, jobs: Iterable[Enlarged]) -> Pace:
    mine = [(job.megapixels, job.seconds) for job in jobs if job.upscaler == upscaler][-_NEWEST:]
    seconds, growth = _power_law(mine)
    return Pace(call=seconds, growth=growth)


def _found(detector: str, jobs: Iterable[Mended]) -> float:
    return _median([job.found for job in jobs if job.detector == detector][-_NEWEST:])


def _pace(key: str, jobs: Iterable[Timed]) -> Pace:
    """Of what has that name or build."""
    mine = [(job, drawn) for job in jobs for drawn in _networks(job) if key in (drawn.name, drawn.build)][-_NEWEST:]
    call, growth = _power_law([(job.megapixels * job.guesses, drawn.call) for job, drawn in mine])
    start = _median(job.start for job, _ in mine)
    cold_start = _median(job.cold_start for job, drawn in mine if job.read == drawn.name)
    return Pace(
        call=call,
        growth=growth,
        start=start,
        finish=_median(job.finish / job.megapixels for job, _ in mine),
        loading=max(0.0, cold_start - start),
    )


def _networks(job: Timed) -> tuple[Drawn, ...]:
    return (job.base, job.refiner) if job.refiner else (job.base,)


def _power_law(measured: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Factor and power of seconds = factor * megapixels ** power.

    The power is the median slope between measurements in logarithms, the factor what leaves half of them above and half
    below; where all calls are about as large, time grows as the pixels do.

    Source: Theil 1950 and Sen 1968, "Estimates of the Regression Coefficient Based on Kendall's Tau".
    """
    points = [(math.log(size), math.log(seconds)) for size, seconds in measured]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if abs(b[0] - a[0]) >= _APART]
    power = min(max(median(slopes), 0.0), _MOST_GROWTH) if slopes else 1.0
    return math.exp(median(seconds - power * size for size, seconds in points)), power


def _median(values: Iterable[float | None]) -> float:
    known = [value for value in values if value is not None]
    return median(known) if known else 0.0
