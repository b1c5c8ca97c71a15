"""What changes on a page while it is open, and what ends the picture that is drawn."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import gradio as gr

from fooo.catalog import Suggestion
from fooo.interface.web.failures import sentence_of
from fooo.interface.web.handlers.asking import Asking
from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.showing import Showing
from fooo.interface.web.model_shown import examples
from fooo.interface.web.seam import person_of

_LOOK_EVERY = 0.1
"""Seconds between looks at a job: as smooth as a person can read, and no thread is held meanwhile."""

_IDLE_EVERY = 0.25
"""Seconds between looks for a job while there is none; others may ask for one, in another window or by a program."""


@dataclass(frozen=True, slots=True)
class Watching:
    context: Context
    asking: Asking
    showing: Showing
    _watchers: dict[str | None, object] = field(default_factory=dict[str | None, object])

    async def watch(self, inputs: Inputs, request: gr.Request) -> AsyncIterator[Updates]:
        """What changes on the page, as long as it is open.

        Each press and each look begins one, and the newest of a page takes over: so none is ever missing, and the page
        has one at a time. It does not end when nothing is left to draw: gradio would close the page's stream behind
        it, and a press that is on its way at that moment would wait for its answer for ever.
        """
        mine, page = object(), request.session_hash
        self._watchers[page] = mine
        base, words = self.asking.base(inputs, request), self.context.words_for(request)
        try:
            async for changed in self._changes(examples(base, self.context.program, words, page=page), request):
                if self._watchers.get(page) is not mine:
                    # gradio sends the last one again at the end, and the newer watch is ahead of it
                    yield {self.context.parts.stage: gr.update()}
                    return
                if changed:
                    yield changed
        finally:
            if self._watchers.get(page) is mine:
                del self._watchers[page]

    def stop(self, inputs: Inputs, request: gr.Request) -> None:
        """End the job; the watch tells it. An answer of this press could overtake what the watch tells after it."""
        self.context.lookout.stop(inputs[self.context.parts.drawn], person_of(request), keep=False)

    def stop_and_keep(self, inputs: Inputs, request: gr.Request) -> None:
        self.context.lookout.stop(inputs[self.context.parts.drawn], person_of(request), keep=True)

    def skip(self, inputs: Inputs, request: gr.Request) -> None:
        self.context.lookout.skip(inputs[self.context.parts.drawn], person_of(request))

    async def _changes(self, prompts: Sequence[Suggestion], request: gr.Request) -> AsyncIterator[Updates]:
        """What is new at each look, even if nothing."""
        context = self.context
        words = context.words_for(request)
        before: Updates = {}
        while True:
            seen = context.program.changes
            view = context.look(request)
            now = self.showing.seen(view, prompts, words)
            if news := context.told.news(request.session_hash, view):
                sentences = dict.fromkeys(sentence_of(error, words) for error in news)
                now[context.parts.notice] = context.notice(" ".join(sentences))
            yield {part: value for part, value in now.items() if before.get(part) != value}
            before = now
            await asyncio.sleep(_LOOK_EVERY)
            while view.drawing is None and context.program.changes == seen:
                yield {}
                await asyncio.sleep(_IDLE_EVERY)
