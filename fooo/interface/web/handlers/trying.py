"""Styles are tried on the page's words, and one of them is drawn to its end."""

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from fooo.errors import FoooError, RequestError
from fooo.interface.web.acts import target_named
from fooo.interface.web.failures import sentence_of
from fooo.interface.web.handlers.asking import Asking
from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.pressing import Pressing
from fooo.interface.web.handlers.showing import Showing
from fooo.interface.web.seam import person_of
from fooo.interface.web.styles import on_a_sheet
from fooo.request import Request, finished


@dataclass(frozen=True, slots=True)
class Trying:
    context: Context
    asking: Asking
    showing: Showing
    pressing: Pressing

    def try_styles(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A contact sheet of the page's words; what the page asks for stays as it is, but for a seed of its own."""
        updates = self._draw(lambda: self._sheet(inputs, request), request)
        return updates | self.asking.new_seeds(shown=inputs[self.context.parts.random_seed])

    def finish(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A picture of a contact sheet is drawn to its end."""
        return self._draw(lambda: self._finished(inputs, request), request)

    def _sheet(self, inputs: Inputs, request: gr.Request) -> Request:
        """Raises: FoooError: As of `on_a_sheet`, or a value is not what its field takes."""
        return on_a_sheet(self.asking.asked(inputs, request), self.context.program, person_of(request))

    def _finished(self, inputs: Inputs, request: gr.Request) -> Request:
        """Raises: FoooError: The picture is gone, or does not say how it was made."""
        said = inputs[self.context.parts.acted]
        own = target_named(said, self.context.program, person_of(request)).own
        if own is None:
            raise RequestError("picture", "does not say how it was made", "press another one")
        return finished(own)

    def _draw(self, make: Callable[[], Request], request: gr.Request) -> Updates:
        context = self.context
        context.meet(request)
        try:
            asked = make()
            files = context.program.needed_files(asked)
            return self.pressing.offer(asked, files, request) or self.pressing.submit((asked,), request)
        except FoooError as error:
            return self.showing.tell(sentence_of(error, context.words_for(request)))
