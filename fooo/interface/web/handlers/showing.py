"""The parts of the page as they show something: every handler's answer is put together of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from fooo.catalog import LocalModel, Suggestion, family_of
from fooo.interface.i18n import Words
from fooo.interface.web.drawer import loras_html
from fooo.interface.web.fields import AUTOMATIC, FIELDS, NONE, Control, with_models
from fooo.interface.web.handlers.context import Context, Updates
from fooo.interface.web.html.begun import start_chip_html
from fooo.interface.web.html.chips import chips_html, repeat_html
from fooo.interface.web.html.held import held_html
from fooo.interface.web.html.notices import Tone
from fooo.interface.web.html.progress import status_html
from fooo.interface.web.html.style_sheet import sheet_html, style_title
from fooo.interface.web.html.top_bar import bar_html
from fooo.interface.web.html.wall import earlier_html, row_html, stage_html
from fooo.interface.web.languages import next_language
from fooo.interface.web.model_shown import base_model, short_title, suits
from fooo.interface.web.parts import choices, offered, pace_of, title_of_choice
from fooo.interface.web.styles import contact_html, contact_of, without
from fooo.interface.web.view import View
from fooo.request import Request

Values = Mapping[str, Any]
"""What the controls show, by the paths of their fields."""


@dataclass(slots=True)
class Showing:
    """Args: device: What draws; empty until the engine has said so."""

    context: Context
    device: str = ""

    def asked(self, base: Request, values: Values, words: Words) -> Updates:
        """All that shows what the next press draws, where another request lies below it."""
        below = with_models(base, values)
        model = base_model(below, self.context.program)
        return {
            self.context.parts.base: below,
            self.context.parts.bar: self.bar(model, words),
            **self.paces(model, values, words),
            **self.files(model, values, words),
            **self.chips(below, values, words),
            **self.styles(model, words),
        }

    def bar(self, model: LocalModel | None, words: Words) -> str:
        """The line at the top, with the model that would draw."""
        named = (short_title(model.name, words) if model else "", self.device)
        other = next_language(words, self.context.tongues)
        return bar_html(words, doing=[name for name in named if name], other=other)

    def controls(self, values: Values, words: Words) -> Updates:
        """Each control with its value, and no mark, in the words of the page."""
        context, updates = self.context, Updates()
        for each in FIELDS:
            if each.path not in values:
                continue
            value, more = values[each.path], dict[str, Any]()
            if each.control is Control.ONE:
                # what is chosen stands first, so that it is seen at once; a press moves nothing
                named = choices(each, context.program.catalog, words)
                first = each.path == "preset"
                more["choices"] = sorted(named, key=lambda choice: choice[1] != value) if first else named
            if each.control is Control.LORAS:
                updates |= self.loras(value, words)
            updates[context.parts.controls[each.path]] = gr.update(value=value, elem_classes=[], **more)
        return updates

    def loras(self, chosen: Sequence[Mapping[str, Any]], words: Words) -> Updates:
        """The chosen LoRAs, and where another one is added."""
        html = loras_html(chosen, self.context.program.catalog, words)
        # weights are changed on the page, which would take the same rows for those that it shows
        return {self.context.parts.loras: self.context.new(html)}

    def paces(self, model: LocalModel | None, values: Values, words: Words) -> Updates:
        """The modes of the model that would draw, and the times."""
        context, updates = self.context, Updates()
        for each in FIELDS:
            if each.control is Control.CHOICE:
                value = str(values.get(each.path) or "")
                names = offered(each, value, context.program.catalog, words, family_of(model) if model else None)
                updates[context.parts.controls[each.path]] = gr.update(value=value, choices=names, elem_classes=[])
        return updates

    def files(self, model: LocalModel | None, values: Values, words: Words) -> Updates:
        """The sizes and the models to choose from; of refiners those that suit the model, and none where none does."""
        context, updates = self.context, Updates()
        for each in FIELDS:
            if each.control not in {Control.SIZE, Control.FILE, Control.FILE_OR_NONE, Control.NAME}:
                continue
            value, more = str(values.get(each.path) or AUTOMATIC), dict[str, Any]()
            names = offered(each, value, context.program.catalog, words, None)
            if each.control is Control.FILE_OR_NONE:
                names = [
                    (title, name) for title, name in names if name in {AUTOMATIC, NONE, value} or suits(name, model)
                ]
                more["visible"] = value != AUTOMATIC or len(names) > len((AUTOMATIC, NONE))
            updates[context.parts.controls[each.path]] = gr.update(value=value, choices=names, elem_classes=[], **more)
        return updates

    def styles(self, model: LocalModel | None, words: Words) -> Updates:
        """The sheet of the styles that suit the model."""
        pocket = model is not None and model.knows is not None
        families = self.context.program.catalog.families()
        return {self.context.parts.sheet: sheet_html(families, pocket=pocket, words=words)}

    def chips(self, base: Request, values: Values, words: Words) -> Updates:
        """What is chosen, in a few words, and the picture that is begun with."""
        known = self.context.program.catalog.styles
        styles = [(name, style_title(name, known, words)) for name in values.get("styles") or ()]
        count = int(values.get("output.count") or 1)
        begun = self.context.small(base.start.picture) if base.start else ""
        start = start_chip_html(begun, words) if base.start else ""
        size, preset = str(values.get("size") or ""), str(values.get("preset") or "")
        html = chips_html(
            styles,
            pace_of(values, words),
            count,
            words,
            size=title_of_choice(size, words) if size else "",
            preset=preset,
            start=start,
        )
        return {self.context.parts.chips: html}

    def seen(self, view: View, examples: Sequence[Suggestion], words: Words) -> Updates:
        """The wall, and what is said of its progress."""
        parts, contact = self.context.parts, contact_of(view)
        if contact:
            stage = contact_html(contact, self.context.program.catalog.styles, words)
            row = earlier_html(without(view, contact), words)
        else:
            stage, row = stage_html(view, examples, words), row_html(view, words)
        return {
            parts.stage: stage,
            parts.row: row,
            parts.held: held_html(view.held, words),
            **self.progress(view, words),
        }

    def progress(self, view: View, words: Words) -> Updates:
        parts = self.context.parts
        return {
            parts.status: status_html(view, words),
            parts.repeat: repeat_html(words, on=bool(view.repeating)),
        }

    def tell(self, sentence: str, *, mark: str | None = None, tone: Tone = Tone.WRONG) -> Updates:
        """The sentence, and the control of the path `mark` marked; every other mark is taken away."""
        return {self.context.parts.notice: self.context.notice(sentence, tone=tone), **self.marks(mark)}

    def marks(self, mark: str | None = None) -> Updates:
        """The control of the path `mark` marked, and no other."""
        controls = self.context.parts.controls
        return {controls[each.path]: gr.update(elem_classes=["wrong"] if each.path == mark else []) for each in FIELDS}
