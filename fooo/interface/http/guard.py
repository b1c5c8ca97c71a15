"""Who may ask at all: the right host, the same origin, a door that is open. Outermost of all."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_READING = frozenset({"GET", "HEAD"})
_FORWARDED = ("host", "x-forwarded-host")
_HOST = re.compile(r"(?P<name>[\w.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?", re.ASCII)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # strangers hear nothing; with "no-referrer" a browser says "null" for where a form of our own was sent from
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # gradio's page runs inline scripts and compiles its HTML templates in the browser; nothing may come from elsewhere
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True, slots=True)
class Doors:
    """The paths that answer; one that ends in a slash also opens what is below it."""

    paths: tuple[str, ...]

    def open(self, path: str) -> bool:
        return any(
            path == each or (each != "/" and each.endswith("/") and path.startswith(each)) for each in self.paths
        )


class Hosts:
    """The names under which this server may be asked for.

    A page of a stranger can let its own name point here (DNS rebinding), but cannot change the name that the browser
    sends. A bare address is no name and cannot be rebound, so each is fine where the server listens beyond loopback.

    Args:
        listen: The address listened on.
        further: Names that the person gave.
    """

    def __init__(self, listen: str, further: Sequence[str] = ()) -> None:
        self._names = {*_LOOPBACK, listen.lower(), *(name.lower() for name in further)}
        self._any_address = not is_loopback(listen)
        if self._any_address:
            machine = socket.gethostname().lower()
            self._names |= {machine, f"{machine}.local"}

    def add(self, name: str) -> None:
        """A name that became ours while running, such as a tunnel's."""
        self._names.add(name.lower())

    def allow(self, host: str) -> bool:
        """Args: host: As in the header: with or without a port."""
        name = _name_of(host)
        return name in self._names or (self._any_address and _is_address(name))


class Guard:
    """ASGI middleware that turns away what a browser or a stranger should not ask, and adds the safety headers."""

    def __init__(self, app: ASGIApp, *, hosts: Hosts, doors: Doors) -> None:
        self._app, self._hosts, self._doors = app, hosts, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there is no websocket here
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        inner = self._app if refusal is None else refusal
        await inner(scope, receive, _with_headers(send))

    def _refusal(self, method: str, path: str, headers: Headers) -> PlainTextResponse | None:
        hosts = [value for name in _FORWARDED for value in headers.getlist(name)]
        if not hosts or not all(self._hosts.allow(host) for host in hosts):
            return PlainTextResponse("This name is not Fooo's; start it with --allow-host NAME to allow it.", 403)
        if not _same_origin(method, headers):
            return PlainTextResponse("Another site may not ask this.", 403)
        if not self._doors.open(path):
            return PlainTextResponse("There is nothing here.", 404)
        return None


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def _same_origin(method: str, headers: Headers) -> bool:
    """Whether the request comes from our own page, or from no page at all.

    Browsers say where a request comes from in `Sec-Fetch-Site`, older ones and all of them over plain http to another
    machine in `Origin` alone; programs say neither, and are no danger: they carry nobody's cookies. Following a link
    from another site is fine, it only shows the page.
    """
    site = headers.get("sec-fetch-site")
    if site not in {None, "same-origin", "none"}:
        return method in _READING and headers.get("sec-fetch-mode") == "navigate"
    origin = headers.get("origin")
    if origin is None or method in _READING:
        return True
    ours = {headers[name].lower() for name in _FORWARDED if name in headers}
    return urlsplit(origin).netloc.lower() in ours


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return send_with_headers


def _name_of(host: str) -> str:
    """The name in a host header; empty where it is written as no browser writes it."""
    found = _HOST.fullmatch(host)
    return found["name"].lower().strip("[]").removesuffix(".") if found else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
