"""What is done to a picture once it is drawn: small things mended, the whole enlarged and repainted."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fooo.catalog import Catalog, LocalModel
from fooo.catalog.styles import Style
from fooo.errors import RequestError, UnknownName
from fooo.plan.finish.upscalers import SHORT_NAMES, upscaler_for
from fooo.plan.plan import Enlarge, Fit, Generate, Mend, Pass
from fooo.plan.prompt.notices import NoFaceDetector, ResearchOnly
from fooo.plan.published import how_to_fetch, told_how_to_get
from fooo.plan.sampling import carried_out
from fooo.plan.sizes import Sizes, fits
from fooo.request import LONGEST_SIDE, Faces, FileFormat, Keep, Mending, Request, Size, StrengthSteps, Tiling

FACE_DETECTOR = "centerface"
"""The one that Fooo fetches; what a person has put into `models/insightface` goes above it."""
MOST_KEPT = 2**27
"""Pixels of a picture that a job makes: 11,585 x 11,585. Readers of pictures refuse more as a trap."""
_LONGEST_WEBP = 16_383
_TWICE = 2.0
_LEAST = 1 / 2
"""Of the native size's pixels."""
MOST_PIXELS = 2**28
"""Of one that `upscale` writes: 16,384 x 16,384, which takes 800 MB."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The passes after the first.

    Args:
        mends: First of faces, where they are mended, then of other things.
        enlarges: Those that make the picture as large as it is wanted.
        repaint: How much of the enlarged picture is drawn anew, or would be.
        notices: Of what a preset asks for and cannot be done, and of what may not be used for everything.
    """

    mends: tuple[Mend, ...]
    enlarges: tuple[Pass, ...]
    mends_faces: bool
    repaint: float
    notices: tuple[NoFaceDetector | ResearchOnly, ...] = ()

    @property
    def face_detector(self) -> str | None:
        return self.mends[0].detector if self.mends_faces else None

    @property
    def upscaler(self) -> str | None:
        return next((each.upscaler for each in self.enlarges if isinstance(each, Enlarge)), None)


def choose_finish(
    request: Request, filled: Request, catalog: Catalog, generate: Generate, *, base: LocalModel, sizes: Sizes
) -> Finish:
    """What comes after a picture that `generate` draws.

    Args:
        request: As asked.
        filled: The same over its preset.
        catalog: The names that exist.
        generate: How the model draws.
        base: The model.
        sizes: Of the picture.

    Raises:
        RequestError: A detector or an upscaler is not here, or the enlarged picture would be too large.
    """
    again = generate.model_copy(update=_ALONE)
    part = again.model_copy(update={"tiling": Tiling.NONE})
    mends = tuple(_mends(request, filled, catalog, part, base=base, size=sizes.drawn))
    skipped = needed_face_detector(request, filled, catalog)
    used = {each.detector for each in mends}
    terms = (ResearchOnly(each.name) for each in catalog.detectors if each.terms.en and each.name in used)
    notices = (*((NoFaceDetector(skipped),) if skipped else ()), *terms)
    return Finish(
        mends,
        _enlarges(request, filled, catalog, again, base=base, sizes=sizes),
        mends_faces=_wants_faces(filled, request) and not skipped,
        notices=notices,
        repaint=_pinned_repaint(request, filled, sizes.wanted, native=base.native_size),
    )


_ALONE = {"refiner": None, "refiner_step": None, "variation": None, "seeds": (), "strength": 1.0}
"""What draws a picture again is the base alone, with noise of its own."""


def needed_upscaler(filled: Request, catalog: Catalog) -> str | None:
    """The name of the upscaler that the request asks for; None where nothing is enlarged."""
    wish = filled.enlarge
    if wish.by == 1 and wish.to is None:
        return None
    if wish.upscaler:
        return SHORT_NAMES.get(wish.upscaler, wish.upscaler)
    # what the prompt names and what the dice choose differs from picture to picture: one upscaler serves them all
    return upscaler_for(_known_styles(filled.styles, catalog))


def _known_styles(names: Iterable[str], catalog: Catalog) -> Iterator[Style]:
    for name in names:
        with suppress(UnknownName):
            yield catalog.style(name)


def needed_face_detector(request: Request, filled: Request, catalog: Catalog) -> str | None:
    """The name of the detector that has to be fetched for the request; None where one is here, or none is asked for."""
    wanted = _wants_faces(filled, request) and not filled.faces.detector and catalog.face_detector() is None
    return FACE_DETECTOR if wanted else None


def _wants_faces(filled: Request, request: Request) -> bool:
    """A preset mends what is drawn, not what is only kept."""
    return bool(request.faces.on if isinstance(filled.start, Keep) else filled.faces.on)


def _mends(
    request: Request, filled: Request, catalog: Catalog, generate: Generate, *, base: LocalModel, size: Size
) -> Iterator[Mend]:
    def mend(wish: Mending, detector: str, at: str) -> Mend:
        steps = carried_out(wish.steps or generate.steps, wish.strength, StrengthSteps.ALL, at=f"{at}.strength")
        drawn = {"size": base.native_size, "strength": wish.strength, "steps": steps}
        again = generate.model_copy(update=drawn)
        return Mend(size=size, detector=detector, generate=again, words=wish.words, most=wish.most)

    if _wants_faces(filled, request):
        first, named = catalog.face_detector(), filled.faces.detector
        if named or first:
            name = catalog.detector(named, "faces.detector") if named else first.name if first else ""
            yield mend(_said(filled.faces, request), name, "faces")
        elif request.faces.on:
            raise RequestError("faces.on", "no face detector is here", how_to_fetch(FACE_DETECTOR))
    for number, wish in enumerate(filled.things):
        at = f"things.{number}"
        yield mend(wish, catalog.detector(wish.detector, f"{at}.detector"), at)


def _said(faces: Faces, request: Request) -> Faces:
    """Where nothing may be added to the person's words, only their own are said of a face."""
    added = request.exactly and "words" not in request.faces.model_fields_set
    return faces.model_copy(update={"words": ""}) if added else faces


def _enlarges(
    request: Request, filled: Request, catalog: Catalog, generate: Generate, *, base: LocalModel, sizes: Sizes
) -> tuple[Pass, ...]:
    """The picture at its size: as it was drawn, resized, or enlarged and then perhaps repainted."""
    name, wish = needed_upscaler(filled, catalog), filled.enlarge
    if name is None:
        return () if sizes.drawn == sizes.wanted else (Fit(size=sizes.wanted),)
    with told_how_to_get(name, "enlarge.upscaler"):
        upscaler = catalog.upscaler(name, "enlarge.upscaler")
    size = _enlarged_size(filled, sizes.wanted)
    if not repaint_of(request, filled, size, native=base.native_size):
        return (Enlarge(size=size, upscaler=upscaler, tiling=generate.tiling),)
    # networks work on squares of 8 pixels
    drawn = Size(width=-(-size.width // 8) * 8, height=-(-size.height // 8) * 8)
    again = generate.model_copy(
        update={
            "size": drawn,
            "strength": wish.repaint,
            "steps": carried_out(wish.steps or generate.steps, wish.repaint, StrengthSteps.ALL, at="enlarge.repaint"),
            **({} if fits(drawn, base.native_size) else _in_windows(drawn, base.native_size)),
        }
    )
    exact: Sequence[Pass] = () if drawn == size else (Fit(size=size),)
    return (Enlarge(size=drawn, upscaler=upscaler, tiling=generate.tiling), again, *exact)


def repaint_of(request: Request, filled: Request, size: Size, *, native: Size) -> float:
    """How much of an enlarged picture is drawn anew; a preset's wish is for twice the size at most.

    What is smaller than the model draws well becomes worse by being drawn anew.
    """
    of_person = "repaint" in request.enlarge.model_fields_set
    if size.width * size.height < _LEAST * native.width * native.height:
        return 0.0
    return filled.enlarge.repaint if of_person or (filled.enlarge.to is None and filled.enlarge.by <= _TWICE) else 0.0


def _pinned_repaint(request: Request, filled: Request, size: Size, *, native: Size) -> float:
    """Of a picture that is not enlarged what its preset wishes: one press may yet enlarge it."""
    wish = filled.enlarge
    if wish.by == 1 and wish.to is None:
        return wish.repaint
    return repaint_of(request, filled, _enlarged_size(filled, size), native=native)


def _enlarged_size(filled: Request, size: Size) -> Size:
    wish = filled.enlarge
    width, height = wish.to or (round(size.width * wish.by), round(size.height * wish.by))
    at = "enlarge.to" if wish.to else "enlarge.by"
    if max(width, height) > LONGEST_SIDE or width * height > MOST_KEPT:
        raise RequestError(at, f"would give {width:,} x {height:,} pixels", f"ask for {MOST_KEPT:,} at most")
    if filled.output.format is FileFormat.WEBP and max(width, height) > _LONGEST_WEBP:
        raise RequestError("output.format", f"WebP has no side above {_LONGEST_WEBP:,} pixels", "choose png or jpeg")
    return Size(width=max(1, width), height=max(1, height))


def _in_windows(size: Size, native: Size) -> dict[str, object]:
    """What is different where windows slide over a picture: layers cannot rest that remember one place."""
    window = Size(width=min(size.width, native.width), height=min(size.height, native.height))
    return {"window": window, "step_cache": 1}
