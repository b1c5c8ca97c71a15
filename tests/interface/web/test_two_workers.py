"""What the page shows while two jobs are drawn at once."""

import threading
from collections.abc import Iterator
from pathlib import Path

from fooo.catalog import Catalog
from fooo.engine import FakeEngine, Made
from fooo.events import JobDone
from fooo.interface.web.view import Address, Lookout
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo


class Gated(FakeEngine):
    """Waits in its job until the test lets it go; says when it has begun."""

    def __init__(self, gate: threading.Event, begun: threading.Semaphore) -> None:
        super().__init__()
        self._gate, self._begun = gate, begun

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self._begun.release()
        self._gate.wait(30)
        yield from super().run(plan, monitor)


def test_one_of_two_running_jobs_is_shown_and_only_those_that_wait_are_counted(catalog: Catalog, tmp_path: Path):
    gate, begun = threading.Event(), threading.Semaphore(0)
    program = Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: Gated(gate, begun),
        more_engines=[lambda: Gated(gate, begun)],
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
    )
    jobs = [program.submit(read_request({"prompt": f"job {number}"})) for number in range(3)]
    assert begun.acquire(timeout=30)
    assert begun.acquire(timeout=30)
    view = Lookout(program, lambda _job, _number: Address("", "")).look()
    gate.set()
    assert view.drawing
    assert (view.drawing.job, view.waiting) == (jobs[0], 1)
    assert [list(job.events())[-1] for job in jobs] == [JobDone(1)] * 3
    program.close()
