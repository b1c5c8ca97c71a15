"""A language that was chosen on the page, kept by the browser in a cookie."""

import json
from string import Template

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fooo.interface.i18n import LANGUAGE_COOKIE, Tongues, Words

_FULL_CODES = {"zh": "zh-CN"}
"""Gradio has Chinese by region only."""

_SCRIPT = Template("""<script>{
  const [codes, all] = [$codes, $all];
  const chosen = codes[all ?? document.cookie.match(/(?:^|; )$cookie=([\\w-]+)/)?.[1]];
  if (chosen) Object.defineProperty(navigator, "language", { get: () => chosen });
}</script>""")


def next_language(words: Words, tongues: Tongues) -> Words | None:
    """The one that a press on the page's switch leads to; None where there is no other."""
    codes = sorted(tongues)
    if words.language not in codes or len(codes) == 1:
        return None
    return tongues[codes[(codes.index(words.language) + 1) % len(codes)]]


class SpeakChosen:
    """ASGI middleware: gradio's page takes the chosen language for the browser's, of which it asks as it starts.

    Gradio has no way to run a script before its own, so one is put behind the first tag of the page's head. It is the
    same for everybody, as the page is kept for everybody.

    Args:
        app: Of the page.
        tongues: The languages that there are.
        language: The code of the one that is set for everybody; None: each browser has its own.
    """

    def __init__(self, app: ASGIApp, *, tongues: Tongues, language: str | None) -> None:
        codes = {code: _FULL_CODES.get(code, code) for code in tongues}
        self._app = app
        self._script = _SCRIPT.substitute(
            codes=json.dumps(codes), all=json.dumps(language), cookie=LANGUAGE_COOKIE
        ).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        start: list[Message] = []
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._send(start[0], b"".join(chunks), send)

        await self._app(scope, receive, collect)

    async def _send(self, start: Message, body: bytes, send: Send) -> None:
        if Headers(scope=start).get("content-type", "").startswith("text/html"):
            body = body.replace(b"<head>", b"<head>" + self._script, 1)
            MutableHeaders(scope=start)["content-length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})
