"""What happens when something is pressed: each handler answers with the parts that change."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import gradio as gr
from gradio.blocks import Block

from fooo.catalog import PresetFile, family_of
from fooo.catalog.known_models import described
from fooo.errors import FoooError, RequestError
from fooo.interface.i18n import Words
from fooo.interface.jobs import split_request
from fooo.interface.notes import notes_on, promised
from fooo.interface.people import Deed, check_quota, may, submit
from fooo.interface.web.acts import acted
from fooo.interface.web.failures import FailuresTold, sentence_of
from fooo.interface.web.fields import FIELDS, Control, request_from, values_in, values_of, without_mode
from fooo.interface.web.html.final_words import final_html, refused_html
from fooo.interface.web.html.markup import (
    bar_html,
    chips_html,
    drawer_head_html,
    fetch_html,
    notice_html,
    row_html,
    stage_html,
    status_html,
)
from fooo.interface.web.html.style_sheet import sheet_html, style_title
from fooo.interface.web.model_shown import base_model, examples, model_name
from fooo.interface.web.parts import Parts, choices, offered, pace_of
from fooo.interface.web.seam import person_of
from fooo.interface.web.uploads import loaded, read_upload
from fooo.interface.web.view import Lookout, View
from fooo.interface.web.words import read_brought
from fooo.record import Read
from fooo.request import RANDOM_SEED, Request, merge, only_set_fields, read_request
from fooo.service import Fooo

Updates = dict[Block, object]
Inputs = Mapping[Block, Any]
"""What the named parts show; gradio types it no closer."""

_LOOK_EVERY = 0.1
"""Seconds between looks at a job: as smooth as a person can read, and no thread is held meanwhile."""

_IDLE_EVERY = 0.25
"""Seconds between looks for a job while there is none; others may ask for one, in another window or by a program."""

_MOST_SHOWN = 24
"""Jobs of one press whose words are told before it; to plan hundreds of them at each pause in typing helps nobody."""

_DECIDE_FILES = frozenset({"preset", "models", "sampling", "styles", "start", "faces", "things", "enlarge"})
"""The fields of a request that decide which files it needs."""


@dataclass(slots=True, kw_only=True)
class Handlers:
    """For every open page; what is asked last is kept here, on the server, so that a reload finds it again.

    Attributes:
        start: What a page shows before anybody has asked for anything.
        words_for: The words for a browser.
    """

    parts: Parts
    program: Fooo
    lookout: Lookout
    start: Request
    words_for: Callable[[gr.Request], Words]
    _asked: dict[str, Request] = field(default_factory=dict[str, Request])
    """By the name of who asked."""
    _device: str = ""
    _warm: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _watchers: dict[str | None, object] = field(default_factory=dict[str | None, object])
    _told: FailuresTold = field(default_factory=FailuresTold)
    _notices: "itertools.count[int]" = field(default_factory=itertools.count)

    def arrive(self, request: gr.Request) -> Updates:
        """A page was opened: its words, what was asked last, and what there is to see."""
        words, parts = self.words_for(request), self.parts
        base = self._last(request)
        shown = values_of(base) | {"sampling.seed": str(self.program.draw_seed())}
        if base is self.start:
            shown |= self._preset_values(self.start.preset)
        problem = self._warm_once(words)
        view = self.lookout.look(person_of(request))
        self._told.to(request.session_hash, view)
        return {
            parts.base: base,
            parts.spare_seed: self.program.draw_seed(),
            parts.bar: self._bar(words),
            parts.drawer: gr.update(visible=True),
            parts.drawer_head: drawer_head_html(words),
            parts.notice: notice_html(problem, next(self._notices)),
            **self._shown(shown, words),
            **self._paces(base, shown, words),
            **self._chips(shown, words),
            **self._styles(base, words),
            **self._seen(view, self._examples(request, base), words),
        }

    def name_device(self, request: gr.Request) -> Updates:
        """What draws, as soon as the engine is there to say so; the bar names only the model until then."""
        try:
            self._device = self._device or self.program.device()
        except FoooError as error:
            return {self.parts.notice: notice_html(str(error), next(self._notices))}
        return {self.parts.bar: self._bar(self.words_for(request))}

    def press(self, inputs: Inputs, request: gr.Request) -> Updates:
        """Generate was pressed: the job is the server's from here on."""
        words, parts = self.words_for(request), self.parts
        self._told.to(request.session_hash, self.lookout.look(person_of(request)))
        try:
            asked = self._asked_for(inputs, request)
            updates = self._submit(split_request(asked), request)
        except RequestError as error:
            missing = self._missing(inputs, request)
            told = self._offer(self._asked_for(inputs, request), missing, request) if missing else {}
            return told or self._tell(sentence_of(error, words), mark=error.field)
        except FoooError as error:
            return self._tell(str(error))
        self._asked[person_of(request).name] = asked
        updates |= {parts.base: asked, parts.spare_seed: self.program.draw_seed()}
        if inputs[parts.random_seed]:
            updates[parts.controls["sampling.seed"]] = gr.update(value=str(self.program.draw_seed()), elem_classes=[])
        return updates

    def act(self, inputs: Inputs, request: gr.Request) -> Updates:
        """Something is to be done with a finished picture; what the page asks for stays as it is."""
        words = self.words_for(request)
        self._told.to(request.session_hash, self.lookout.look(person_of(request)))
        try:
            asked = acted(inputs[self.parts.acted], self.program, person_of(request))
            files = self.program.needed_files(asked)
            return self._offer(asked, files, request) or self._submit((asked,), request)
        except FoooError as error:
            return self._tell(sentence_of(error, words))

    def preview(self, inputs: Inputs, request: gr.Request) -> Updates:
        """What is asked for was changed: its words as the next press will draw them."""
        words = self.words_for(request)
        exactly = bool(inputs[self.parts.controls["exactly"]])
        try:
            asked = self._asked_for(inputs, request)
            requests = split_request(asked)
            plans = [self.program.plan(each) for each in requests[:_MOST_SHOWN]]
        except FoooError as error:
            missing = ", ".join(file.name for file in self._missing(inputs, request))
            told = words("press_to_fetch", files=missing) if missing else sentence_of(error, words)
            return {self.parts.final: refused_html(told, exactly=exactly, words=words)}
        pictures = sum(len(plan.shots) for plan in plans) + (len(requests) - len(plans)) * asked.output.count
        title_of = partial(style_title, styles=self.program.catalog.styles, words=words)
        # of hundreds of jobs the first ones tell nothing of the others
        promise = promised(map(self.program.promise, plans), words) if len(plans) == len(requests) else ""
        final = final_html(
            plans, pictures, typed=asked.prompt, exactly=exactly, title_of=title_of, words=words, promise=promise
        )
        return {self.parts.final: final}

    async def watch(self, inputs: Inputs, request: gr.Request) -> AsyncIterator[Updates]:
        """What changes on the page, as long as it is open.

        Each press and each look begins one, and the newest of a page takes over: so none is ever missing, and the page
        has one at a time. It does not end when nothing is left to draw: gradio would close the page's stream behind
        it, and a press that is on its way at that moment would wait for its answer for ever.
        """
        mine, page = object(), request.session_hash
        self._watchers[page] = mine
        try:
            async for changed in self._changes(self._examples(request, inputs[self.parts.base]), request):
                if self._watchers.get(page) is not mine:
                    # gradio sends the last one again at the end, and the newer watch is ahead of it
                    yield {self.parts.stage: gr.update()}
                    return
                if changed:
                    yield changed
        finally:
            if self._watchers.get(page) is mine:
                del self._watchers[page]

    def stop(self, inputs: Inputs, request: gr.Request) -> Updates:
        return self._end(inputs, request, keep=False)

    def stop_and_keep(self, inputs: Inputs, request: gr.Request) -> Updates:
        return self._end(inputs, request, keep=True)

    def skip(self, inputs: Inputs, request: gr.Request) -> None:
        self.lookout.skip(inputs[self.parts.drawn], person_of(request))

    def choose_preset(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A preset was chosen: what it sets is shown, what it leaves open stays as the person has it."""
        name = inputs[self.parts.controls["preset"]]
        words, values = self.words_for(request), self._values(inputs)
        base, before = Request(preset=name), inputs[self.parts.base] or self.start
        # what still shows what the preset before has set was not the person's
        left = {path: value for path, value in self._preset_values(before.preset).items() if values[path] == value}
        shown = {path: values_of(Request())[path] for path in left} | self._preset_values(name)
        now = values | shown
        chosen = {**self._shown(shown), **self._paces(base, now, words), **self._chips(now, words)}
        return {self.parts.base: base, **chosen, **self._styles(base, words)}

    def choose_pace(self, inputs: Inputs, request: gr.Request) -> Updates:
        """A mode or a time was chosen: what is there of the mode before, and not the person's, is left open."""
        values = self._values(inputs)
        base, shown = without_mode(inputs[self.parts.base] or self._last(request), values)
        return {self.parts.base: base, **self._shown(shown), **self._chips(values, self.words_for(request))}

    def load_settings(self, inputs: Inputs, request: gr.Request) -> Updates:
        """Settings were pasted, or a picture dropped or chosen: what made it is shown, with its seed."""
        words, parts = self.words_for(request), self.parts
        cleared: Updates = {parts.drop: None} if parts.drop in inputs else {}
        try:
            asked, told = loaded(self._settings_of(inputs, request), self.program.catalog, words)
        except FoooError as error:
            return {**cleared, **self._tell(sentence_of(error, words))}
        shown = values_of(asked)
        return {
            **cleared,
            parts.base: asked,
            parts.random_seed: False,
            parts.notice: notice_html(told, next(self._notices)),
            **self._shown(shown),
            **self._paces(asked, shown, words),
            **self._chips(shown, words),
            **self._styles(asked, words),
        }

    def show_chips(self, inputs: Inputs, request: gr.Request) -> Updates:
        return self._chips(self._values(inputs), self.words_for(request))

    async def _changes(self, examples: Sequence[str], request: gr.Request) -> AsyncIterator[Updates]:
        """What is new at each look, even if nothing."""
        words = self.words_for(request)
        before: Updates = {}
        while True:
            seen = self.program.changes
            view = self.lookout.look(person_of(request))
            now = self._seen(view, examples, words)
            if news := self._told.news(request.session_hash, view):
                sentences = dict.fromkeys(sentence_of(error, words) for error in news)
                now[self.parts.notice] = notice_html(" ".join(sentences), next(self._notices))
            yield {part: value for part, value in now.items() if before.get(part) != value}
            before = now
            await asyncio.sleep(_LOOK_EVERY)
            while view.drawing is None and self.program.changes == seen:
                yield {}
                await asyncio.sleep(_IDLE_EVERY)

    def _end(self, inputs: Inputs, request: gr.Request, *, keep: bool) -> Updates:
        person = person_of(request)
        self.lookout.stop(inputs[self.parts.drawn], person, keep=keep)
        return {self.parts.status: status_html(self.lookout.look(person), self.words_for(request))}

    def _settings_of(self, inputs: Inputs, request: gr.Request) -> Read:
        """Raises: FoooError: What was brought is gone, or does not say how a picture was made."""
        if self.parts.drop in inputs:
            return read_upload(inputs[self.parts.drop], self.program)
        return read_brought(inputs[self.parts.acted], self.program, person_of(request), self.words_for(request))

    def _preset_values(self, name: str | None) -> dict[str, Any]:
        return values_in(self.program.catalog.preset(name).partial) if name else {}

    def _values(self, inputs: Inputs) -> dict[str, Any]:
        return {path: inputs[control] for path, control in self.parts.controls.items() if control in inputs}

    def _last(self, request: gr.Request) -> Request:
        """What this person asked for last, in whatever window; what a page starts with where they did not yet."""
        return self._asked.get(person_of(request).name, self.start)

    def _asked_for(self, inputs: Inputs, request: gr.Request) -> Request:
        """What the page asks for, with the seed that it will have.

        Raises:
            RequestError: A value is not what its field takes.
        """
        # a page that was open when the server started again has lost what lies below it
        asked = request_from(self._values(inputs), inputs[self.parts.base] or self._last(request))
        spare = inputs[self.parts.spare_seed]
        if asked.sampling.seed != RANDOM_SEED or spare is None:
            return asked
        return read_request(merge(only_set_fields(asked), {"sampling": {"seed": spare}}))

    def _shown(self, values: Mapping[str, object], words: Words | None = None) -> Updates:
        """Each control with its value, and no mark; in other words where they are given."""
        updates: Updates = {}
        for each in FIELDS:
            if each.path not in values:
                continue
            named = words is not None and each.control is Control.ONE
            more: dict[str, Any] = {"choices": choices(each, self.program.catalog, words)} if named else {}
            updates[self.parts.controls[each.path]] = gr.update(value=values[each.path], elem_classes=[], **more)
        return updates

    def _paces(self, base: Request, values: Mapping[str, object], words: Words) -> Updates:
        """The modes of the model that would draw, and the times."""
        model, updates = base_model(base, self.program), Updates()
        for each in FIELDS:
            if each.control is Control.CHOICE:
                value = str(values.get(each.path) or "")
                names = offered(each, value, self.program.catalog, words, family_of(model) if model else None)
                updates[self.parts.controls[each.path]] = gr.update(value=value, choices=names, elem_classes=[])
        return updates

    def _styles(self, base: Request, words: Words) -> Updates:
        """The sheet of the styles that suit the model."""
        model = base_model(base, self.program)
        pocket = model is not None and model.knows is not None
        return {self.parts.sheet: sheet_html(self.program.catalog.families(), pocket=pocket, words=words)}

    def _seen(self, view: View, examples: Sequence[str], words: Words) -> Updates:
        parts = self.parts
        return {
            parts.stage: stage_html(view, examples, words),
            parts.row: row_html(view, words),
            **self._progress(view, words),
        }

    def _progress(self, view: View, words: Words) -> Updates:
        return {
            self.parts.status: status_html(view, words),
            self.parts.running: gr.update(visible=view.drawing is not None),
        }

    def _chips(self, values: Mapping[str, Any], words: Words) -> Updates:
        count = values.get("output.count") or 1
        styles = [(name, style_title(name, self.program.catalog.styles, words)) for name in values.get("styles") or ()]
        return {self.parts.chips: chips_html(styles, pace_of(values, words), int(count), words)}

    def _submit(self, requests: Sequence[Request], request: gr.Request) -> Updates:
        """Queue them, and show it.

        Raises:
            FoooError: One cannot be drawn; none of them is queued then.
        """
        # all of them first, so that a wrong one is told before any is queued
        words, person = self.words_for(request), person_of(request)
        plans = [self.program.plan(each) for each in requests]
        check_quota(plans, person, self.program.jobs())
        notes = [note for plan in plans for note in notes_on(plan, words)]
        for each in requests:
            submit(self.program, each, person)
        return {
            **self._progress(self.lookout.look(person), words),
            **self._tell(" ".join(dict.fromkeys(notes)), calm=True),
        }

    def _missing(self, inputs: Inputs, request: gr.Request) -> tuple[PresetFile, ...]:
        """The published files that what the page asks for lacks."""
        try:
            return self.program.needed_files(self._asked_for(inputs, request))
        except RequestError:
            return ()

    def _offer(self, asked: Request, files: Sequence[PresetFile], request: gr.Request) -> Updates:
        """What a request lacks and where a press fetches it; nothing where nothing is lacking."""
        if not files:
            return {}
        words = self.words_for(request)
        about = {name: value for name, value in only_set_fields(asked).items() if name in _DECIDE_FILES}
        sentence = words("not_here", files=words("list_mark").join(map(described, files)))
        if not may(person_of(request), Deed.FETCH_MODELS):
            return {self.parts.notice: notice_html(f"{sentence} {words('ask_the_owner')}", next(self._notices))}
        return {self.parts.notice: notice_html(sentence, next(self._notices), button=fetch_html(files, about, words))}

    def _tell(self, sentence: str, *, mark: str | None = None, calm: bool = False) -> Updates:
        """The sentence, and the control of the path `mark` marked; every other mark is taken away."""
        marks: Updates = {
            self.parts.controls[each.path]: gr.update(elem_classes=["wrong"] if each.path == mark else [])
            for each in FIELDS
        }
        return {self.parts.notice: notice_html(sentence, next(self._notices), calm=calm), **marks}

    def _bar(self, words: Words) -> str:
        named = (model_name(self.start, self.program, words), self._device)
        return bar_html(words, doing=[name for name in named if name])

    def _examples(self, request: gr.Request, base: Request | None) -> tuple[str, ...]:
        words = self.words_for(request)
        return examples(base or self._last(request), self.program, words, page=request.session_hash)

    def _warm_once(self, words: Words) -> str:
        """Begin to load what the first picture needs, once; the sentence for the person where that cannot be."""
        with self._lock:
            first, self._warm = not self._warm, True
        if not first:
            return ""
        try:
            self.program.warm(self.start, self.lookout.hear)
        except RequestError as error:
            return sentence_of(error, words)
        return ""
