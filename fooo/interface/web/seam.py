"""The places where gradio's own types are unknown or too narrow: `Any` stays in here."""

import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import BlockContext
from gradio.components import Component
from gradio.events import Dependency
from gradio.themes import Base

from fooo.interface.i18n import LANGUAGE_COOKIE
from fooo.interface.people import HOST, Person

Part = Component | BlockContext
"""Anything on the page that a handler may read or change."""

Trigger = Callable[..., Dependency]
"""What gradio offers on a part, such as `button.click`."""

Built = TypeVar("Built")

_gradio: Any = gr

_LABEL = re.compile(r"translation_metadata\W+key\W+(\w+)")
"""How gradio writes a label that each browser fills in."""


def in_a_loop(build: Callable[[], Built]) -> Built:
    """What `build` gives, built inside an event loop: outside of one gradio makes some of its own and closes none."""

    async def run() -> Built:
        return build()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run())
    return build()


def accepted_languages(request: gr.Request) -> str:
    """The browser's `Accept-Language`, or nothing."""
    untyped: Any = request
    return str(untyped.headers.get("accept-language", ""))


def chosen_language(request: gr.Request) -> str:
    """The code of the language that was chosen on the page, or nothing."""
    untyped: Any = request
    return str(untyped.cookies.get(LANGUAGE_COOKIE, ""))


def person_of(request: gr.Request) -> Person:
    """Who asks, as the gate before the page found out; the host where nobody logs in."""
    state: Any = getattr(request, "state", None)
    person = getattr(state, "person", None)
    return person if isinstance(person, Person) else HOST


def listen(
    trigger: Trigger,
    handler: Callable[..., object] | None,
    inputs: set[Component] | None,
    outputs: Sequence[Part] | None,
    *,
    name: str,
    script: str | None = None,
    newest_only: bool = False,
) -> Dependency:
    """Tie a handler to what happens. It is no public address of the server, and shows no spinner over the picture.

    With `newest_only` what happens while it is at work waits, and of several only the last is answered.
    """
    return trigger(
        handler,
        inputs,
        outputs,
        api_name=name,
        api_visibility="private",
        show_progress="hidden",
        trigger_mode="always_last" if newest_only else "multiple",
        concurrency_limit=None,
        js=script,
    )


def offer(function: Callable[..., object], *, name: str) -> None:
    """Let gradio's clients call a function; what it takes and gives is as its types say."""
    _gradio.api(function, api_name=name, concurrency_limit=None)


def labels_of(page: gr.Blocks) -> frozenset[str]:
    """The ids of the labels that each browser fills in from gradio's own table."""
    return frozenset(_LABEL.findall(str(page.config["components"])))


def said_by_script(inputs: set[Component], part: Component, script: str) -> str:
    """The script for `listen` by which that part alone is not as the page shows it, but what `script` gives."""
    place = sorted(each._id for each in inputs).index(part._id)  # pyright: ignore[reportPrivateUsage]
    return f"(...shown) => shown.map((each, place) => (place === {place} ? {script} : each))"


def coloured(theme: Base, values: dict[str, str]) -> Base:
    """The theme with its variables set, by gradio's names."""
    untyped: Any = theme
    return untyped.set(**values)


def mount(server: Any, page: gr.Blocks, **choices: Any) -> None:
    """Put the page at the root of a FastAPI application, which only the server's package knows by type."""
    in_a_loop(lambda: _gradio.mount_gradio_app(server, page, path="/", **choices))
    # gradio checks that a file lies in the upload folder only for pages that it launched itself
    page.has_launched = True


def upload_folder() -> Path:
    """Where gradio keeps what was uploaded."""
    return Path(_gradio.utils.get_upload_folder())
