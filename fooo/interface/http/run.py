"""Listens: takes a port, runs the server until it is interrupted."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from typing import ClassVar

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from fooo.errors import FoooError

FIRST_PORT = 7865
_MOST_TRIED = 100
_MOST_CONNECTIONS = 1000
"""Each further one is told to come back later."""
_GRACE_SECONDS = 1
"""Open pages keep a connection each: what is still open a second after Ctrl+C is cut."""


def listen(host: str, port: int | None) -> socket.socket:
    """A socket on that port, or, where none was given, on the first free one from 7865.

    Raises:
        FoooError: The port is taken, or the address is not of this machine.
    """
    tried = range(FIRST_PORT, FIRST_PORT + _MOST_TRIED) if port is None else (port,)
    for each in tried:
        taken = _take(host, each)
        if taken is not None:
            return taken
    if port is None:
        raise FoooError(f"The ports {tried[0]} to {tried[-1]} are all taken; choose one with --port.")
    raise FoooError(f"Port {port} is taken by another program; choose another with --port, or leave --port away.")


def address_of(taken: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = taken.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: FastAPI, taken: socket.socket, *, when_ready: Callable[[], None]) -> None:
    """Serve until interrupted; `when_ready` is called once the first page can be asked for."""
    server = _Announcing(server_config(app), when_ready)
    try:
        server.run(sockets=[taken])
    except KeyboardInterrupt:
        return


def server_config(app: FastAPI) -> uvicorn.Config:
    """How uvicorn is to serve it."""
    return uvicorn.Config(
        app,
        http=Impatient,
        log_config=None,  # its lines go where all others go
        log_level="warning",
        access_log=False,
        ws="none",
        server_header=False,
        # who asks is who is connected: a header that anybody can write must not choose whose tries are counted
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class Impatient(H11Protocol):
    """A connection on which a message's head must have come soon: who sends it letter by letter is cut off."""

    seconds: ClassVar[float] = 10.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.seconds, transport.close)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        awaits_head = self.conn.their_state is h11.IDLE and not self.transport.is_closing()
        if awaits_head and self._deadline is None:
            self._deadline = self.loop.call_later(self.seconds, self.transport.close)
        elif not awaits_head:
            self._end_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        super().connection_lost(exc)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_ready()


def _take(host: str, port: int) -> socket.socket | None:
    """The listening socket, or None where another program has the port."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        taken = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise FoooError(f"{host!r} is no address of this machine ({error.strerror}); choose another.") from None
    try:
        if os.name == "posix":  # elsewhere it would take the port from another program
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(place)
        taken.listen(128)
    except OSError as error:
        taken.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            return None
        raise FoooError(f"Fooo cannot listen on {host}:{port} ({error.strerror}); choose another address.") from None
    return taken
