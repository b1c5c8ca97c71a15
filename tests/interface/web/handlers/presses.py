"""What a page hands to its handlers, and what of their answers it shows."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr

from fooo.interface.i18n import Words, read_languages
from fooo.interface.web.fields import values_of
from fooo.interface.web.handlers import Handlers, Updates
from fooo.request import Request

EN = read_languages()["en"]


def session(name: str = "a page") -> gr.Request:
    return cast(gr.Request, SimpleNamespace(session_hash=name))


def shows(
    handlers: Handlers, prompt: str, base: Request | None, values: Mapping[str, object] | None = None
) -> dict[Any, Any]:
    """The parts of a page that shows a request with these words, and these values by path."""
    parts = handlers.context.parts
    shown = values_of(handlers.context.start) | {"prompt": prompt} | dict(values or {})
    controls = {control: shown[path] for path, control in parts.controls.items()}
    return {**controls, parts.base: base, parts.random_seed: True, parts.spare_seed: 23}


def previewed(handlers: Handlers, inputs: dict[Any, Any]) -> str:
    """The text on the line under the box."""
    html = str(handlers.pressing.preview(inputs, session())[handlers.context.parts.final])
    return unescape(re.sub(r"<[^>]+>", "", html[: html.index("</p>")]))


def draw(handlers: Handlers, prompt: str, page: str = "a page") -> None:
    """Press Generate, and wait for the end of the job."""
    handlers.pressing.press(shows(handlers, prompt, handlers.context.start), session(page))
    list(handlers.context.program.jobs()[-1].events())


def told(handlers: Handlers, page: str = "a page") -> str:
    """What the notice says at the first look."""

    async def look() -> Updates:
        shown: dict[Any, Any] = {handlers.context.parts.base: handlers.context.start}
        return await anext(handlers.watching.watch(shown, session(page)))

    # in a thread of its own: Playwright's loop lives on in this one after the tests in a browser
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(asyncio.run, look()).result()
    return str(first.get(handlers.context.parts.notice, ""))


def dropped(handlers: Handlers, shown: object) -> Updates:
    return handlers.settings.load_settings({handlers.context.parts.drop: shown}, session())


def value(updates: Updates, handlers: Handlers, path: str) -> object:
    return cast(dict[str, object], updates[handlers.context.parts.controls[path]])["value"]


def _chinese(request: gr.Request) -> Words:
    return read_languages()["zh"]


def in_chinese(handlers: Handlers) -> Handlers:
    """The same for a browser that speaks it."""
    return Handlers.of(replace(handlers.context, words_for=_chinese))
