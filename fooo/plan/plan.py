"""The plan: a shot for each picture, a pass for each change to it."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, cast

from pydantic import Discriminator, Tag

from fooo.catalog import Sampler, Schedule
from fooo.plan.prompt.notices import PlanNotice
from fooo.request import (
    FreeU,
    Frozen,
    GuidanceOptions,
    RefinerMethod,
    Request,
    SamplerOptions,
    Size,
    SizeScale,
    Strength,
    Tiling,
    Variation,
    WeightedSeed,
)


class Source(StrEnum):
    """Who says something."""

    USER = "user"
    STYLE = "style"
    EXPANSION = "expansion"
    PRESET = "preset"


class Span(Frozen):
    """A stretch of a text that comes from one source."""

    text: str
    source: Source


Spans = tuple[Span, ...]
"""In order, without gaps: put one behind the other they are the text."""

_WIDE_MARKS = "，。；：！？、"
"""Chinese ones: the space behind is in them."""
_PARTED = re.compile(rf"(?:[,.;:!?…{_WIDE_MARKS}]|(?<![\w\\])BREAK)\s*\Z")
"""Ends in a mark that parts phrases, or begins a new chunk."""
_BETWEEN = re.compile(r" AND |:-?[0-9.]+|\s*(?:<(?:lora|style|hypernet):[^<>]*>\s*)*")
"""What stands between prompts, the weight at the end of one, and one that is nothing but tags."""


def joined(spans: Iterable[Span], source: Source, phrases: Iterable[str]) -> Spans:
    """The spans with phrases of one source behind them, parted by ", " where nothing else parts them."""
    before, text = tuple(spans), ", ".join(phrases)
    return (*before, Span(text=f"{_joint(before)}{text}", source=source)) if text else before


def _joint(before: Spans) -> str:
    """What parts a phrase from the spans before it: a comma where no mark does."""
    last = before[-1].text if before else " "
    if not (last.isspace() or _PARTED.search(last)):
        return ", "
    return "" if last[-1].isspace() or last[-1] in _WIDE_MARKS else " "


class Texts(Frozen):
    """What is said for one picture, in the `fooo` dialect.

    Attributes:
        positive_spans, negative_spans: What the text encoders read, and who says what of it.
        words, unwanted: What the person's prompt and negative came to, everything drawn.
        styles: Names of those that were applied, in order.
        model_writes: The language model is to add its phrases before the picture is drawn.
        positive_tokens, negative_tokens: In each chunk of 75; of several prompts, and of words that change from step
            to step, where they are fullest.
    """

    positive_spans: Spans = ()
    negative_spans: Spans = ()
    words: str = ""
    unwanted: str = ""
    styles: tuple[str, ...] = ()
    model_writes: bool = False
    positive_tokens: tuple[int, ...] = (0,)
    negative_tokens: tuple[int, ...] = (0,)

    @classmethod
    def of(cls, positive: str, negative: str = "") -> "Texts":
        """Just these words, the person's."""
        said, unsaid = ((Span(text=text, source=Source.USER),) if text else () for text in (positive, negative))
        return cls(positive_spans=said, negative_spans=unsaid, words=positive, unwanted=negative)

    @property
    def positive(self) -> str:
        return "".join(span.text for span in self.positive_spans)

    @property
    def negative(self) -> str:
        return "".join(span.text for span in self.negative_spans)

    def with_phrases(self, phrases: Sequence[str]) -> "Texts":
        """These texts with the language model's phrases in each prompt before the preset's words.

        They count their tokens as they did before. Args: phrases: In order; none is fine.
        """
        spans: Spans = ()
        if all(_comes_behind(span) for span in self.positive_spans):
            # nobody has said anything: the phrases are all that stands before the preset's words
            spans = joined((), Source.EXPANSION, phrases)
            rest = "".join(span.text for span in self.positive_spans).lstrip(", ")
            spans = joined(spans, Source.PRESET, [rest] if rest else [])
            return self.model_copy(update={"positive_spans": spans, "model_writes": False})
        for span, following in zip(self.positive_spans, (*self.positive_spans[1:], None), strict=True):
            spans = (*spans, span)
            if not _comes_behind(span) and (following is None or _comes_behind(following)):
                spans = joined(spans, Source.EXPANSION, phrases)
        return self.model_copy(update={"positive_spans": spans, "model_writes": False})


def _comes_behind(span: Span) -> bool:
    """Whether it stands behind a prompt's words and styles."""
    return span.source is Source.PRESET or (span.source is Source.USER and bool(_BETWEEN.fullmatch(span.text)))


class Lora(Frozen):
    """Small changes to the networks while they draw. Args: name: In the catalog."""

    name: str
    unet_weight: float
    text_weight: float


class Open(Frozen):
    """Begin with a picture of the store, cropped to the shape of `size`, as little as that takes, and resized.

    Args: picture: Its id.
    """

    kind: Literal["open"] = "open"
    size: Size
    picture: str


class Generate(Frozen):
    """Denoise noise into a picture, or the picture that is there into another one.

    Attributes:
        steps: Carried out, whatever the strength.
        loras: Put onto the base and its text towers, in order.
        vae: Decodes in place of the base's own.
        refiner_step: The first step that the refiner carries out, 1 <= refiner_step < steps; None without refiner.
        strength: How much of what was there before is drawn anew: the steps are the last ones of a schedule of
            steps / strength. 1 draws from noise alone.
        variation: Of the noise; its seed is never open.
        step_cache: At every how many steps the whole network is asked; 1: at each.
        window: Larger pictures are guessed in windows of this size that overlap; None: as a whole.
    """

    kind: Literal["generate"] = "generate"
    size: Size
    steps: int
    guidance: float
    sampler: Sampler
    schedule: Schedule
    base: str
    refiner: str | None
    refiner_step: int | None
    loras: tuple[Lora, ...] = ()
    vae: str | None = None
    strength: Strength = 1.0
    refiner_method: RefinerMethod = RefinerMethod.JOINT
    clip_skip: int | None = None
    sampler_options: SamplerOptions = SamplerOptions()
    guidance_options: GuidanceOptions = GuidanceOptions()
    variation: Variation | None = None
    seeds: tuple[WeightedSeed, ...] = ()
    sharpness: float = 0.0
    size_scale: SizeScale | None = None
    free_u: FreeU | None = None
    tiling: Tiling = Tiling.NONE
    step_cache: int = 1
    window: Size | None = None


class Fit(Frozen):
    """Crop the picture to the shape of `size`, as little as that takes, and resize it."""

    kind: Literal["fit"] = "fit"
    size: Size


class Enlarge(Frozen):
    """Make the picture larger with a network.

    Attributes:
        upscaler: Its name in the catalog.
        tiling: Along which axes copies of the picture meet without a seam.
    """

    kind: Literal["enlarge"] = "enlarge"
    size: Size
    upscaler: str
    tiling: Tiling = Tiling.NONE


class Region(Frozen):
    """A part of a picture, in pixels from its left and top edge."""

    left: int
    top: int
    right: int
    bottom: int


class Mend(Frozen):
    """Redraw each of the things that are too small to be drawn well with the picture.

    Attributes:
        size: Of the picture, which stays as it is.
        detector: That finds them, by its name in the catalog.
        generate: How each is redrawn; its size is the model's native one.
        words: Said of each beside the picture's own words.
        most: Of the things, those first that lack most.
        found: Where they were, once it is carried out.
    """

    kind: Literal["mend"] = "mend"
    size: Size
    detector: str
    generate: Generate
    words: str
    most: int
    found: tuple[Region, ...] = ()


def _kind(content: Any) -> str:
    """Records of the first version had two kinds, which did not say their names."""
    if not isinstance(content, dict):
        return content.kind
    pass_ = cast(dict[str, Any], content)
    return pass_.get("kind") or ("generate" if "steps" in pass_ else "fit")


Pass = Annotated[
    Annotated[Open, Tag("open")]
    | Annotated[Generate, Tag("generate")]
    | Annotated[Fit, Tag("fit")]
    | Annotated[Enlarge, Tag("enlarge")]
    | Annotated[Mend, Tag("mend")],
    Discriminator(_kind),
]


class Shot(Frozen):
    """One picture: everything that decides its pixels."""

    number: int
    seed: int
    texts: Texts
    passes: tuple[Pass, ...]
    """The first is a Generate, or an Open."""

    @property
    def size(self) -> Size:
        """Of the finished picture."""
        return self.passes[-1].size

    @property
    def generates(self) -> tuple[Generate, ...]:
        """The passes that denoise the whole picture, in order."""
        return tuple(each for each in self.passes if isinstance(each, Generate))

    @property
    def generate(self) -> Generate:
        """The first pass that denoises it; a shot of a picture that is only kept has none."""
        return self.generates[0]

    @property
    def steps(self) -> int:
        """Of all networks, in all passes over the whole picture."""
        return sum(each.steps for each in self.generates)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, in order, each once."""
        mending = (each.generate for each in self.passes if isinstance(each, Mend))
        drawing = (*self.generates, *mending)
        return tuple(dict.fromkeys(name for each in drawing for name in (each.base, each.refiner) if name))


class Plan(Frozen):
    """What will be done.

    Attributes:
        request: As asked, with nothing left open: planning it again gives the same shots.
        beyond: The words of the prompt that the base says it has not learnt, as typed. It is drawn all the same.
        notices: What the person may not have meant: of the prompts as the faces can say it in each language, of
            anything else a sentence.
    """

    request: Request
    shots: tuple[Shot, ...]
    beyond: tuple[str, ...] = ()
    notices: tuple[PlanNotice | str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, each once."""
        return tuple(dict.fromkeys(name for shot in self.shots for name in shot.models))
