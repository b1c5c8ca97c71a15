"""Our loop beside diffusers' pipeline, what is around it, and its quicker ways: `make bench`.

`python -m benchmarks.loop` measures everything, which takes an hour on two processor cores, and writes the tables of
docs/performance-of-the-loop.md, each row as soon as it is measured. `--quick` takes minutes: few rounds, few pictures,
no full-size model, and prints only.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from benchmarks.batches import TOGETHER, apart, time_ahead, time_together
from benchmarks.drawing import SEED, Ours, Theirs, Wishes
from benchmarks.full_size import NAME, write_full_size
from benchmarks.overhead import measure_overhead
from benchmarks.quality import Quality, find_judge, measure_quality, plain_prompts
from benchmarks.report import Row, machine, put_into, table
from benchmarks.timing import Ratio, compare, interval_of_ratio
from fooo.request import Size
from fooo.settings import ROOT, quiet_libraries
from fooo.weights import DeviceKind, Precision, find_device

PAGE = ROOT / "docs" / "performance-of-the-loop.md"
STEPS = 20
MOST_APART = 1
"""Between our pixels and theirs: float32 rounds otherwise in another order."""
LONG_ROUNDS = 6
"""As many times fewer rounds of twenty steps of the full-size model."""


@dataclass(frozen=True, slots=True)
class Options:
    quick: bool
    rounds: int
    prompts: int
    work: Path
    nouns: int
    threads: int | None


def main(arguments: Sequence[str] | None = None) -> None:
    options, parts = _options(arguments)
    quiet_libraries()
    if options.threads:
        cast(Any, torch).set_num_threads(options.threads)
    pocket = Ours(ROOT / "models", "pocket/base", {"sampling": {"steps": STEPS}})
    where = f"Measured on {machine(pocket.device)}."
    for name in parts:
        print(f"\n{name}\n")
        measure(_PARTS[name](pocket, options), lambda text, name=name: _keep(name, text, where, options))
    print(f"\n{where}")


def measure(rows: Iterator[Row], keep: Callable[[str], None]) -> None:
    """Hands on the table after each of its rows, so that who stops in the middle loses the last one alone."""
    measured: list[Row] = []
    for row in rows:
        measured.append(row)
        print(table([row]).splitlines()[-1], flush=True)
        keep(table(measured))


def _keep(name: str, text: str, where: str, options: Options) -> None:
    if not options.quick:
        put_into(PAGE, name, f"{text}\n\n{where}")


def _options(arguments: Sequence[str] | None) -> tuple[Options, Sequence[str]]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(_PARTS)} (all)")
    parser.add_argument("--quick", action="store_true", help="few rounds, no full-size model; print only")
    parser.add_argument("--rounds", type=int, help="of four pictures each (12; quick: 3)")
    parser.add_argument("--prompts", type=int, help="for the quality (64; quick: 4)")
    parser.add_argument("--threads", type=int, help="that compute (as many as the machine has cores)")
    parser.add_argument("--work", type=Path, default=Path(".pocket"), help="where an examiner may be (%(default)s)")
    parser.add_argument("--nouns", type=int, default=119, help="that the examiner knows (%(default)s)")
    given = parser.parse_args(arguments)
    unknown = [part for part in given.parts if part not in _PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}: choose of {', '.join(_PARTS)}")
    quick: bool = given.quick
    options = Options(
        quick=quick,
        rounds=given.rounds or (3 if quick else 12),
        prompts=given.prompts or (4 if quick else 64),
        work=given.work,
        nouns=given.nouns,
        threads=given.threads,
    )
    return options, given.parts or [part for part in _PARTS if not (quick and part == "full-size")]


def quicker(steps: int) -> Wishes:
    """Step caching, and no guidance at the last step; words that were read before are not read again."""
    return {"sampling": {"step_cache": 2, "guidance_options": {"end": 1 - 1 / steps}}}


def _beside_diffusers(pocket: Ours, options: Options) -> Iterator[Row]:
    theirs = Theirs(pocket)
    picture = "pocket model, 128 x 128, 20 steps with guidance, float32"
    one, other = (draws.draw("a red apple", SEED) for draws in (pocket, theirs))
    distance = int(np.abs(one.astype(int) - other).max())
    yield Row(f"{picture}: farthest pixel from theirs", f"{distance} of 255", f"<= {MOST_APART}")
    same = compare(_new_words(pocket.draw), _new_words(theirs.draw), rounds=options.rounds)
    yield Row(f"{picture}: time, ours / theirs", _told(same), "upper end <= 1.02")
    quick = compare(_known_words(pocket.draw, quicker(STEPS)), _known_words(theirs.draw), rounds=options.rounds)
    yield Row("the same with step caching and guidance interval, words known", _told(quick), "<= 0.70")


def _full_size(_: Ours, options: Options) -> Iterator[Row]:
    side, dtype = (512, torch.bfloat16) if find_device().kind is DeviceKind.CPU else (1024, torch.float16)
    size = Size(width=side, height=side)
    name = f"SDXL of random weights, {side} x {side}, 16 bits"
    with tempfile.TemporaryDirectory() as folder:
        write_full_size(Path(folder), dtype)
        few = Ours(Path(folder), NAME, {"sampling": {"steps": 2}}, drawn=size)
        few.draw("", SEED)
        theirs = Theirs(few)
        same = compare(_new_words(few.draw), _new_words(theirs.draw), rounds=options.rounds)
        yield Row(f"{name}, 2 steps with guidance: time, ours / theirs", _told(same), "upper end <= 1.02")
        steps = 8 if options.quick else STEPS
        more = Ours(Path(folder), NAME, {"sampling": {"steps": steps}}, few, drawn=size)
        rounds = max(1, options.rounds // LONG_ROUNDS)
        quick = compare(_known_words(more.draw, quicker(steps)), _known_words(Theirs(more).draw), rounds=rounds)
        told = f"{name}, {steps} steps with step caching and guidance interval, words known: time, ours / theirs"
        yield Row(told, _told(quick), "<= 0.70")


def _quality(pocket: Ours, options: Options) -> Iterator[Row]:
    judged = find_judge(options.work, options.nouns, options.prompts)
    prompts = judged.prompts if judged else plain_prompts(options.prompts)
    plain, quick = measure_quality(pocket, [{}, quicker(STEPS)], prompts, judged, _tell)
    what = f"distance of {len(prompts)} pictures from those of 200 steps: plain"
    yield Row(what, f"{plain.distance:.2f} of 255")
    low, high = interval_of_ratio(quick.distances, plain.distances)
    times = f"{quick.distance / plain.distance:.3f} ({low:.3f} to {high:.3f}) times the plain one"
    yield Row(
        "the same with step caching and guidance interval", f"{quick.distance:.2f} of 255, {times}", "<= 1.10 times"
    )
    yield Row("nouns that the judge finds", _nouns(plain, quick), "at most 1 point lower")


def _nouns(plain: Quality, quick: Quality) -> str:
    if plain.nouns is None or quick.nouns is None:
        return "not measured: no examiner is here"
    return f"on {quick.nouns} of {len(quick.distances)} pictures (plain: on {plain.nouns})"


def _overhead(pocket: Ours, options: Options) -> Iterator[Row]:
    what = "share of a picture's time that is no network's: plan, events, previews, record, file"
    if pocket.device.kind is not DeviceKind.CPU:
        yield Row(what, "not measured: only a processor tells it", "<= 4 %")
        return
    measured = measure_overhead(pocket, jobs=4 * options.rounds)
    yield Row(f"{what}; {measured.seconds:.2f} s a picture", str(measured), "<= 4 %")


def _batches(pocket: Ours, options: Options) -> Iterator[Row]:
    name = f"{TOGETHER} pictures in one network call"
    exact = apart(pocket, Precision.FLOAT32)
    yield Row(f"{name}, float32: farthest pixel from one by one", f"{exact.largest} of 255", "<= 1")
    half = apart(pocket, Precision.BFLOAT16)
    measured = f"{half.mean:.4f} of 255, the farthest {half.largest}"
    yield Row(f"{name}, bfloat16: mean distance from one by one", measured, "stated")
    yield Row(f"{name}: time, together / one by one", _told(time_together(pocket, rounds=options.rounds)))
    told = "drawing a picture while the one before is kept: time, so / one thing at a time"
    yield Row(told, _told(time_ahead(pocket, rounds=options.rounds)))


def _new_words(draw: Callable[[str, int], object]) -> Callable[[int], object]:
    """Words that were never read before."""
    return lambda number: draw(f"a red apple and {number} cats", number)


def _known_words(draw: Callable[..., object], *wishes: Wishes) -> Callable[[int], object]:
    return lambda number: draw("a red apple", number, *wishes)


def _told(ratio: Ratio) -> str:
    return f"{ratio}; {ratio.ours:.2f} s / {ratio.theirs:.2f} s, {ratio.rounds} rounds"


def _tell(where: str) -> None:
    sys.stderr.write(f"\r{where:<110.110}")
    sys.stderr.flush()


_PARTS: dict[str, Callable[[Ours, Options], Iterator[Row]]] = {
    "beside-diffusers": _beside_diffusers,
    "full-size": _full_size,
    "quality": _quality,
    "overhead": _overhead,
    "batches": _batches,
}

if __name__ == "__main__":
    main()
