"""Fifty clients at once: no error, fair turns, a page that answers, a server that does not grow."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from fooo.interface.people import Account, Person
from fooo.interface.people.auth_file import write_accounts
from fooo.interface.people.keys import KEY_FILE, Key, new_key, write_keys
from fooo.settings import ROOT
from tests.prove.conftest import Figure

pytestmark = [pytest.mark.prove, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Load:
    """Attributes: clients, jobs: Of each person. engine: As `load_server` knows it. asked: Beside the words."""

    engine: str
    people: int
    clients: int
    jobs: int
    asked: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def all_jobs(self) -> int:
        return self.people * self.jobs


FAKE = Load("fake", people=50, clients=1, jobs=10)
# fifty clients again. People who take turns wait alike only over several jobs: of fifty with one job each the last one
# waits fifty times as long as the first one, in the fairest order
POCKET = Load("pocket", people=5, clients=10, jobs=10, asked={"sampling": {"steps": 8}})


@dataclass
class Seen:
    """What the clients noted: seconds by person, seconds of the page, bytes of the server, and what went wrong."""

    waits: dict[str, list[float]]
    page: list[float] = field(default_factory=list[float])
    memory: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    wrong: list[str] = field(default_factory=list[str])

    @property
    def done(self) -> int:
        return sum(len(each) for each in self.waits.values())


@contextmanager
def server(folder: Path, engine: str, keys: dict[str, str]) -> Generator[tuple[str, psutil.Process]]:
    """Its address and its process, for the people with these keys."""
    # one hash for all: fifty would take their time and nobody logs in with a password here
    salt = Account.of(Person("any"), "a password")
    people = {name: Account(Person(name), salt.salt, salt.digest) for name in keys}
    write_accounts(folder / "auth.json", people)
    write_keys(folder / KEY_FILE, {name: Key.of(name, name, key) for name, key in keys.items()})
    command = [sys.executable, "-m", "tests.prove.load_server", str(folder), engine]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip(), psutil.Process(process.pid)
        process.kill()


async def ask_and_wait(load: Load, name: str, client: httpx.AsyncClient, seen: Seen) -> None:
    """A client of a person: jobs, one after the other asked for, and their events until all have ended."""
    asked: dict[str, float] = {}
    for number in range(load.jobs // load.clients):
        began = time.monotonic()
        answer = await client.post("/jobs", json={"prompt": f"{name}, picture {number}", **load.asked})
        if answer.status_code != 201:
            seen.wrong.append(answer.text)
            continue
        asked[answer.json()["id"]] = began
    for job_id, began in asked.items():
        async with client.stream("GET", f"/jobs/{job_id}/events") as stream:
            event = ""
            async for line in stream.aiter_lines():
                event = line.removeprefix("event: ") if line.startswith("event: ") else event
                if line.startswith("data: ") and event in {"done", "failed"} and '"pictures": 1' not in line:
                    seen.wrong.append(line)
        seen.waits[name].append(time.monotonic() - began)


async def look_at_the_page(jobs: int, client: httpx.AsyncClient, process: psutil.Process, seen: Seen) -> None:
    """Another person, who opens the page again and again."""
    while seen.done + len(seen.wrong) < jobs:
        began = time.monotonic()
        answer = await client.get("/")
        seen.page.append(time.monotonic() - began)
        if answer.status_code != 200:
            seen.wrong.append(f"the page: {answer.status_code}")
        seen.memory.append((seen.done, process.memory_info().rss))
        await asyncio.sleep(0.1)


async def carry_out(load: Load, keys: dict[str, str], address: str, process: psutil.Process) -> Seen:
    def client(name: str, path: str = "/api/v1") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {keys[name]}"}
        return httpx.AsyncClient(base_url=f"{address}{path}", headers=headers, timeout=600)

    seen = Seen({name: [] for name in keys})
    clients = [(name, client(name)) for _ in range(load.clients) for name in keys]
    onlooker = client(next(iter(keys)), "")
    await onlooker.get("/")  # the first time the page is put together
    people = [ask_and_wait(load, name, each, seen) for name, each in clients]
    await asyncio.gather(look_at_the_page(load.all_jobs, onlooker, process, seen), *people)
    metrics = (await onlooker.get("/api/v1/metrics")).text
    seen.wrong += [] if f'fooo_jobs{{state="done"}} {load.all_jobs}\n' in metrics else [json.dumps(metrics)]
    for each in (*(each for _, each in clients), onlooker):
        await each.aclose()
    return seen


@pytest.mark.parametrize("load", [FAKE, POCKET], ids=lambda load: load.engine)
def test_fifty_clients_are_served_fairly(load: Load, tmp_path: Path, figure: Figure):
    is_idle = os.getloadavg()[0] < (os.cpu_count() or 1) if hasattr(os, "getloadavg") else False
    keys = {f"person {number}": new_key() for number in range(load.people)}
    with server(tmp_path, load.engine, keys) as (address, process):
        seen = asyncio.run(carry_out(load, keys, address, process))
    means = [statistics.mean(each) for each in seen.waits.values()]
    furthest = max(abs(mean / statistics.mean(means) - 1) for mean in means)
    page = statistics.quantiles(seen.page, n=20)[-1]
    half = next(memory for done, memory in seen.memory if done >= load.all_jobs // 2)
    grown = (max(memory for _, memory in seen.memory[-5:]) - half) / 2**20
    clients = (
        f"{load.people * load.clients} clients of {load.people} people, {load.all_jobs} jobs, {load.engine} engine"
    )
    figure(f"{clients}: errors", str(len(seen.wrong)), "0")
    figure("a person's mean wait, furthest from the others'", f"{furthest:.1%}", "< 20 %")
    figure("the page meanwhile, 95 % in", f"{1000 * page:.0f} ms, {'idle' if is_idle else 'busy'} machine", "< 200 ms")
    figure("the server's memory, second half of the jobs", f"{grown:+.1f} MB of {half / 2**20:.0f}", "< 5 %")
    assert seen.wrong == []
    assert furthest < 0.2
    assert grown < 0.05 * half / 2**20
    # on a machine that does other work the page waits for that, and not for us
    assert page < 0.2 or not is_idle
