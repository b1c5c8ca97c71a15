"""What a page asks for, and what its person asked for last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from fooo.catalog import PresetFile
from fooo.errors import RequestError
from fooo.interface.web.fields import request_from, values_in
from fooo.interface.web.handlers.context import Context, Inputs
from fooo.interface.web.seam import person_of
from fooo.request import RANDOM_SEED, Request, merge, only_set_fields, read_request


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked last is kept here, on the server, so that a reload finds it again."""

    context: Context
    _last: dict[str, Request] = field(default_factory=dict[str, Request])
    """By the name of who asked."""

    def last(self, request: gr.Request) -> Request:
        """What this person asked for last, in whatever window; what a page starts with where they did not yet."""
        return self._last.get(person_of(request).name, self.context.start)

    def remember(self, asked: Request, request: gr.Request) -> None:
        self._last[person_of(request).name] = asked

    def base(self, inputs: Inputs, request: gr.Request) -> Request:
        """What lies below the page's controls; one that was open when the server started again has lost it."""
        return inputs[self.context.parts.base] or self.last(request)

    def values(self, inputs: Inputs) -> dict[str, Any]:
        """What the controls show, by the paths of their fields."""
        controls = self.context.parts.controls
        return {path: inputs[control] for path, control in controls.items() if control in inputs}

    def asked(self, inputs: Inputs, request: gr.Request) -> Request:
        """What the page asks for, with the seed that it will have.

        Raises:
            RequestError: A value is not what its field takes.
        """
        asked = request_from(self.values(inputs), self.base(inputs, request))
        spare = inputs[self.context.parts.spare_seed]
        if asked.sampling.seed != RANDOM_SEED or spare is None:
            return asked
        return read_request(merge(only_set_fields(asked), {"sampling": {"seed": spare}}))

    def missing(self, inputs: Inputs, request: gr.Request) -> Sequence[PresetFile]:
        """The published files that what the page asks for lacks."""
        try:
            return self.context.program.needed_files(self.asked(inputs, request))
        except RequestError:
            return ()

    def preset_values(self, name: str | None) -> dict[str, Any]:
        """What the controls show of what a preset sets."""
        return values_in(self.context.program.catalog.preset(name).partial) if name else {}
