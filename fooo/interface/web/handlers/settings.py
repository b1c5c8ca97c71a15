"""What the next press draws is changed by more than typing: by a preset, a mode, or the settings of a picture."""

from dataclasses import dataclass

import gradio as gr

from fooo.errors import FoooError
from fooo.interface.i18n import Words
from fooo.interface.web.acts import FOR_BROUGHT, begun_with, labels
from fooo.interface.web.failures import sentence_of
from fooo.interface.web.fields import values_of, without_mode
from fooo.interface.web.handlers.asking import Asking
from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.showing import Showing
from fooo.interface.web.html.begun import brought_html, small_address
from fooo.interface.web.html.notices import Tone, words_back_html
from fooo.interface.web.seam import person_of
from fooo.interface.web.uploads import loaded, read_upload, seen_upload
from fooo.interface.web.words import path_brought, read_brought
from fooo.record import Read
from fooo.request import Request


@dataclass(frozen=True, slots=True)
class Settings:
    context: Context
    asking: Asking
    showing: Showing

    def choose_preset(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A preset was chosen: what it sets is shown, what it leaves open stays as the person has it."""
        context, preset_values = self.context, self.asking.preset_values
        name = inputs[context.parts.controls["preset"]]
        values, before = self.asking.values(inputs), inputs[context.parts.base] or context.start
        # what still shows what the preset before has set was not the person's
        left = {path: value for path, value in preset_values(before.preset).items() if values[path] == value}
        shown = {path: values_of(Request())[path] for path in left} | preset_values(name)
        words = context.words_for(request)
        base = begun_with(before.start.picture if before.start else None, Request(preset=name))
        return {**self.showing.controls(shown, words), **self.showing.asked(base, values | shown, words)}

    def choose_pace(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A mode or a time was chosen: what is there of the mode before, and not the person's, is left open."""
        values = self.asking.values(inputs)
        base, shown = without_mode(self.asking.base(inputs, request), values)
        words = self.context.words_for(request)
        chips = self.showing.chips(base, values, words)
        return {self.context.parts.base: base, **self.showing.controls(shown, words), **chips}

    def choose_model(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A model was chosen: its styles, modes and name are shown, and the rest stays as the person has it."""
        words = self.context.words_for(request)
        return self.showing.asked(self.asking.base(inputs, request), self.asking.values(inputs), words)

    def show_loras(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A LoRA was added, or taken away."""
        chosen = inputs[self.context.parts.controls["models.loras"]]
        return self.showing.loras(chosen, self.context.words_for(request))

    def show_chips(self, inputs: Inputs, request: gr.Request) -> Updates:
        """The chips, where one of the controls that they tell of was changed."""
        base = self.asking.base(inputs, request)
        return self.showing.chips(base, self.asking.values(inputs), self.context.words_for(request))

    def load_settings(self, inputs: Inputs, request: gr.Request) -> Updates:
        """Settings were pasted, or a picture dropped or chosen: what made it is shown, with its seed.

        Of a picture that is none of the history is shown what else can be done with it. Words that had stood in the box
        can be put back.
        """
        context, parts = self.context, self.context.parts
        words = context.words_for(request)
        # read before it is shown: what shows no picture is gone then
        try:
            found = self._settings_of(inputs, request)
            told = None if found else words("brought_without_settings")
        except FoooError as error:
            found, told = None, sentence_of(error, words)
        shown: Updates = {parts.drop: None} if parts.drop in inputs else {}
        shown |= self._brought(inputs, words)
        if found is None:
            return {**shown, **self.showing.tell(told or "", tone=Tone.DONE if parts.brought in shown else Tone.WRONG)}
        asked, told = loaded(found, context.program, words)
        values = values_of(asked)
        typed = str(self.asking.values(inputs).get("prompt") or "")
        replaced = typed.strip() and typed.strip() != asked.prompt.strip()
        button = words_back_html(typed, words) if replaced else ""
        return {
            **shown,
            parts.random_seed: False,
            parts.notice: context.notice(told, tone=Tone.DONE, button=button),
            **self.showing.controls(values, words),
            **self.showing.asked(asked, values, words),
        }

    def _brought(self, inputs: Inputs, words: Words) -> Updates:
        """An upload, small, and what can be done with it; nothing where there is none."""
        parts = self.context.parts
        path = inputs[parts.drop] if parts.drop in inputs else path_brought(inputs[parts.acted])
        picture = seen_upload(path)
        if picture is None:
            return {}
        html = brought_html(small_address(picture), str(path), labels(words, FOR_BROUGHT), words)
        return {parts.brought: self.context.new(html)}

    def _settings_of(self, inputs: Inputs, request: gr.Request) -> Read | None:
        """None of an upload that does not say how it was made. Raises: FoooError: What was brought cannot be read."""
        context, parts = self.context, self.context.parts
        if parts.drop in inputs:
            return read_upload(inputs[parts.drop], context.program)
        return read_brought(inputs[parts.acted], context.program, person_of(request), context.words_for(request))
