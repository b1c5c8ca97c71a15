"""The parts of the page as they show something: every handler's answer is put together of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from fooo.catalog import family_of
from fooo.interface.i18n import Words
from fooo.interface.web.fields import FIELDS, Control
from fooo.interface.web.handlers.context import Context, Updates
from fooo.interface.web.html.begun import start_chip_html
from fooo.interface.web.html.chips import chips_html, repeat_html
from fooo.interface.web.html.held import held_html
from fooo.interface.web.html.progress import status_html
from fooo.interface.web.html.style_sheet import sheet_html, style_title
from fooo.interface.web.html.wall import earlier_html, row_html, stage_html
from fooo.interface.web.model_shown import base_model
from fooo.interface.web.parts import choices, offered, pace_of
from fooo.interface.web.styles import contact_html, contact_of, without
from fooo.interface.web.view import View
from fooo.request import Request

Values = Mapping[str, Any]
"""What the controls show, by the paths of their fields."""


@dataclass(frozen=True, slots=True)
class Showing:
    context: Context

    def asked(self, base: Request, values: Values, words: Words) -> Updates:
        """All that shows what the next press draws, where another request lies below it."""
        return {
            self.context.parts.base: base,
            **self.paces(base, values, words),
            **self.chips(base, values, words),
            **self.styles(base, words),
        }

    def controls(self, values: Values, words: Words | None = None) -> Updates:
        """Each control with its value, and no mark; in other words where they are given."""
        context, updates = self.context, Updates()
        for each in FIELDS:
            if each.path not in values:
                continue
            named = words is not None and each.control is Control.ONE
            more: dict[str, Any] = {"choices": choices(each, context.program.catalog, words)} if named else {}
            updates[context.parts.controls[each.path]] = gr.update(value=values[each.path], elem_classes=[], **more)
        return updates

    def paces(self, base: Request, values: Values, words: Words) -> Updates:
        """The modes of the model that would draw, and the times."""
        context, updates = self.context, Updates()
        model = base_model(base, context.program)
        for each in FIELDS:
            if each.control is Control.CHOICE:
                value = str(values.get(each.path) or "")
                names = offered(each, value, context.program.catalog, words, family_of(model) if model else None)
                updates[context.parts.controls[each.path]] = gr.update(value=value, choices=names, elem_classes=[])
        return updates

    def styles(self, base: Request, words: Words) -> Updates:
        """The sheet of the styles that suit the model."""
        model = base_model(base, self.context.program)
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
        return {self.context.parts.chips: chips_html(styles, pace_of(values, words), count, words, start=start)}

    def seen(self, view: View, examples: Sequence[str], words: Words) -> Updates:
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

    def tell(self, sentence: str, *, mark: str | None = None, calm: bool = False) -> Updates:
        """The sentence, and the control of the path `mark` marked; every other mark is taken away."""
        parts = self.context.parts
        marks: Updates = {
            parts.controls[each.path]: gr.update(elem_classes=["wrong"] if each.path == mark else []) for each in FIELDS
        }
        return {parts.notice: self.context.notice(sentence, calm=calm), **marks}
