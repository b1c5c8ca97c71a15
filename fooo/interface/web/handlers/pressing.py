"""Generate is pressed; and what the next press would draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import gradio as gr

from fooo.catalog import PresetFile
from fooo.errors import FoooError, RequestError
from fooo.interface.jobs import one_job, split_request
from fooo.interface.notes import chinese_beyond, notes_on, promised
from fooo.interface.people import Deed, check_quota, may, repeat, submit
from fooo.interface.web.failures import sentence_of
from fooo.interface.web.handlers.asking import Asking
from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.meanwhile import by_who_is_here
from fooo.interface.web.handlers.showing import Showing
from fooo.interface.web.html.final_words import final_html, refused_html
from fooo.interface.web.html.notices import Tone, fetch_html, told_of_file
from fooo.interface.web.html.style_sheet import style_title
from fooo.interface.web.seam import person_of
from fooo.plan import Plan, Spans
from fooo.request import Request, only_set_fields

_MOST_SHOWN = 24
"""Jobs of one press whose words are told before it; to plan hundreds of them at each pause in typing helps nobody."""

_DECIDE_FILES = frozenset({"preset", "models", "sampling", "styles", "start", "faces", "things", "enlarge"})
"""The fields of a request that decide which files it needs."""


@dataclass(frozen=True, slots=True)
class Pressing:
    context: Context
    asking: Asking
    showing: Showing

    def press(self, inputs: Inputs, request: gr.Request) -> Updates:
        """Generate was pressed: the job is the server's from here on."""
        return self._press(inputs, request)

    def press_again(self, inputs: Inputs, request: gr.Request) -> Updates:
        """What the page asks for is to be drawn until it is stopped; pressed once more, the open job is the last."""
        context, person = self.context, person_of(request)
        if not context.program.repeats.is_on(person.name):
            return self._press(inputs, request, repeated=True)
        context.program.repeats.end(person.name)
        return self.showing.progress(context.look(request), context.words_for(request))

    def _press(self, inputs: Inputs, request: gr.Request, *, repeated: bool = False) -> Updates:
        context, parts = self.context, self.context.parts
        words = context.words_for(request)
        context.meet(request)
        try:
            with self.asking.pressing:
                shown = self.asking.asked(inputs, request)
                asked = self.asking.fresh(shown, inputs, request)
                drawn, _ = by_who_is_here(asked, context.program, words)
                requests = (one_job(drawn),) if repeated else split_request(drawn)
                updates = self.submit(requests, request, repeated=repeated, of_the_box=True)
                self.asking.remember(asked, inputs, request, seed=shown.sampling.seed)
        except RequestError as error:
            missing = self.asking.missing(inputs, request)
            told = self.offer(self.asking.asked(inputs, request), missing, request) if missing else {}
            return told or self.showing.tell(sentence_of(error, words), mark=error.field)
        except FoooError as error:
            return self.showing.tell(sentence_of(error, words))
        return updates | {parts.base: asked} | self.asking.new_seeds(shown=inputs[parts.random_seed])

    def preview(self, inputs: Inputs, request: gr.Request) -> Updates:
        """What is asked for was changed: its words as the next press will draw them."""
        program, final = self.context.program, self.context.parts.final
        words = self.context.words_for(request)
        exactly = bool(inputs[self.context.parts.controls["exactly"]])
        try:
            shown = self.asking.asked(inputs, request)
            self.asking.remember_choices(shown, inputs, request)
            asked, meanwhile = by_who_is_here(shown, program, words)
            requests = split_request(asked)
            plans = [program.plan(each) for each in requests[:_MOST_SHOWN]]
        except FoooError as error:
            missing = ", ".join(file.name for file in self.asking.missing(inputs, request))
            told = words("press_to_fetch", files=missing) if missing else sentence_of(error, words)
            return {final: refused_html(told, exactly=exactly, words=words)}
        without = inputs[self.context.parts.controls["without"]]
        added = self._with_all(requests[0]) if without else None
        pictures = sum(len(plan.shots) for plan in plans) + (len(requests) - len(plans)) * asked.output.count
        title_of = partial(style_title, styles=program.catalog.styles, words=words)
        # of hundreds of jobs the first ones tell nothing of the others
        promise = (
            promised(map(program.promise, plans), words, workers=program.workers) if len(plans) == len(requests) else ""
        )
        html = final_html(
            plans,
            pictures,
            typed=asked.prompt,
            exactly=exactly,
            title_of=title_of,
            words=words,
            promise=promise,
            note=meanwhile,
            seed=self.asking.fixed_seed(inputs),
            english=self._in_english(asked.prompt, plans[0]),
            added=added,
            without=without,
        )
        return {final: html}

    def _in_english(self, prompt: str, plan: Plan) -> str:
        """The prompt with English names for the Chinese ones, where the model knows it by those alone; else empty."""
        model = self.context.program.catalog.models.get(plan.request.models.base or "")
        return model.knows.in_english(prompt) if model and model.knows else ""

    def _with_all(self, asked: Request) -> Spans:
        """The words of its first picture with those that are left out of it."""
        plan = self.context.program.plan(asked.model_copy(update={"without": ()}))
        return plan.shots[0].texts.positive_spans

    def submit(
        self,
        requests: Sequence[Request],
        request: gr.Request,
        note: str = "",
        *,
        repeated: bool = False,
        of_the_box: bool = False,
    ) -> Updates:
        """Queue them, and show it.

        Args:
            requests: At least one.
            request: Of the page.
            note: Told with what their plans tell; empty: nothing more.
            repeated: Whether the last of them is drawn again and again.
            of_the_box: Whether their words are those in the box, under which a line tells of the Chinese ones.

        Raises:
            FoooError: One cannot be drawn; none of them is queued then.
        """
        # all of them first, so that a wrong one is told before any is queued
        program, person = self.context.program, person_of(request)
        words = self.context.words_for(request)
        plans = [program.plan(each) for each in requests]
        check_quota(plans, person, program)
        notes = [
            each for plan in plans for each in notes_on(plan, words, but=chinese_beyond(plan) if of_the_box else ())
        ]
        jobs = [submit(program, each, person) for each in requests]
        if repeated:
            repeat(program, jobs[-1], person)
        sentence = " ".join(dict.fromkeys(filter(None, (note, *notes))))
        # without one the notice is left as it is: a job may fail before this answer is there, and the watch has told of
        # it; what was told before the press is gone by `clearNotice` of the script
        told = self.showing.tell(sentence, tone=Tone.CALM) if sentence else self.showing.marks()
        return {**self.showing.progress(self.context.look(request), words), **told}

    def offer(self, asked: Request, files: Sequence[PresetFile], request: gr.Request) -> Updates:
        """What a request lacks and where a press fetches it; nothing where nothing is lacking."""
        if not files:
            return {}
        context = self.context
        words = context.words_for(request)
        about = {name: value for name, value in only_set_fields(asked).items() if name in _DECIDE_FILES}
        sentence = words("not_here", files=words("list_mark").join(told_of_file(each, words) for each in files))
        if not may(person_of(request), Deed.FETCH_MODELS):
            return {context.parts.notice: context.notice(f"{sentence} {words('ask_the_owner')}")}
        if not context.program.downloads.possible:
            return {context.parts.notice: context.notice(f"{sentence} {words('offline')}")}
        return {context.parts.notice: context.notice(sentence, button=fetch_html(files, about, words))}
