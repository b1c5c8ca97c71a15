"""Carries out plans on this machine's own device."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

import torch

from fooo.catalog import Catalog
from fooo.engine.ahead import one_ahead
from fooo.engine.drawing import Drawing, Sampled
from fooo.engine.engine import Made
from fooo.engine.finishing import Finishing
from fooo.engine.held_models import HeldModels
from fooo.engine.progress import Progress
from fooo.engine.retries import with_sound_numbers
from fooo.engine.together import alike, most_together
from fooo.errors import BadNumbers, BadPicture, ModelError, OutOfMemory
from fooo.events import PassName, PassSkipped, PassStep, ShotSkipped
from fooo.image import Picture, fit
from fooo.image.detail import too_small
from fooo.image.resize import times
from fooo.image.soundness import fault_of
from fooo.image.transparency import continued, on_white
from fooo.monitor import Answer, Monitor
from fooo.pipeline import Latents, Moment, Preview
from fooo.pipeline.speed import why_not_compiled
from fooo.plan import Enlarge, Fit, Generate, Mend, Open, Pass, Plan, Region, Shot
from fooo.request import Size
from fooo.vision.mend import mend
from fooo.weights import DeviceInfo, DeviceKind, MemoryPolicy, find_device, silence_loaders

log = logging.getLogger(__name__)

_PREVIEW = 512
"""Pixels along the longer side."""


def no_pictures(picture: str) -> Picture:
    """A store without pictures."""
    raise BadPicture(picture, "is not among the pictures that Fooo keeps", "hand it in again")


def build_local_engine(
    catalog: Callable[[], Catalog],
    *,
    always_cpu: bool,
    threads: int | None,
    low_memory: bool = False,
    compiled: bool = False,
    pictures: Callable[[str], Picture] = no_pictures,
) -> "LocalEngine":
    """The engine on the best device of this machine.

    Args:
        catalog: What there is, whenever it is asked.
        always_cpu: Leave every accelerator alone.
        threads: Of the processor; None: as many as it has cores.
        low_memory: Take as little memory as possible, whatever there is.
        compiled: Compile what the networks repeat, where that works.
        pictures: Opens a picture of the store by its id.
    """
    silence_loaders()
    if threads is not None:
        torch.set_num_threads(threads)
    device = find_device(always_cpu=always_cpu)
    held = HeldModels(device, low_memory=low_memory)
    if compiled and (problem := why_not_compiled(torch.device(device.kind.value))):
        log.warning("Nothing can be compiled here (%s); Fooo draws without it.", problem)
        compiled = False
    # what keeps pictures is a processor's work: it would take from the drawing what it saves
    ahead = device.kind is not DeviceKind.CPU
    return LocalEngine(catalog, device, held, ahead=ahead, compiled=compiled, pictures=pictures)


class LocalEngine:
    """Keeps the networks of the last plan loaded for the next one.

    Args:
        catalog: What there is, whenever it is asked.
        device: What draws.
        held: The models.
        ahead: Whether a picture is drawn while the one before it is kept.
        together: How many pictures like a shot are drawn in the same network calls.
        compiled: Whether what the networks repeat is compiled, where they stay on the device.
        pictures: Opens a picture of the store by its id.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        device: DeviceInfo,
        held: HeldModels,
        *,
        ahead: bool = False,
        together: Callable[[MemoryPolicy, Shot], int] = most_together,
        compiled: bool = False,
        pictures: Callable[[str], Picture] = no_pictures,
    ) -> None:
        self._device, self._ahead, self._pictures = device, ahead, pictures
        self._drawing = Drawing(catalog, device, held, together=together, compiled=compiled)
        self._finishing = Finishing(catalog, device)

    @property
    def device(self) -> str:
        return f"{self._device.name}, {self._device.memory / 2**30:.0f} GiB"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """Load every network of the plan's first picture; see `Engine.prepare`."""
        self._drawing.warm_up(plan.shots[0], monitor)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """Make the shots in order; see `Engine.run`."""
        made = self._make(plan, monitor)
        return one_ahead(made, monitor.stop) if self._ahead and len(plan.shots) > 1 else made

    def close(self) -> None:
        """Nothing of it outlives it."""

    def _make(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        progress, left = Progress(plan), plan.shots
        while left and monitor.begin_shot() is not Answer.STOP:
            if isinstance(left[0].passes[0], Generate):
                begun = self._drawing.begin(alike(left), progress, monitor)
                for number, each in enumerate(begun):
                    if number:
                        monitor.begin_shot()  # a skip meant the one before
                    yield from _told(each.shot, self._go_on(each, progress, monitor), monitor)
                left = left[len(begun) :]
            else:
                shot = self._drawing.finish_words(left[0], monitor)
                progress.begin([shot])
                state = self._finish(_State(shot, started=time.monotonic()), shot.passes, progress, monitor)
                yield from _told(shot, state, monitor)
                left = left[1:]

    def _go_on(self, sampled: Sampled, progress: Progress, monitor: Monitor) -> "_State | None":
        """A shot from its first pass's latents to its end; None where it is not wanted."""
        if not sampled.wanted:
            return None
        started = time.monotonic()
        first, *others = sampled.shot.passes
        state = _State(
            sampled.shot,
            self._drawing.decode(sampled, monitor),
            (first,),
            sampled.ended.steps_done,
            sampled.ended.answer,
            started - sampled.seconds,
            sampled.batch_size,
        )
        return self._finish(state, tuple(others), progress, monitor)

    def _finish(
        self, state: "_State", passes: tuple[Pass, ...], progress: Progress, monitor: Monitor
    ) -> "_State | None":
        """A fold over the passes. What was ended early is still brought to its size."""
        for each in passes:
            if state.answer is Answer.GO:
                try:
                    state = self._carry_out(each, state, progress, monitor)
                except (BadNumbers, OutOfMemory, ModelError):
                    if not any(_makes_pixels(done) for done in state.done):
                        raise
                    state = _left_out(each, state, monitor)
            elif isinstance(each, Fit):
                state = _fitted(each, state)
        return state if state.answer is Answer.GO or (monitor.keep and state.picture) else None

    def _carry_out(self, pass_: Pass, state: "_State", progress: Progress, monitor: Monitor) -> "_State":
        match pass_:
            case Open():
                return _fitted(pass_, replace(state, picture=_begun_with(self._pictures(pass_.picture), state.shot)))
            case Fit():
                return _fitted(pass_, state)
            case Enlarge():
                return self._enlarge(pass_, state, monitor)
            case Generate():
                return self._repaint(pass_, state, progress, monitor)
            case Mend():
                return self._mend(pass_, state, monitor)
            case _:
                assert_never(pass_)

    def _enlarge(self, pass_: Enlarge, state: "_State", monitor: Monitor) -> "_State":
        def watch(done: int, tiles: int) -> bool:
            nonlocal answer
            answer = monitor.tell(PassStep(state.shot.number, PassName.ENLARGE, done, tiles, preview))
            return answer is Answer.GO

        answer, preview = Answer.GO, state.preview()
        enlarged = self._finishing.enlarge(state.shown, pass_, monitor, watch)
        return state.after(pass_, enlarged) if enlarged else replace(state, answer=answer)

    def _repaint(self, pass_: Generate, state: "_State", progress: Progress, monitor: Monitor) -> "_State":
        shot, before = state.shot, state.steps_done

        def watch(clean: Latents, moment: Moment, preview: Preview) -> Answer:
            done = before + moment.done * moment.steps
            return monitor.tell(progress.step(shot, done, moment.leg, preview.draw(clean)))

        def draw() -> _State:
            progress.go_on(shot, before)
            sampled = self._drawing.draw_anew(shot, pass_, state.shown, monitor, watch)
            steps_done, answer = before + sampled.ended.steps_done, sampled.ended.answer
            if answer is not Answer.GO and not monitor.keep:
                return replace(state, steps_done=steps_done, answer=answer)
            picture = self._drawing.decode(sampled, monitor)
            if fault_of(picture.pixels) and not fault_of(state.shown.pixels):
                raise BadNumbers("The picture came out empty.")
            return replace(state.after(pass_, picture), steps_done=steps_done, answer=answer)

        return with_sound_numbers(draw, partial(self._drawing.more_exactly, shot, pass_, monitor))

    def _mend(self, pass_: Mend, state: "_State", monitor: Monitor) -> "_State":
        native = (pass_.generate.size.width, pass_.generate.size.height)
        found = self._finishing.find(state.shown, pass_.detector, monitor)
        chosen = too_small(found, native, most=pass_.most)
        shot = state.shot.model_copy(update={"texts": state.shot.texts.with_phrases([pass_.words] * bool(pass_.words))})
        done, total = 0, len(chosen) * pass_.generate.steps
        answer, preview = Answer.GO, state.preview()
        if chosen:
            answer = monitor.tell(PassStep(shot.number, PassName.MEND, 0, total, preview))

        def watch(first: int, _clean: Latents, moment: Moment, _preview: Preview) -> Answer:
            nonlocal answer
            step = min(total, first + moment.steps_done)
            answer = monitor.tell(PassStep(shot.number, PassName.MEND, step, total, preview))
            return answer

        def redraw(part: Picture, seed: int) -> Picture | None:
            nonlocal done
            generate = pass_.generate.model_copy(update={"size": _size(part)})
            own = shot.model_copy(update={"seed": seed})
            sampled = self._drawing.draw_anew(own, generate, part, monitor, partial(watch, done))
            done += generate.steps
            return self._drawing.decode(sampled, monitor) if sampled.ended.answer is Answer.GO else None

        mended = mend(state.shown, chosen, redraw, native=native, seed=shot.seed)
        for _ in mended.left:
            monitor.tell(PassSkipped(shot.number, PassName.MEND))
        boxes = (each.within(mended.picture.size) for each in mended.boxes)
        regions = tuple(
            Region(left=round(box.left), top=round(box.top), right=round(box.right), bottom=round(box.bottom))
            for box in boxes
        )
        picture = Picture(mended.picture.pixels, state.shown.alpha)
        return replace(state.after(pass_.model_copy(update={"found": regions}), picture), answer=answer)


@dataclass(frozen=True, eq=False, slots=True)
class _State:
    """How far a shot is.

    Attributes:
        picture: As it is now; None before the first pass.
        done: The passes that made it.
        answer: Whether it goes on.
        started: The second at which it began; of what it shares with others, its share counts.
    """

    shot: Shot
    picture: Picture | None = None
    done: tuple[Pass, ...] = ()
    steps_done: int = 0
    answer: Answer = Answer.GO
    started: float = 0.0
    batch_size: int = 1

    @property
    def shown(self) -> Picture:
        assert self.picture is not None, "a plan begins with Open or Generate"
        return self.picture

    def preview(self) -> Picture:
        """What is shown of it while a pass works on it."""
        width, height = self.shown.size
        share = min(1.0, _PREVIEW / max(width, height))
        return on_white(fit(self.shown, *times((width, height), share)))

    def after(self, pass_: Pass, picture: Picture) -> "_State":
        return replace(self, picture=picture, done=(*self.done, pass_))


def _told(shot: Shot, state: _State | None, monitor: Monitor) -> Iterator[Made]:
    if state is None:
        monitor.tell(ShotSkipped(shot.number))
        return
    yield Made(
        shot=state.shot.model_copy(update={"passes": state.done}),
        picture=state.shown,
        seconds=time.monotonic() - state.started,
        steps_done=state.steps_done,
        batch_size=state.batch_size,
    )


def _begun_with(picture: Picture, shot: Shot) -> Picture:
    """A picture of the store: with its alpha, unless it is drawn anew."""
    if picture.alpha is None or shot.generates:
        return on_white(picture)
    return Picture(continued(picture, picture.alpha).pixels, picture.alpha)


def _fitted(pass_: Fit | Open, state: _State) -> _State:
    return state.after(pass_, fit(state.shown, pass_.size.width, pass_.size.height))


def _left_out(pass_: Pass, state: _State, monitor: Monitor) -> _State:
    """The picture as it was before a pass that could not be carried out; what follows counts on its size."""
    if isinstance(pass_, Enlarge):
        monitor.tell(PassSkipped(state.shot.number, PassName.ENLARGE))
        return _fitted(Fit(size=pass_.size), state)
    monitor.tell(PassSkipped(state.shot.number, PassName.REPAINT))
    return state


def _makes_pixels(pass_: Pass) -> bool:
    """Whether there is something to keep of it, besides what the person had before."""
    return not isinstance(pass_, Open | Fit)


def _size(picture: Picture) -> Size:
    return Size(width=picture.size[0], height=picture.size[1])
