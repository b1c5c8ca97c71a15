"""Keeps the page and its own files in memory as they were sent: built and packed once, not for each browser anew."""

import gzip
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MOST_BYTES = 32 * 2**20
_FOREVER = "public, max-age=31536000, immutable"
"""The files carry a hash of their content in their name: under one name they never change."""

_DECIDES = ("accept-encoding", "host", "x-forwarded-host", "x-forwarded-proto")
"""The headers that change what the page looks like: how it is packed, and under which address it knows itself."""

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    start: Message
    body: bytes


class Assets:
    """ASGI middleware: the page at `/` and what lies below `prefix` are asked of the application once."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app, self._prefix = app, prefix
        self._kept: dict[_Key, _Kept] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._keeps(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = (scope["path"], *(headers.get(name, "") for name in _DECIDES))
        kept = self._kept.get(key) or await self._fetch(key, scope, receive)
        await send({**kept.start, "headers": [*kept.start["headers"]]})  # who sends it on adds to its own copy
        await send({"type": "http.response.body", "body": kept.body})

    def _keeps(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return False
        ours = scope["path"] == "/" or scope["path"].startswith(self._prefix)
        return ours and not {"range", "if-none-match"} & set(Headers(scope=scope))

    async def _fetch(self, key: _Key, scope: Scope, receive: Receive) -> _Kept:
        start: list[Message] = []
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
            else:
                chunks.append(message.get("body", b""))

        await self._app(scope, receive, collect)
        kept = _Kept(start[0], b"".join(chunks))
        if kept.start["status"] == 200 and self._bytes + len(kept.body) <= _MOST_BYTES:
            if scope["path"] == "/":
                kept = _packed(kept, Headers(scope=scope).get("accept-encoding", ""))
            else:
                MutableHeaders(scope=kept.start)["cache-control"] = _FOREVER
            self._kept[key] = kept
            self._bytes += len(kept.body)
        return kept


def _packed(page: _Kept, accepted: str) -> _Kept:
    """A seventh of its bytes, where the browser takes that: gradio packs what has an ending, and the page has none."""
    headers = Headers(scope=page.start)
    if "gzip" not in accepted or "content-encoding" in headers:
        return page
    body = gzip.compress(page.body)
    start = {**page.start, "headers": [*page.start["headers"]]}
    packed = MutableHeaders(scope=start)
    packed["content-encoding"], packed["content-length"] = "gzip", str(len(body))
    packed.add_vary_header("Accept-Encoding")
    return _Kept(start, body)
