"""Our own API by itself, on a program whose engine waits to be let on."""

import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fooo.engine import FakeEngine, Made
from fooo.errors import OutOfMemory
from fooo.interface.http.v1 import v1_mount
from fooo.interface.http.v1.problems import V1_PATH
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.service import Fooo, Queue
from tests.changing_catalog import ChangingCatalog
from tests.conftest import DRAWN_SEED, NOW
from tests.interface.http.conftest import until

MANY_STEPS = 200
PATIENCE = 10.0
"""Seconds that the engine waits at its gate at most."""


class GatedEngine(FakeEngine):
    """Begins no picture before its gate is opened; those of many steps take seconds, in which much can be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.broken = False
        self._slow = FakeEngine(seconds_a_step=0.02)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        self.gate.wait(PATIENCE)
        if self.broken:
            raise OutOfMemory("There is not enough memory; ask for something smaller.")
        yield from (self._slow if plan.shots[0].steps >= MANY_STEPS else super()).run(plan, monitor)


def below(address: str) -> str:
    """An address that the API gave, as `Api` asks for it."""
    assert address.startswith(f"{V1_PATH}/")
    return address.removeprefix(f"{V1_PATH}/")


class Api(TestClient):
    """Asks below `/api/v1`, and knows the program behind it."""

    def __init__(self, program: Fooo, engine: GatedEngine) -> None:
        super().__init__(Starlette(routes=[v1_mount(program, heartbeat=0.05)]), base_url=f"http://127.0.0.1{V1_PATH}")
        self.program, self.engine = program, engine

    def draw(self, prompt: str = "a cat", **fields: Any) -> str:
        """The id of a new job."""
        answer = self.post("jobs", json={"prompt": prompt, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def running(self, prompt: str = "a cat", **fields: Any) -> str:
        """The id of a new job, once it has its turn."""
        job_id = self.draw(prompt, **fields)
        until(lambda: self.job(job_id)["state"] == "running")
        return job_id

    def ended(self, prompt: str = "a cat", **fields: Any) -> str:
        """The id of a new job, once it is drawn."""
        self.engine.gate.set()
        job_id = self.draw(prompt, **fields)
        until(lambda: self.job(job_id)["state"] == "done")
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        return self.get(f"jobs/{job_id}").json()


ApiOf = Callable[..., Api]


@pytest.fixture
def api_of(folders: ChangingCatalog, tmp_path: Path) -> Generator[ApiOf]:
    """Args: kept: Whether its queue outlives it. archive: Where pictures go. more: For `Fooo`."""
    made: list[Api] = []

    def build(*, kept: bool = False, archive: Archive | None = None, **more: Any) -> Api:
        engine = GatedEngine()
        program = Fooo(
            catalog=folders,
            make_engine=lambda: engine,
            archive=archive or Archive(tmp_path / "outputs"),
            draw_seed=lambda: DRAWN_SEED,
            queue=Queue(tmp_path / "queue") if kept else None,
            now=lambda: NOW,
            **more,
        )
        made.append(Api(program, engine))
        return made[-1]

    yield build
    for api in made:
        api.engine.gate.set()
        api.program.queue.give_up()
        api.program.close()


@pytest.fixture
def api(api_of: ApiOf) -> Api:
    return api_of()
