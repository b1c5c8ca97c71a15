"""A program that is killed again and again while it draws, and what is there in the end; prints it as JSON.

`python -m tests.service.chaos FOLDER JOBS KILLS SEED WORKERS`. One process reads the catalog and forks each program
from itself, so that a program is at work at once and is killed in every stage: opening, submitting, drawing, writing.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from PIL import Image

from fooo.catalog import Catalog, read_catalog
from fooo.catalog.shelf import FileHashes
from fooo.engine import FakeEngine, Made
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive, read_record
from fooo.request import Request, read_request
from fooo.service import Fooo, open_queue
from fooo.settings import Settings

_LONGEST_LIFE = 12
"""Things done until a kill: some die while they open the queue, some after several pictures."""

_BETWEEN = 0.006
"""Seconds from the last of them to the kill at most: about as long as a picture is written."""

SHOTS = 2


class Telling(FakeEngine):
    """Says when it begins, has drawn, and has seen a picture kept."""

    def __init__(self, say: Callable[[], object]) -> None:
        super().__init__()
        self._say = say

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self._say()
        for made in super().run(plan, monitor):
            self._say()
            yield made
            self._say()


def main(folder: Path, jobs: int, kills: int, seed: int, workers: int) -> None:
    settings = Settings()
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    rng, killed = random.Random(seed), 0
    while killed < kills and _is_killed(catalog, folder, jobs, workers, rng):
        killed += 1
    _is_killed(catalog, folder, jobs, workers, None)
    sys.stdout.write(json.dumps({"kills": killed, **_found(folder)}))


def _is_killed(catalog: Catalog, folder: Path, jobs: int, workers: int, rng: random.Random | None) -> bool:
    """Whether a program was killed before it came to its end. Args: rng: Chooses the moment; None: it lives on."""
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        _draw(catalog, folder, jobs, workers, lambda: os.write(say, b"."))
        os._exit(0)
    os.close(say)
    if rng:
        for _ in range(rng.randint(0, _LONGEST_LIFE)):
            os.read(hear, 1)
        time.sleep(rng.uniform(0, _BETWEEN))
        os.kill(child, signal.SIGKILL)
    while os.read(hear, 1000):
        pass
    os.close(hear)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise SystemExit("The program failed.")
    return os.WIFSIGNALED(status)


def _draw(catalog: Catalog, folder: Path, jobs: int, workers: int, say: Callable[[], object]) -> None:
    """Ask for what was not asked for yet, and see everything to its end."""

    def now() -> datetime:
        say()  # a picture is about to be written
        return datetime(2026, 1, 2, 3, 4, 5)  # all at once: names must not be what keeps pictures apart

    program = Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: Telling(say),
        more_engines=[lambda: Telling(say)] * (workers - 1),
        archive=Archive(folder),
        draw_seed=lambda: 1,
        queue=open_queue(folder / ".queue.sqlite", folder),
        hashes=FileHashes(folder / ".hashes"),
        now=now,
    )
    say()
    asked = {job.plan.request.prompt for job in program.jobs()}
    for number in range(jobs):
        if _prompt(number) not in asked:
            program.submit(_request(number), person=f"person {number % 3}")
    for job in program.jobs():
        for _ in job.events():
            pass
    program.close()


def _request(number: int) -> Request:
    sampling = {"steps": 4, "seed": 1000 * number}
    return read_request({"prompt": _prompt(number), "sampling": sampling, "output": {"count": SHOTS}})


def _prompt(number: int) -> str:
    return f"job {number}"


def _found(folder: Path) -> dict[str, object]:
    """States of the jobs, how often each picture is there, and what else lies in the folder."""
    queue = open_queue(folder / ".queue.sqlite", folder)
    stored = queue.stored(most_ended=10_000)
    queue.close()
    listed = [str(done.path) for job in stored for done in job.pictures]
    # each person has a folder with a folder for each day
    inside = ((path, path.relative_to(folder).parts[0]) for path in folder.rglob("*") if path.is_file())
    files = [path for path, top in inside if top != ".hashes" and not top.startswith(".queue")]
    pictures: Counter[str] = Counter()
    for path in files:
        if path.suffix == ".png":
            with Image.open(path) as image:
                image.load()
            record = read_record(path)
            pictures[f"{record.request.prompt}, seed {record.shot.seed}"] += 1
    return {
        "states": Counter(job.state.value for job in stored),
        "jobs": Counter(job.plan.request.prompt for job in stored),
        "pictures": pictures,
        "strays": [path.name for path in files if path.suffix != ".png"],
        "unlisted": sorted({str(path) for path in files} ^ set(listed)),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:6]))
