"""The gate before everything else: a page that asks for name and password, and a cookie that remembers.

Clients of other programs have no cookies; they say who they are with each message.
"""

import math
from collections.abc import Callable, Collection, Sequence
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fooo.interface.http.accounts import Patience, Sessions, Streams, Tries, Visit, mark_for
from fooo.interface.http.foreign import ForeignApi, HeaderLogin, Refused, api_at
from fooo.interface.i18n import LANGUAGE_COOKIE, Tongues, Words, choose_language
from fooo.interface.people import Account, Accounts
from fooo.interface.people.keys import KeyFile

LOGIN_PATH, LOGOUT_PATH = "/login", "/logout"
_MOST_BYTES, _MOST_FIELDS = 4096, 8
"""Of a login: it is read before anybody has shown who they are."""
_SECONDS = 10.0
"""In which all of it must have come."""
_MARK_SECONDS = 365 * 24 * 3600
_CREDENTIALS = frozenset({"authorization", "x-api-key"})
"""The headers in which programs say who they are."""
_TOO_MANY_STREAMS = Refused(
    429, "You hold as many streams of events open as one person may; close a page or a program, and try again."
)
_ELSEWHERE = frozenset({"cross-site", "same-site"})

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
        keys: With which programs ask in a person's name; None: there are none.
        free: Paths that answer whoever asks.
        streams: How many each may hold open; None: as many as is usual.
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
        keys: KeyFile | None = None,
        free: Collection[str] = (),
        streams: Streams | None = None,
    ) -> None:
        self._app, self._apis, self._free = app, apis, frozenset(free)
        self._tongues, self._language = tongues, language
        self._sessions = Sessions(accounts.get)
        self._tries = Tries(accounts, patience)
        self._by_header = HeaderLogin(self._tries, accounts.get, keys)
        self._streams = streams or Streams()
        self._template = Template(_TEMPLATE.read_text(encoding="utf-8"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._free:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        token = request.cookies.get(_cookie_of(request))
        path, method = request.url.path, request.method
        account, api = self._sessions.account(token), api_at(path, self._apis)
        if path == LOGIN_PATH and method == "POST":
            response = await self._log_in(request)
        elif account and path == LOGOUT_PATH:
            response = self._log_out(request, token)
        elif account:
            response = self._let_in(account, api, lambda: self._sessions.account(token) == account)
        elif api is not None or not _CREDENTIALS.isdisjoint(request.headers):
            response = await self._ask_client(request, api)
        elif method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", ""):
            response = self._ask(self._words(request), "", 401)
        else:
            response = PlainTextResponse("Log in first.", 401)
        await response(scope, receive, send)

    def _let_in(self, account: Account, api: ForeignApi | None, lasts: Callable[[], bool]) -> ASGIApp:
        """Args: api: Of another program, if it is asked. lasts: Whether they would still be let in."""

        async def inside(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("state", {})["person"] = account.person
            await self._app(scope, receive, send)

        return self._streams.carry(inside, Visit(account.person.name, lasts), _say_no(api, _TOO_MANY_STREAMS))

    async def _ask_client(self, request: Request, api: ForeignApi | None) -> ASGIApp:
        """Who says who he is with the message itself is let in, or told why not."""
        try:
            account = await self._by_header.account(request)
        except Refused as refused:
            return _say_no(api, refused)
        return self._let_in(account, api, lambda: self._by_header.lasts(request, account))

    async def _log_in(self, request: Request) -> Response:
        words = self._words(request)
        try:
            with anyio.fail_after(_SECONDS):
                body = await _short_body(request)
            form = parse_qs(body.decode(errors="replace"), max_num_fields=_MOST_FIELDS)
        except TimeoutError:
            return PlainTextResponse("This login came too slowly.", 408)
        except ValueError:
            return PlainTextResponse("This is no login.", 413)
        user, password = form.get("user", [""])[0], form.get("password", [""])[0]
        address, mark = request.client.host if request.client else "", request.cookies.get(_mark_of(request), "")
        outcome = await self._tries.attempt(user, password, address=address, mark=mark)
        if outcome.wait:
            return self._ask(words, words("login_wait", seconds=math.ceil(outcome.wait)), 429)
        if outcome.account is None:
            return self._ask(words, words("login_wrong"), 401)
        self._sessions.end(request.cookies.get(_cookie_of(request)))
        return self._welcome(request, outcome.account)

    def _welcome(self, request: Request, account: Account) -> Response:
        """The way to the page, with a token that nobody had before and the mark of a browser that is known."""
        response = RedirectResponse("/", 303)
        secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        token, mark = self._sessions.begin(account), mark_for(account)
        response.set_cookie(_cookie_of(request), token, httponly=True, samesite="lax", secure=secure)
        response.set_cookie(
            _mark_of(request),
            mark,
            max_age=_MARK_SECONDS,
            path=LOGIN_PATH,
            httponly=True,
            samesite="lax",
            secure=secure,
        )
        return response

    def _log_out(self, request: Request, token: str | None) -> Response:
        if request.headers.get("sec-fetch-site") in _ELSEWHERE:
            return PlainTextResponse("Another site may not ask this.", 403)
        self._sessions.end(token)
        self._streams.end_what_is_over()
        response = RedirectResponse("/", 303, headers={"Clear-Site-Data": '"cache"'})
        response.delete_cookie(_cookie_of(request))
        return response

    def _words(self, request: Request) -> Words:
        if self._language:
            return self._tongues[self._language]
        chosen = request.cookies.get(LANGUAGE_COOKIE, "")
        return choose_language(request.headers.get("accept-language", ""), self._tongues, chosen=chosen)

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


def _say_no(api: ForeignApi | None, refused: Refused) -> Response:
    """In the words of the door that was asked."""
    return api.say_no(refused) if api else PlainTextResponse(refused.sentence, refused.status)


def _cookie_of(request: Request) -> str:
    """A name for each port: browsers share the cookies of a host among its ports, and two Fooos may run."""
    server: tuple[str, int | None] | None = request.scope.get("server")
    return f"fooo-session-{server[1] if server else 0}"


def _mark_of(request: Request) -> str:
    return _cookie_of(request).replace("session", "known")


async def _short_body(request: Request) -> bytes:
    """Raises: ValueError: It is longer than a login can be."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise ValueError(len(body))
    return body
