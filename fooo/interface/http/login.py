"""The gate before everything else: a page that asks for name and password, and a cookie that remembers."""

import math
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fooo.interface.http.accounts import Accounts, Patience, Sessions
from fooo.interface.i18n import Tongues, Words, choose_language

LOGIN_PATH, LOGOUT_PATH = "/login", "/logout"
_MOST_BYTES, _MOST_FIELDS = 4096, 8
"""Of a login: it is read before anybody has shown who they are."""

_TEMPLATE = Path(__file__).parent / "login.html"


class Gate:
    """ASGI middleware: who has no session sees the login page, and programs are told 401.

    Args:
        language: The code of the one to speak; None: each browser's own.
    """

    def __init__(
        self, app: ASGIApp, *, accounts: Accounts, patience: Patience, tongues: Tongues, language: str | None
    ) -> None:
        self._app, self._accounts, self._patience = app, accounts, patience
        self._tongues, self._language = tongues, language
        self._sessions = Sessions()
        self._template = Template(_TEMPLATE.read_text(encoding="utf-8"))
        # one try at a time: each takes 16 MB and a core
        self._one = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        token = request.cookies.get(_cookie_of(request))
        path, method = request.url.path, request.method
        if path == LOGIN_PATH and method == "POST":
            response = await self._log_in(request)
        elif self._sessions.holds(token) and path == LOGOUT_PATH:
            self._sessions.end(token)
            response = RedirectResponse("/", 303)
        elif self._sessions.holds(token):
            await self._app(scope, receive, send)
            return
        elif method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", ""):
            response = self._ask(self._words(request), "", 401)
        else:
            response = PlainTextResponse("Log in first.", 401)
        await response(scope, receive, send)

    async def _log_in(self, request: Request) -> Response:
        words = self._words(request)
        try:
            form = parse_qs((await _short_body(request)).decode(errors="replace"), max_num_fields=_MOST_FIELDS)
        except ValueError:
            return PlainTextResponse("This is no login.", 413)
        user, password = form.get("user", [""])[0], form.get("password", [""])[0]
        names = (f"at {request.client.host if request.client else ''}", f"as {user}")
        async with self._one:
            if wait := self._patience.wait(*names):
                return self._ask(words, words("login_wait", seconds=math.ceil(wait)), 429)
            fits = await anyio.to_thread.run_sync(self._accounts.fit, user, password)
            if not fits:
                self._patience.wrong(*names)
                return self._ask(words, words("login_wrong"), 401)
            self._patience.right(*names)
        response = RedirectResponse("/", 303)
        secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        response.set_cookie(_cookie_of(request), self._sessions.begin(), httponly=True, samesite="lax", secure=secure)
        return response

    def _words(self, request: Request) -> Words:
        if self._language:
            return self._tongues[self._language]
        return choose_language(request.headers.get("accept-language", ""), self._tongues)

    def _ask(self, words: Words, problem: str, status: int) -> Response:
        texts = {
            "title": words("login_title"),
            "user": words("login_user"),
            "password": words("login_password"),
            "button": words("login_button"),
            "problem": problem,
        }
        escaped = {name: escape(text) for name, text in texts.items()}
        return HTMLResponse(self._template.substitute(escaped, language=words.language), status)


def _cookie_of(request: Request) -> str:
    """A name for each port: browsers share the cookies of a host among its ports, and two Fooos may run."""
    server: tuple[str, int | None] | None = request.scope.get("server")
    return f"fooo-session-{server[1] if server else 0}"


async def _short_body(request: Request) -> bytes:
    """Raises: ValueError: It is longer than a login can be."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ValueError(len(body))
    return body
