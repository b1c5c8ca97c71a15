"""Something is pressed on a picture: each is one press, and what the page asks for stays as it is."""

from dataclasses import dataclass

import gradio as gr

from fooo.errors import FoooError, RequestError
from fooo.interface.jobs import split_request
from fooo.interface.web.acts import Act, Target, asked_again, begun_with, said_act, target_named
from fooo.interface.web.failures import sentence_of
from fooo.interface.web.handlers.asking import Asking
from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.pressing import Pressing
from fooo.interface.web.handlers.showing import Showing
from fooo.interface.web.html.notices import Tone, undo_html
from fooo.interface.web.seam import person_of
from fooo.request import Request, Vary


@dataclass(frozen=True, slots=True)
class Acting:
    context: Context
    asking: Asking
    showing: Showing
    pressing: Pressing

    def act(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A press on a picture, as its script says it: see `target_named`, and `how` is the name of an `Act`."""
        context = self.context
        context.meet(request)
        said = inputs[context.parts.acted]
        try:
            act = said_act(said)
            if act is Act.NO_START:
                return self._begin_with(None, inputs, request)
            if act is Act.FREE_SEED:
                return {context.parts.random_seed: True, **self.asking.new_seeds(shown=True)}
            target = target_named(said, context.program, person_of(request))
            match act:
                case Act.START:
                    return self._begin_with(context.program.pictures.add(target.path), inputs, request)
                case Act.DELETE:
                    return self._throw(target, request)
                case _:
                    return self._draw(act, target, inputs, request)
        except FoooError as error:
            return self.showing.tell(sentence_of(error, context.words_for(request)))

    def _draw(self, act: Act, target: Target, inputs: Inputs, request: gr.Request) -> Updates:
        program = self.context.program
        own = target.own or self._of_page(inputs, request)
        count = self.asking.values(inputs).get("output.count") or 1
        asked = asked_again(act, target.path, own, program, count=count)
        files = program.needed_files(asked)
        if files:
            return self.pressing.offer(asked, files, request)
        note = self._of_transparency(asked.start.picture, request) if isinstance(asked.start, Vary) else ""
        return self.pressing.submit((asked,), request, note)

    def _of_page(self, inputs: Inputs, request: gr.Request) -> Request:
        """What the page would draw, whole: by its words a picture is drawn anew that does not tell its own."""
        return self.context.program.plan(split_request(self.asking.asked(inputs, request))[0]).request

    def _begin_with(self, picture: str | None, inputs: Inputs, request: gr.Request) -> Updates:
        """The next press begins with that picture of the store; None: with noise."""
        words = self.context.words_for(request)
        base = begun_with(picture, self.asking.base(inputs, request))
        note = self._of_transparency(picture, request) if picture else ""
        return {
            self.context.parts.base: base,
            self.context.parts.notice: self.context.notice(note, tone=Tone.DONE),
            **self.showing.chips(base, self.asking.values(inputs), words),
        }

    def _throw(self, target: Target, request: gr.Request) -> Updates:
        """Move it into the trash of the history, and offer the way back."""
        words, history = self.context.words_for(request), self.context.program.history
        kept = history.at(target.path)
        if kept is None:
            raise RequestError("picture", "is not in the history any more", "open the history again")
        (thrown,) = history.throw((kept,))
        button = undo_html(thrown, words)
        return {
            self.context.parts.notice: self.context.notice(words("history_deleted_one"), tone=Tone.DONE, button=button)
        }

    def _of_transparency(self, picture: str, request: gr.Request) -> str:
        """What becomes of the transparent parts of a picture of the store that is drawn anew; empty where none are."""
        if self.context.program.pictures.open(picture).alpha is None:
            return ""
        return self.context.words_for(request)("drawn_on_white")
