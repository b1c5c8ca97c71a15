"""The plan: a shot for each picture, a pass for each change to it."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from fooo.catalog import Sampler, Schedule
from fooo.request import Frozen, Request, Size


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

_BETWEEN = re.compile(r" AND |:-?[0-9.]+")
"""What stands between prompts, and the weight at the end of one."""


class Texts(Frozen):
    """What is said for one picture, in the `fooo` dialect.

    Attributes:
        positive_spans, negative_spans: What the text encoders read, and who says what of it.
        words, unwanted: What the person's prompt and negative came to, everything drawn.
        styles: Names of those that were applied, in order.
        model_writes: The language model is to add its phrases before the picture is drawn.
        positive_tokens, negative_tokens: In each chunk of 75, at the first step; of the first of several prompts.
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

    def with_phrases(self, phrases: Sequence[str], *, tokens: int) -> "Texts":
        """These texts as the language model has finished them: its phrases in each prompt before the preset's words.

        Args:
            phrases: In order; none is fine.
            tokens: That they are, all together, with a comma before each; in the last chunk there is room for them.
        """
        written = Span(text="".join(f", {phrase}" for phrase in phrases), source=Source.EXPANSION)
        spans: list[Span] = []
        for span, following in zip(self.positive_spans, (*self.positive_spans[1:], None), strict=True):
            spans.append(span)
            if phrases and not _comes_behind(span) and (following is None or _comes_behind(following)):
                spans.append(written)
        *full, last = self.positive_tokens
        finished = {"positive_spans": tuple(spans), "positive_tokens": (*full, last + tokens), "model_writes": False}
        return self.model_copy(update=finished)


def _comes_behind(span: Span) -> bool:
    """Whether it stands behind a prompt's words and styles."""
    return span.source is Source.PRESET or (span.source is Source.USER and bool(_BETWEEN.fullmatch(span.text)))


class Lora(Frozen):
    """Small changes to the networks while they draw. Args: name: In the catalog."""

    name: str
    unet_weight: float
    text_weight: float


class Generate(Frozen):
    """Denoise noise into a picture.

    Attributes:
        loras: Put onto the base and its text towers, in order.
        vae: Decodes in place of the base's own.
        refiner_step: The first step that the refiner carries out, 1 <= refiner_step < steps; None without refiner.
    """

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


class Fit(Frozen):
    """Crop the picture to the shape of `size`, as little as that takes, and resize it."""

    size: Size


def _kind(content: Any) -> str:
    steps = "steps" in content if isinstance(content, dict) else isinstance(content, Generate)
    return "generate" if steps else "fit"


Pass = Annotated[Annotated[Generate, Tag("generate")] | Annotated[Fit, Tag("fit")], Discriminator(_kind)]


class Shot(Frozen):
    """One picture: everything that decides its pixels."""

    number: int
    seed: int
    texts: Texts
    passes: tuple[Pass, ...]
    """The first is a Generate."""

    @property
    def size(self) -> Size:
        """Of the finished picture."""
        return self.passes[-1].size

    @property
    def generate(self) -> Generate:
        """The pass that begins it."""
        first = self.passes[0]
        assert isinstance(first, Generate)
        return first

    @property
    def steps(self) -> int:
        """Of all networks, in all passes."""
        return sum(each.steps for each in self.passes if isinstance(each, Generate))

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, in order, each once."""
        drawing = (each for each in self.passes if isinstance(each, Generate))
        return tuple(dict.fromkeys(name for each in drawing for name in (each.base, each.refiner) if name))


class Plan(Frozen):
    """What will be done.

    Attributes:
        request: As asked, with nothing left open: planning it again gives the same shots.
        beyond: The words of the prompt that the base says it has not learnt, as typed. It is drawn all the same.
        notices: What in the prompts their writer may not have meant, a sentence each.
    """

    request: Request
    shots: tuple[Shot, ...]
    beyond: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that draw it, each once."""
        return tuple(dict.fromkeys(name for shot in self.shots for name in shot.models))
