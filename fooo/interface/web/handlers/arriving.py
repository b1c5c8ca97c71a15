"""A page is opened: what it shows at first."""

import threading
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from fooo.errors import FoooError, RequestError
from fooo.interface.i18n import Words
from fooo.interface.web.failures import sentence_of
from fooo.interface.web.fields import values_of
from fooo.interface.web.handlers.asking import Asking
from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.showing import Showing
from fooo.interface.web.html.top_bar import drawer_head_html
from fooo.interface.web.model_shown import base_model, examples
from fooo.request import RANDOM_SEED


@dataclass(slots=True)
class Arriving:
    context: Context
    asking: Asking
    showing: Showing
    _warm: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arrive(self, request: gr.Request) -> Updates:
        """A page was opened: its words, what was asked last, and what there is to see."""
        context, parts = self.context, self.context.parts
        words, base = context.words_for(request), self.asking.last(request)
        values, is_open = values_of(base), base.sampling.seed == RANDOM_SEED
        if is_open:
            values |= {"sampling.seed": str(context.program.draw_seed())}
        if base is context.start:
            values |= self.asking.preset_values(context.start.preset)
        problem = self._warm_once(words)
        view = context.meet(request)
        prompts = examples(base, context.program, words, page=request.session_hash)
        updates: Updates = {
            parts.spare_seed: context.program.draw_seed(),
            parts.random_seed: is_open,
            parts.drawer: gr.update(visible=True),
            parts.drawer_head: drawer_head_html(words),
            parts.notice: context.notice(problem),
            **self.showing.controls(values, words),
            **self.showing.asked(base, values, words),
            **self.showing.seen(view, prompts, words),
        }
        return updates | {each: _seen(updates.get(each)) for each in parts.inside}

    def name_device(self, inputs: Inputs, request: gr.Request) -> Updates:
        """What draws, as soon as the engine is there to say so; the bar names only the model until then."""
        context, words = self.context, self.context.words_for(request)
        try:
            self.showing.device = self.showing.device or context.program.device()
        except FoooError as error:
            return {context.parts.notice: context.notice(sentence_of(error, words))}
        model = base_model(self.asking.base(inputs, request), context.program)
        return {context.parts.bar: self.showing.bar(model, words)}

    def _warm_once(self, words: Words) -> str:
        """Begin to load what the first picture needs, once; the sentence for the person where that cannot be."""
        with self._lock:
            first, self._warm = not self._warm, True
        if not first:
            return ""
        try:
            self.context.program.warm(self.context.start, self.context.lookout.hear)
        except RequestError as error:
            return sentence_of(error, words)
        return ""


def _seen(update: object) -> dict[str, Any]:
    """An update, or a new value, of a part that is seen from now on."""
    if isinstance(update, dict):
        return {"visible": True, **update}
    return gr.update(visible=True) if update is None else gr.update(value=update, visible=True)
