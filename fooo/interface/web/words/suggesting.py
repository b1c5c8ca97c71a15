"""Tells an open page what its prompt box may suggest, when it has changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block

from fooo.interface.i18n import Words
from fooo.interface.web.model_shown import base_model
from fooo.interface.web.parts import Parts
from fooo.interface.web.words.known import known_html, known_words
from fooo.request import Request
from fooo.service import Fooo


@dataclass(frozen=True, slots=True)
class Suggesting:
    """Args: start: What a page shows before anybody has asked for anything. words_for: The words for a browser."""

    parts: Parts
    program: Fooo
    start: Request
    words_for: Callable[[gr.Request], Words]

    def suggest(self, inputs: Mapping[Block, Any], request: gr.Request) -> dict[Block, object]:
        """The list, where it is another one than the page has, whose mark the script says."""
        model = base_model(inputs[self.parts.base] or self.start, self.program)
        known = known_words(self.program.catalog, model.knows if model else None, self.words_for(request))
        html = known_html(known, str(inputs[self.parts.acted]))
        return {self.parts.known: gr.update() if html is None else html}
