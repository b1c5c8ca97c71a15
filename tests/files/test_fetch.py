"""Downloads against a hub on this machine: whatever happens, a file is there whole or not at all."""

import hashlib
import logging
import shutil
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from fooo.catalog.presets import PresetFile
from fooo.errors import ModelError, StorageFull
from fooo.events import Downloading, Event
from fooo.files import fetch, fetch_all
from fooo.files.fetch import target_of
from fooo.monitor import Monitor
from fooo.settings import NetworkSettings
from tests.files.conftest import CONTENT, Fetching, safetensors_bytes
from tests.files.loopback_hub import Trouble, resolve_path

HALF = len(CONTENT) // 2
WEIGHTS = resolve_path("somebody/model", "weights.safetensors")


def elsewhere(fetching: Fetching, name: str = "new.safetensors", path: str = "/x.safetensors") -> PresetFile:
    """A file on a plain server, which announces no hash."""
    fetching.store.files[path] = CONTENT
    return PresetFile(folder="loras", name=name, url=f"{fetching.store.address}{path}")


def test_a_file_of_the_hub_lies_in_its_folder_whole_and_alone(fetching: Fetching):
    path = fetching.models / "loras/new.safetensors"
    assert fetching.fetch() == path
    assert path.read_bytes() == CONTENT
    assert fetching.left() == ["loras/new.safetensors"]
    assert {asked.path for asked in fetching.hub.asked} == {WEIGHTS}


def test_a_file_that_is_there_is_not_fetched(fetching: Fetching):
    there = fetching.models / "loras/new.safetensors"
    there.parent.mkdir(parents=True)
    mine = safetensors_bytes(7)
    there.write_bytes(mine)
    assert fetching.fetch() == there
    assert there.read_bytes() == mine
    assert fetching.hub.asked == []


def test_a_damaged_file_in_its_place_is_told_and_left_there(fetching: Fetching):
    there = fetching.models / "loras/new.safetensors"
    there.parent.mkdir(parents=True)
    there.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelError, match=r"is there and is cut short: .* take it away with `.* models remove \"new\"`"):
        fetching.fetch()
    assert fetching.left() == ["loras/new.safetensors"]


def test_after_a_cut_only_the_rest_is_asked_for(fetching: Fetching):
    fetching.store.troubles.append(Trouble(cut_after=HALF))
    path = fetching.fetch()
    assert path
    assert path.read_bytes() == CONTENT
    assert [asked.range for asked in fetching.store.transfers()] == ["bytes=0-", f"bytes={HALF}-"]


def test_a_server_that_gives_small_pieces_is_asked_until_all_is_here(fetching: Fetching):
    fetching.store.troubles.append(Trouble(most=HALF))
    assert fetching.fetch()
    assert [asked.range for asked in fetching.store.transfers()] == ["bytes=0-", f"bytes={HALF}-"]


def test_many_cuts_are_no_reason_to_give_up_while_bytes_still_come(fetching: Fetching):
    fetching.store.troubles.extend([Trouble(cut_after=1000)] * 20)
    assert fetching.fetch()
    assert sum(fetching.waited) == pytest.approx(20), "a second after each"


def test_what_came_before_the_program_ended_is_taken_up_by_the_next(fetching: Fetching):
    fetching.store.troubles.append(Trouble(cut_after=HALF))
    fetching.store.troubles.extend([Trouble(cut_after=0)] * 4)
    with pytest.raises(ModelError, match=r"was cut; look at the network .* what has come is kept"):
        fetching.fetch()
    (part,) = fetching.left()
    assert part.startswith("loras/new.safetensors.")
    assert part.endswith(".part")
    fetching.store.asked.clear()
    assert fetching.fetch()
    assert [asked.range for asked in fetching.store.transfers()] == [f"bytes={HALF}-"]
    assert fetching.left() == ["loras/new.safetensors"]


def test_tries_wait_longer_each_time_and_as_long_as_the_server_asks(fetching: Fetching):
    fetching.hub.look_troubles.extend([Trouble(status=503), Trouble(status=503), Trouble(status=429)])
    fetching.hub.look_troubles.append(Trouble(status=503, headers={"Retry-After": "7"}))
    assert fetching.fetch()
    assert sum(fetching.waited) == pytest.approx(1 + 2 + 4 + 7)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "only to who is logged in"),
        (403, "accept its licence on its page, and set HF_TOKEN"),
        (404, "has no such file"),
        (418, "answers 418"),
        (500, "is in trouble"),
    ],
)
def test_a_hub_that_refuses_is_one_sentence(fetching: Fetching, status: int, says: str):
    fetching.hub.look_troubles.extend([Trouble(status=status)] * 5)
    with pytest.raises(ModelError, match=says) as caught:
        fetching.fetch()
    assert "\n" not in str(caught.value)
    assert fetching.left() == []


def test_a_file_with_another_hash_than_announced_is_not_kept(fetching: Fetching):
    fetching.hub.put(WEIGHTS, CONTENT, sha256="0" * 64)
    with pytest.raises(ModelError, match="its hash is not the one announced; try again"):
        fetching.fetch()
    assert fetching.left() == []


def test_a_hub_that_offers_another_file_than_the_known_one_is_not_listened_to(fetching: Fetching):
    with pytest.raises(ModelError, match="offers another file than the one known"):
        fetching.fetch(replace(fetching.file, sha256="f" * 64))
    assert fetching.store.transfers() == []
    assert fetching.left() == []


def test_a_plain_server_is_held_to_the_known_hash(fetching: Fetching):
    file = elsewhere(fetching)
    assert fetching.fetch(replace(file, sha256=hashlib.sha256(CONTENT).hexdigest()))
    with pytest.raises(ModelError, match="hash"):
        fetching.fetch(replace(file, name="other.safetensors", sha256="f" * 64))
    assert fetching.left() == ["loras/new.safetensors"]


@pytest.mark.parametrize("page", ["resolve", "blob"])
def test_addresses_of_the_hub_go_to_the_mirror(fetching: Fetching, page: str):
    url = f"https://huggingface.co/somebody/model/{page}/main/weights.safetensors?download=true"
    assert fetching.fetch(PresetFile(folder="loras", name="other.safetensors", url=url))
    assert {asked.path for asked in fetching.hub.asked} == {WEIGHTS}


def test_offline_no_connection_is_tried(fetching: Fetching, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was used")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fetching.network = replace(fetching.network, offline=True)
    with pytest.raises(ModelError, match="Fooo is offline; start without --offline, or copy the file there"):
        fetching.fetch()


def test_progress_is_told_from_nothing_to_all_with_the_time_left(fetching: Fetching):
    fetching.store.troubles.append(Trouble(cut_after=HALF))
    fetching.fetch()
    told = [event for event in fetching.events if isinstance(event, Downloading)]
    assert {event.what for event in told} == {"new.safetensors"}
    done = [event.done for event in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, len(CONTENT))
    assert HALF in done
    assert {event.total for event in told if event.done} == {len(CONTENT)}
    assert (told[0].seconds_left, told[-1].seconds_left) == (None, 0)


def test_the_token_goes_to_its_host_alone_and_is_written_nowhere(fetching: Fetching, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    fetching.network = replace(fetching.network, tokens={fetching.hub.host: "hf_secret"})
    fetching.store.troubles.append(Trouble(cut_after=HALF))
    fetching.fetch()
    assert {asked.authorization for asked in fetching.hub.asked} == {"Bearer hf_secret"}
    assert {asked.authorization for asked in fetching.store.asked} == {None}
    fetching.hub.look_troubles.append(Trouble(status=403))
    with pytest.raises(ModelError) as caught:
        fetching.fetch(replace(fetching.file, name="other.safetensors"))
    everything = f"{caplog.text} {caught.value} {fetching.network} {fetching.events}"
    assert "hf_secret" not in everything


class _StopsAt(NamedTuple):
    """Asks for a stop or a skip once so many bytes are here."""

    bytes: int
    wish: str

    def monitor(self) -> Monitor:
        monitor = Monitor(lambda event: self._hear(event, monitor))
        return monitor

    def _hear(self, event: Event, monitor: Monitor) -> None:
        if isinstance(event, Downloading) and event.done >= self.bytes:
            getattr(monitor, self.wish)()


@pytest.mark.parametrize("wish", ["stop", "skip"])
def test_a_stop_is_a_pause(fetching: Fetching, wish: str):
    fetching.store.troubles.extend([Trouble(cut_after=HALF), Trouble(cut_after=0)])
    assert fetching.fetch(monitor=_StopsAt(HALF, wish).monitor()) is None
    assert fetching.left()[0].endswith(".part")
    fetching.store.asked.clear()
    fetching.store.troubles.clear()
    assert fetching.fetch()
    assert [asked.range for asked in fetching.store.transfers()] == [f"bytes={HALF}-"]


def test_a_stop_is_heard_while_bytes_only_trickle(fetching: Fetching):
    gate = threading.Semaphore(0)
    fetching.store.troubles.append(Trouble(gate=gate))
    monitor = Monitor(fetching.events.append)
    ended: list[Path | None] = []
    thread = threading.Thread(target=lambda: ended.append(fetching.fetch(monitor=monitor)))
    thread.start()
    monitor.stop()
    for _ in range(60):
        gate.release()
        thread.join(0.05)
        if not thread.is_alive():
            break
    thread.join(10)
    assert ended == [None]
    assert sum(part.stat().st_size for part in fetching.models.rglob("*.part")) < HALF


def test_a_stop_ends_a_list_of_files(fetching: Fetching):
    fetching.hub.put(resolve_path("somebody/model", "b.safetensors"), CONTENT)
    files = [fetching.file, replace(fetching.file, name="b.safetensors", path="b.safetensors")]
    monitor = Monitor(fetching.events.append)
    assert len(fetch_all(files, models=fetching.models, network=fetching.network, monitor=monitor)) == 2
    shutil.rmtree(fetching.models)
    stopped = _StopsAt(0, "stop").monitor()
    assert fetch_all(files, models=fetching.models, network=fetching.network, monitor=stopped) == ()


PAGE = b"<!DOCTYPE html><html>log in first</html>"


@pytest.mark.parametrize(("kind", "transfers"), [("text/html; charset=utf-8", 0), ("application/octet-stream", 1)])
def test_a_web_page_in_place_of_the_file_is_not_kept(fetching: Fetching, kind: str, transfers: int):
    file = elsewhere(fetching)
    fetching.store.files["/x.safetensors"] = PAGE
    fetching.store.look_troubles.append(Trouble(headers={"Content-Type": kind}))
    with pytest.raises(ModelError, match="a web page came in its place"):
        fetching.fetch(file)
    assert len(fetching.store.transfers()) == transfers
    assert fetching.left() == []


@pytest.mark.parametrize("content", [CONTENT[:-10], b"\xff" * 100, b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_no_whole_safetensors_file_is_not_kept(fetching: Fetching, content: bytes):
    fetching.hub.put(WEIGHTS, content)
    with pytest.raises(ModelError, match="was not kept: the file"):
        fetching.fetch()
    assert fetching.left() == []


def test_a_server_that_knows_no_ranges_sends_all_again(fetching: Fetching):
    fetching.store.look_troubles.append(Trouble(ignores_range=True))
    fetching.store.troubles.extend([Trouble(cut_after=HALF), Trouble(ignores_range=True)])
    path = fetching.fetch()
    assert path
    assert path.read_bytes() == CONTENT


def test_bytes_of_two_versions_never_come_into_one_file(fetching: Fetching):
    file = elsewhere(fetching)
    fetching.store.troubles.append(Trouble(cut_after=HALF))
    fetching.store.troubles.append(Trouble(headers={"ETag": '"new"'}))
    with pytest.raises(ModelError, match="it changed on the server meanwhile"):
        fetching.fetch(file)
    assert fetching.left() == []


def test_what_came_of_an_older_version_is_not_taken_up(fetching: Fetching):
    file = elsewhere(fetching)
    fetching.store.troubles.extend([Trouble(cut_after=HALF), *[Trouble(cut_after=0)] * 4])
    with pytest.raises(ModelError, match="was cut"):
        fetching.fetch(file)
    fetching.store.files["/x.safetensors"] = safetensors_bytes(60_000)
    path = fetching.fetch(file)
    assert path
    assert path.read_bytes() == safetensors_bytes(60_000)
    assert fetching.left() == ["loras/new.safetensors"]


def test_more_bytes_than_announced_are_not_kept(fetching: Fetching):
    fetching.store.troubles.append(Trouble(content=CONTENT * 2, ignores_range=True))
    with pytest.raises(ModelError, match="more came than was announced"):
        fetching.fetch()
    assert fetching.left() == []


def test_an_address_without_encryption_is_not_asked(fetching: Fetching):
    fetching.network = NetworkSettings(tokens={fetching.store.host: "secret"})
    with pytest.raises(ModelError, match="localhost does not encrypt; use an https address"):
        fetching.fetch(elsewhere(fetching))
    assert fetching.store.asked == []


def test_a_server_that_sends_round_in_circles_is_left(fetching: Fetching):
    circle = Trouble(status=302, headers={"Location": WEIGHTS})
    fetching.hub.look_troubles.extend([circle] * 50)
    with pytest.raises(ModelError, match="from address to address"):
        fetching.fetch()


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://localhost/x", "http://", "http://[::1", "//\x00"])
def test_a_redirect_to_no_web_address_is_refused(fetching: Fetching, location: str):
    fetching.hub.look_troubles.extend([Trouble(status=302, headers={"Location": location})] * 5)
    with pytest.raises(ModelError, match="was not fetched"):
        fetching.fetch()
    assert fetching.left() == []


def test_a_server_that_is_not_there_is_one_sentence(fetching: Fetching):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        fetching.network = NetworkSettings(hub=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ModelError, match="cannot be reached; look at the network"):
            fetching.fetch()


def test_too_small_a_disk_is_told_before_the_first_byte(fetching: Fetching, monkeypatch: pytest.MonkeyPatch):
    class Usage(NamedTuple):
        free: int

    def nearly_full(_: Path) -> Usage:
        return Usage(free=10_000)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    with pytest.raises(StorageFull, match="too little for it; free some space"):
        fetching.fetch()
    assert fetching.store.transfers() == []


def test_two_programs_do_not_write_one_file(fetching: Fetching):
    gate = threading.Semaphore(0)
    fetching.store.troubles.append(Trouble(gate=gate))
    begun = threading.Event()

    def hear(event: Event) -> None:
        begun.set()

    first = threading.Thread(target=lambda: fetching.fetch(monitor=Monitor(hear)))
    first.start()
    assert begun.wait(10)
    with pytest.raises(ModelError, match="is being fetched by another Fooo; wait for it"):
        fetching.fetch()
    for _ in range(60):
        gate.release()
    first.join(10)
    assert fetching.left() == ["loras/new.safetensors"]


@pytest.mark.parametrize("name", ["x.py", "x.exe", "x.safetensors.lnk", "x", "knows.json"])
def test_only_model_files_are_fetched(fetching: Fetching, name: str):
    with pytest.raises(ModelError, match="no kind of model file"):
        fetching.fetch(replace(fetching.file, name=name))
    assert fetching.hub.asked == []


@pytest.mark.parametrize(("name", "there"), [("a/b.ckpt", "a/b.safetensors"), ("x.PT", "x.safetensors")])
def test_a_pickle_goes_where_its_converted_file_will_be(name: str, there: str):
    file = PresetFile(folder="checkpoints", name=name, url="https://somewhere.org/x")
    assert target_of(file, Path("models")) == Path("models/checkpoints") / there


def test_a_folder_that_cannot_be_written_is_one_sentence(fetching: Fetching, tmp_path: Path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ModelError, match="cannot be written"):
        fetch(fetching.file, models=tmp_path / "models", network=fetching.network, monitor=Monitor(print))
