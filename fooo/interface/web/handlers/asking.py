"""What a page asks for, and what its person chose and asked for last."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from fooo.catalog import PresetFile
from fooo.errors import RequestError
from fooo.interface.web.fields import request_from, values_in
from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.last_asked import LastAsked
from fooo.interface.web.seam import person_of
from fooo.request import RANDOM_SEED, Request, merge, only_set_fields, read_request

_MOST_PAGES = 256
"""Whose choices are known; of an older one the next change is seen one change later."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is chosen and asked last is kept here, on the server, so that a reload and a restart find it again.

    Words that are typed and not drawn are kept by the browser.

    Attributes:
        pressing: Held while a press is carried out, so that the next one knows its seed.
    """

    context: Context
    kept: LastAsked
    pressing: threading.Lock = field(default_factory=threading.Lock)
    _usable: dict[str, Request] = field(default_factory=dict[str, Request])
    """What was chosen last, as far as it can still be drawn, by the name of who did."""
    _seeds: dict[str, int] = field(default_factory=dict[str, int])
    """The seed that a page showed at the last press, by the name of who pressed."""
    _shown: dict[str, Request] = field(default_factory=dict[str, Request])
    """What each page showed when it was looked at last, but for its words."""

    def last(self, request: gr.Request) -> Request:
        """What this person chose last, in whatever window; what a page starts with where they did not yet."""
        name = person_of(request).name
        if name not in self._usable:
            kept = self.kept.of(name)
            if kept is None:
                return self.context.start
            self._usable[name] = self._as_far_as_possible(kept)
        return self._usable[name]

    def remember(self, asked: Request, inputs: Inputs, request: gr.Request, *, seed: int) -> None:
        """It was pressed. Args: seed: That the page showed, which may be another than the one that is drawn."""
        self._seeds[person_of(request).name] = seed
        self._keep(self._as_open(asked, inputs), request)

    def remember_choices(self, asked: Request, inputs: Inputs, request: gr.Request) -> None:
        """What was changed on the page since it was looked at last, all but its words, which are not asked for yet.

        What a page only shows is not kept: of two open ones that is remembered which somebody chooses on.
        """
        page = str(request.session_hash)
        shown = self._as_open(asked, inputs).model_copy(update={"prompt": ""})
        before = self._shown.pop(page, None)
        while len(self._shown) >= _MOST_PAGES:
            self._shown.pop(next(iter(self._shown)), None)
        self._shown[page] = shown
        if before is not None and before != shown:
            self._keep(shown.model_copy(update={"prompt": self.last(request).prompt}), request)

    def fixed_seed(self, inputs: Inputs) -> str:
        """The seed that every press has from now on; empty where each has a new one."""
        return "" if self._leaves_seed_open(inputs) else str(inputs[self.context.parts.controls["sampling.seed"]])

    def new_seeds(self, *, shown: bool) -> Updates:
        """The seeds of the next press. Args: shown: Whether the page shows it, and has none of its person's there."""
        parts, draw_seed = self.context.parts, self.context.program.draw_seed
        updates: Updates = {parts.spare_seed: draw_seed()}
        if shown:
            updates[parts.controls["sampling.seed"]] = gr.update(value=str(draw_seed()), elem_classes=[])
        return updates

    def _keep(self, asked: Request, request: gr.Request) -> None:
        name = person_of(request).name
        self._usable[name] = asked
        self.kept.keep(asked, name)

    def _as_open(self, asked: Request, inputs: Inputs) -> Request:
        """With the seed left open where the page leaves it so."""
        return _with_seed(asked, RANDOM_SEED) if self._leaves_seed_open(inputs) else asked

    def fresh(self, asked: Request, inputs: Inputs, request: gr.Request) -> Request:
        """The same with a seed of its own, where the page leaves the seed open and was pressed with this one before.

        A page hears of its next seed only in the answer to a press: of two quick ones both show the same.
        """
        seed = asked.sampling.seed
        if not self._leaves_seed_open(inputs) or self._seeds.get(person_of(request).name) != seed:
            return asked
        return _with_seed(asked, self.context.program.draw_seed())

    def _leaves_seed_open(self, inputs: Inputs) -> bool:
        shown = str(inputs[self.context.parts.controls["sampling.seed"]] or RANDOM_SEED).strip()
        return bool(inputs[self.context.parts.random_seed]) or shown == str(RANDOM_SEED)

    def _as_far_as_possible(self, kept: Request) -> Request:
        """Its model, preset or picture may be gone since the program ran last; its words are not."""
        try:
            self.context.program.plan(kept)
        except RequestError:
            return self.context.start.model_copy(update={"prompt": kept.prompt, "negative": kept.negative})
        return kept

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
        return _with_seed(asked, spare)

    def missing(self, inputs: Inputs, request: gr.Request) -> Sequence[PresetFile]:
        """The published files that what the page asks for lacks."""
        try:
            return self.context.program.needed_files(self.asked(inputs, request))
        except RequestError:
            return ()

    def preset_values(self, name: str | None) -> dict[str, Any]:
        """What the controls show of what a preset sets."""
        return values_in(self.context.program.catalog.preset(name).partial) if name else {}


def _with_seed(asked: Request, seed: int) -> Request:
    return read_request(merge(only_set_fields(asked), {"sampling": {"seed": seed}}))
