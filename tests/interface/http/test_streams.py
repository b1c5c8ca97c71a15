"""A stream of events ends with the login that opened it, and nobody holds all of them."""

import threading
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fooo.interface.http.accounts import MOST_STREAMS, Streams, Visit
from fooo.interface.people import Account, Person, Role
from fooo.interface.people.auth_file import write_accounts
from fooo.interface.people.keys import KEY_FILE, Key, new_key, write_keys
from fooo.service import Fooo
from fooo.settings import ServeSettings
from tests.interface.http.serving import served

PATIENCE = 30.0
"""Seconds for what takes hundredths on an idle machine."""

STREAM, FILE = b"text/event-stream; charset=utf-8", b"image/png"


async def nothing_comes() -> Message:
    await anyio.sleep_forever()
    raise AssertionError("unreachable")


class Client:
    """What one client is sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    async def ask(self, app: ASGIApp) -> None:
        await app({"type": "http"}, nothing_comes, self.take)

    @property
    def words(self) -> list[bytes]:
        return [message["body"] for message in self.messages if message["type"] == "http.response.body"]


class Answering:
    """An application that answers in so many words, a look apart."""

    def __init__(self, kind: bytes, words: int) -> None:
        self._kind, self._words = kind, words
        self.said, self.left = 0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", self._kind)]})
            for _ in range(self._words):
                await send({"type": "http.response.body", "body": b"word", "more_body": True})
                self.said += 1
                await anyio.sleep(0.001)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.left = True


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", STREAM)]})
    await anyio.sleep_forever()


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 429, "headers": []})
    await send({"type": "http.response.body", "body": b"too many", "more_body": False})


def run(do: Callable[..., Awaitable[object]], *arguments: object) -> None:
    """In a thread of its own: the browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, do, *arguments).result()


def of(name: str) -> Visit:
    """A visit that does not end."""
    return Visit(name, lambda: True)


@pytest.mark.parametrize(("kind", "words"), [(STREAM, [b"word"] * 3 + [b""]), (FILE, [b"word"] * 9 + [b""])])
def test_a_stream_ends_with_the_login_and_says_nothing_more_and_a_file_is_sent_whole(kind: bytes, words: list[bytes]):
    app, client = Answering(kind, 9), Client()
    run(client.ask, Streams().carry(app, Visit("ann", lambda: app.said < 3), refuse))
    assert client.words == words
    assert client.messages[-1]["more_body"] is False
    assert app.left


def test_a_logout_ends_a_silent_stream_at_once_and_no_other():
    app, ann, streams, lasts = Answering(STREAM, 10**9), Client(), Streams(), [True]

    async def log_out() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ann.ask, streams.carry(silent, Visit("ann", lambda: lasts[0]), refuse))
            tasks.start_soon(Client().ask, streams.carry(app, of("bob"), refuse))
            await anyio.sleep(0.01)
            lasts[0] = False
            streams.end_what_is_over()
            await anyio.sleep(0.01)
            assert ann.words == [b""]
            assert not app.left
            tasks.cancel_scope.cancel()

    run(log_out)


def test_one_person_holds_so_many_streams_and_another_one_has_their_own():
    streams = Streams(most=2)
    clients = {name: Client() for name in ("ann 1", "ann 2", "ann 3", "bob 1", "ann's file")}

    async def all_ask() -> None:
        async with anyio.create_task_group() as tasks:
            for name, client in clients.items():
                app = Answering(FILE if "file" in name else STREAM, 20)
                tasks.start_soon(client.ask, streams.carry(app, of(name[:3]), refuse))

    run(all_ask)
    statuses = {name: client.messages[0]["status"] for name, client in clients.items()}
    assert statuses == {"ann 1": 200, "ann 2": 200, "ann 3": 429, "bob 1": 200, "ann's file": 200}
    assert clients["ann 3"].words == [b"too many"]
    again = Client()  # the others have ended
    run(again.ask, streams.carry(Answering(STREAM, 1), of("ann"), refuse))
    assert again.messages[0]["status"] == 200


def test_a_person_may_hold_a_tenth_of_all_connections():
    assert MOST_STREAMS == 100


KEY = new_key()


@pytest.fixture(scope="module")
def auth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("auth") / "auth.json"


@pytest.fixture(scope="module")
def address(slow_program: Fooo, auth: Path) -> Generator[str]:
    """Ann logs in with a password or asks with a key."""
    write_accounts(auth, {"ann": Account.of(Person("ann", Role.OWNER), "her secret")})
    write_keys(auth.with_name(KEY_FILE), {"ann": Key.of("ann", "ann", KEY)})
    with served(slow_program, ServeSettings(auth=auth)) as address:
        yield address


class Listening:
    """What a stream says, read in a thread until it ends."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        self._client, self._path = client, path
        self._heard, self.lines = threading.Event(), list[str]()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self._heard.wait(PATIENCE)

    def ends(self) -> bool:
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()

    def _listen(self) -> None:
        with self._client.stream("GET", self._path, timeout=PATIENCE) as answer:
            for line in answer.iter_lines():
                self.lines.append(line)
                self._heard.set()


def test_a_stream_ends_when_the_browser_logs_out(address: str):
    with httpx.Client(base_url=address, timeout=PATIENCE) as browser:
        assert browser.post("/login", data={"user": "ann", "password": "her secret"}).status_code == 303
        stream = Listening(browser, "/api/v1/events")
        assert browser.get("/logout").status_code == 303
        assert stream.ends()


def test_a_stream_tells_nothing_any_more_once_its_key_was_removed(address: str, auth: Path):
    by_password = httpx.Client(base_url=address, auth=("ann", "her secret"), timeout=PATIENCE)
    with by_password, httpx.Client(base_url=address, headers={"X-API-Key": KEY}) as by_key:
        stream = Listening(by_key, "/api/v1/events")
        write_keys(auth.with_name(KEY_FILE), {})
        job = by_password.post("/api/v1/jobs", json={"prompt": "a cat"}).json()["id"]
        assert stream.ends()
        assert not any(job in line for line in stream.lines)
        by_password.delete(f"/api/v1/jobs/{job}")
