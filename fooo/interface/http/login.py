"""The gate before everything else: a page that asks for name and password, and a cookie that remembers.

Clients of other programs have no cookies; they say who they are with each message.
"""

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fooo.interface.http.accounts import Accounts, Patience, Sessions, Tries
from fooo.interface.http.foreign import ForeignApi, HeaderLogin, Refused, api_at
from fooo.interface.i18n import Tongues, Words, choose_language

LOGIN_PATH, LOGOUT_PATH = "/login", "/logout"
_MOST_BYTES, _MOST_FIELDS = 4096, 8
"""Of a login: it is read before anybody has shown who they are."""

_TEMPLATE = Path(__file__).parent / "login.html"


class Gate:
    """ASGI middleware: who has no session sees the login page, and programs are told 401.

    Args:
        app: What lies behind it.
        accounts: Who may come in.
        patience: With those who guess.
        tongues: What the login page can speak.
        language: The code of the one to speak; None: each browser's own.
        apis: Of other programs, whose clients are told no in its words.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        accounts: Accounts,
        patience: Patience,
        tongues: Tongues,
        language: str | None,
        apis: Sequence[ForeignApi] = (),
    ) -> None:
        self._app, self._apis = app, apis
        self._tongues, self._language = tongues, language
        self._sessions = Sessions()
        self._tries = Tries(accounts, patience)
        self._by_header = HeaderLogin(self._tries)
        self._template = Template(_TEMPLATE.read_text(encoding="utf-8"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        token = request.cookies.get(_cookie_of(request))
        path, method = request.url.path, request.method
        person, api = self._sessions.user(token), api_at(path, self._apis)
        if path == LOGIN_PATH and method == "POST":
            response = await self._log_in(request)
        elif person is not None and path == LOGOUT_PATH:
            self._sessions.end(token)
            response = RedirectResponse("/", 303)
        elif person is not None:
            response = self._let_in(person)
        elif api is not None or "authorization" in request.headers:
            response = await self._ask_client(request, api)
        elif method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", ""):
            response = self._ask(self._words(request), "", 401)
        else:
            response = PlainTextResponse("Log in first.", 401)
        await response(scope, receive, send)

    def _let_in(self, person: str) -> ASGIApp:
        async def inside(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("state", {})["person"] = person
            await self._app(scope, receive, send)

        return inside

    async def _ask_client(self, request: Request, api: ForeignApi | None) -> ASGIApp:
        """Who says who he is with the message itself is let in, or told why not."""
        try:
            return self._let_in(await self._by_header.person(request))
        except Refused as refused:
            return api.say_no(refused) if api else PlainTextResponse(refused.sentence, refused.status)

    async def _log_in(self, request: Request) -> Response:
        words = self._words(request)
        try:
            form = parse_qs((await _short_body(request)).decode(errors="replace"), max_num_fields=_MOST_FIELDS)
        except ValueError:
            return PlainTextResponse("This is no login.", 413)
        user, password = form.get("user", [""])[0], form.get("password", [""])[0]
        outcome = await self._tries.attempt(user, password, address=request.client.host if request.client else "")
        if outcome.wait:
            return self._ask(words, words("login_wait", seconds=math.ceil(outcome.wait)), 429)
        if not outcome.fits:
            return self._ask(words, words("login_wrong"), 401)
        response = RedirectResponse("/", 303)
        secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        response.set_cookie(
            _cookie_of(request), self._sessions.begin(user), httponly=True, samesite="lax", secure=secure
        )
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
