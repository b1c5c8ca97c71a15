"""A hub on this machine that speaks what a download needs, and fails as asked: nothing leaves the machine."""

import hashlib
import sys
import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any, cast
from urllib.parse import unquote

LOOK = "bytes=0-0"
"""The range of who only asks what there is."""


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    range: str | None
    authorization: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """How one answer is spoilt.

    Attributes:
        status: Instead of the file.
        headers: Beside the usual ones, or instead of them.
        cut_after: Bytes after which the connection ends.
        content: Instead of the file's.
        most: Bytes that are sent of those asked for, as a whole answer: servers may give a smaller piece.
        ignores_range: Whether the whole file is sent, whatever was asked.
        gate: Waited for before each KiB after the first.
    """

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    cut_after: int | None = None
    content: bytes | None = None
    most: int | None = None
    ignores_range: bool = False
    gate: threading.Semaphore | None = None


class LoopbackServer(ThreadingHTTPServer):
    """Serves files by path; `troubles` spoil the coming answers, one each, those to a look left out."""

    daemon_threads = True

    def __init__(self, *, host: str, elsewhere: "LoopbackServer | None" = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = f"{host}:{self.server_address[1]}"
        self.address = f"http://{self.host}"
        self.elsewhere = elsewhere
        self.files: dict[str, bytes] = {}
        self.announced: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.troubles: deque[Trouble] = deque()
        self.look_troubles: deque[Trouble] = deque()
        self.asked: list[Asked] = []

    def put(self, path: str, content: bytes, *, sha256: str | None = None) -> None:
        """Offer a file. Args: sha256: What is announced; None: the truth."""
        self.files[path] = content
        self.announced[path] = sha256 or hashlib.sha256(content).hexdigest()
        if self.elsewhere:
            self.elsewhere.files[path] = content

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def transfers(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.range != LOOK]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = cast(LoopbackServer, self.server)
        wanted = self.headers["Range"]
        path = unquote(self.path.partition("?")[0])
        server.asked.append(Asked(path, wanted, self.headers["Authorization"]))
        troubles = server.look_troubles if wanted == LOOK else server.troubles
        trouble = troubles.popleft() if troubles else Trouble()
        content = trouble.content or server.files.get(path)
        if trouble.status or content is None:
            self._answer(trouble.status or 404, trouble.headers, b"")
        elif server.elsewhere:
            # as the hub does for large files: what it knows of them, and where they lie
            linked = {"X-Linked-ETag": f'"{server.announced[path]}"', "X-Linked-Size": str(len(content))}
            self._answer(302, {**linked, "Location": f"{server.elsewhere.address}{self.path}"}, b"Found")
        else:
            self._send_file(content, trouble, server.headers)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def _send_file(self, content: bytes, trouble: Trouble, headers: dict[str, str]) -> None:
        start, end = 0, len(content) - 1
        if (wanted := self.headers["Range"]) and not trouble.ignores_range:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), int(last or end)
            end = end if trouble.most is None else min(end, start + trouble.most - 1)
        piece = content[start : end + 1]
        ranged = (
            {"Content-Range": f"bytes {start}-{end}/{len(content)}"} if wanted and not trouble.ignores_range else {}
        )
        etag = {"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'}
        self._answer(206 if ranged else 200, {**etag, **headers, **ranged, **trouble.headers}, piece, trouble)

    def _answer(self, status: int, headers: dict[str, str], body: bytes, trouble: Trouble | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/octet-stream", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        trouble = trouble or Trouble()
        if trouble.cut_after is not None:
            self.close_connection = True
            body = body[: trouble.cut_after]
        for at in range(0, len(body), 1024):
            if trouble.gate and at:
                trouble.gate.acquire(timeout=10)
            self.wfile.write(body[at : at + 1024])
            self.wfile.flush()


@contextmanager
def running(server: LoopbackServer) -> Generator[LoopbackServer]:
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def resolve_path(repository: str, path: str) -> str:
    return str(PurePosixPath("/", repository, "resolve/main", path))
