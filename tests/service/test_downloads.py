"""Files that are fetched beside the drawing."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fooo.catalog import PresetFile
from fooo.errors import ModelError
from fooo.events import Downloading
from fooo.monitor import Answer, Monitor
from fooo.service import Download, Downloads, DownloadState

A, B = (PresetFile(folder="loras", name=f"{name}.safetensors", repository="x/y", path="z") for name in "ab")
PATIENCE = 10.0


class Server:
    """Gives 10 bytes of a file, each when `let` is released; what has come stays, as on a disk."""

    def __init__(self) -> None:
        self.let = threading.Semaphore(0)
        self.here: dict[str, int] = {}
        self.wrong: set[str] = set()

    def __call__(self, file: PresetFile, monitor: Monitor) -> Path | None:
        for done in range(self.here.get(file.name, 0), 10):
            self.here[file.name] = done
            event = Downloading(what=file.name, done=done, total=10, seconds_left=10.0 - done)
            if monitor.tell(event) is not Answer.GO:
                return None
            while not self.let.acquire(timeout=0.02):
                if monitor.tell(event) is not Answer.GO:
                    return None
            if file.name in self.wrong:
                raise ModelError(Path(file.name), "is not what it should be", "try again")
        return Path(file.name)

    def give(self, count: int) -> None:
        self.let.release(count)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def downloads(server: Server) -> Iterator[Downloads]:
    downloads = Downloads(server)
    yield downloads
    server.give(1000)
    downloads.close()


def until(downloads: Downloads, wanted: Callable[[tuple[Download, ...]], bool]) -> tuple[Download, ...]:
    """How they are as soon as it is as wanted."""
    return next(now for now in downloads.changes() if wanted(now))


def states(now: tuple[Download, ...]) -> list[str]:
    return [each.state.value for each in now]


def test_files_come_one_after_the_other_and_each_tells_how_far_it_is(server: Server, downloads: Downloads):
    downloads.start([A, B])
    server.give(4)
    seen = until(downloads, lambda now: now[0].done == 4)
    assert states(seen) == ["running", "waiting"]
    assert (seen[0].total, seen[0].seconds_left) == (10, 6.0)
    server.give(16)
    assert states(until(downloads, lambda now: now[1].state is DownloadState.DONE)) == ["done", "done"]


def test_a_paused_file_lets_the_next_one_come_and_goes_on_where_it_stopped(server: Server, downloads: Downloads):
    downloads.start([A, B])
    server.give(3)
    until(downloads, lambda now: now[0].done == 3)
    downloads.pause(A.name)
    server.give(11)
    seen = until(downloads, lambda now: now[1].state is DownloadState.DONE)
    assert states(seen) == ["paused", "done"]
    downloads.start([A])
    server.give(10)
    until(downloads, lambda now: now[-1].file == A and now[-1].state is DownloadState.DONE)
    assert server.here[A.name] == 9


def test_a_file_that_waits_can_be_paused(server: Server, downloads: Downloads):
    downloads.start([A, B])
    downloads.pause(B.name)
    server.give(10)
    assert states(until(downloads, lambda now: now[0].state is DownloadState.DONE)) == ["done", "paused"]


def test_one_that_fails_says_why_stops_no_other_and_can_be_tried_again(server: Server, downloads: Downloads):
    server.wrong.add(A.name)
    downloads.start([A, B])
    server.give(11)
    seen = until(downloads, lambda now: now[1].state is DownloadState.DONE)
    assert states(seen) == ["failed", "done"]
    assert str(seen[0].error) == "The model file a.safetensors is not what it should be; try again."
    server.wrong.clear()
    downloads.start([A])
    server.give(10)
    again = until(downloads, lambda now: now[-1].state is DownloadState.DONE)
    assert (again[-1].file, again[-1].error) == (A, None)


def test_asking_twice_fetches_once(server: Server, downloads: Downloads):
    downloads.start([A])
    downloads.start([A])
    server.give(10)
    assert states(until(downloads, lambda now: now[0].state is DownloadState.DONE)) == ["done"]


def test_one_that_was_taken_away_again_can_be_fetched_again(server: Server, downloads: Downloads):
    downloads.start([A])
    server.give(10)
    until(downloads, lambda now: now[0].state is DownloadState.DONE)
    downloads.resume(A.name)
    assert states(downloads.now()) == ["done"]
    server.here.clear()
    downloads.start([A])
    assert states(downloads.now()) != ["done"]
    server.give(10)
    until(downloads, lambda now: now[0].state is DownloadState.DONE)
    assert server.here


def test_what_has_arrived_is_told(server: Server):
    arrived = threading.Event()
    downloads = Downloads(server, arrived=arrived.set)
    downloads.start([A])
    server.give(10)
    assert arrived.wait(PATIENCE)
    downloads.close()


def test_closing_leaves_what_is_under_way_and_starts_nothing_more(server: Server):
    downloads = Downloads(server)
    downloads.start([A, B])
    until(downloads, lambda now: now[0].state is DownloadState.RUNNING)
    server.give(1)
    downloads.close()
    assert states(downloads.now()) == ["paused", "paused"]
    downloads.start([B])
    assert states(downloads.now()) == ["paused", "paused"]


def test_a_fault_of_our_own_ends_one_file_and_not_the_others():
    def fetch(file: PresetFile, monitor: Monitor) -> Path | None:
        del monitor
        if file == A:
            raise KeyError("x")
        return Path(file.name)

    downloads = Downloads(fetch)
    downloads.start([A, B])
    seen = until(downloads, lambda now: now[1].state is DownloadState.DONE)
    assert "unexpected" in str(seen[0].error)
    downloads.close()
