"""How much a client of another program may send; it is told in that program's words."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from fooo.interface.http.foreign.api import ForeignApi, Refused, api_at
from fooo.interface.http.limits import TooMuch, again, read_bounded

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignLimits:
    """ASGI middleware that reads what is sent to these APIs, as far as they allow, and then hands it on."""

    def __init__(self, app: ASGIApp, *, apis: Sequence[ForeignApi]) -> None:
        self._app, self._apis = app, apis

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = api_at(scope["path"], self._apis) if scope["type"] == "http" else None
        if api is None or scope["method"] in _READING:
            await self._app(scope, receive, send)
            return
        try:
            body = await read_bounded(receive, Headers(scope=scope), api.most_bytes)
        except TooMuch as error:
            await api.say_no(Refused(error.status, error.sentence))(scope, receive, send)
            return
        await self._app(scope, again(body, receive), send)
