"""The request: one frozen value that the page, the command line, a preset and a saved picture all share."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from fooo.request.finish import LONGEST_SIDE, Enlarging, Faces, Things
from fooo.request.frozen import Frozen, Name, Text
from fooo.request.sampling import RefinerMethod, Sampling
from fooo.request.start import Start

Weight = Annotated[float, Field(ge=-10, le=10)]


class Size(Frozen):
    """In pixels."""

    width: Annotated[int, Field(ge=1, le=LONGEST_SIDE)]
    height: Annotated[int, Field(ge=1, le=LONGEST_SIDE)]

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class AskedSize(Size):
    """Within what networks draw, or what they draw is brought to."""

    width: Annotated[int, Field(ge=64, le=4096)]
    height: Annotated[int, Field(ge=64, le=4096)]


def _how_said(size: object) -> str:
    return "words" if isinstance(size, str) else "pixels"


SizeWish = Annotated[Annotated[AskedSize, Tag("pixels")] | Annotated[Name, Tag("words")], Discriminator(_how_said)]
"""Pixels, or words such as `portrait 3:4`, `16:9`, `1920x1080`."""


class Dialect(StrEnum):
    """Whose rules a prompt is read by, so that no mark is ever two things at once."""

    FOOO = "fooo"
    WEBUI = "webui"
    FOOOCUS = "fooocus"


class Expansion(StrEnum):
    """Who adds phrases to the person's words, and how many."""

    OFF = "off"
    GENTLE = "gentle"
    """Two to four that change nothing said; none to a long prompt."""
    RICH = "rich"
    """Six to nine, which may set a scene."""
    MODEL = "model"
    """The language model in `models/prompt_expansion` writes them."""


class Quality(Frozen):
    """What suits a model, whatever the picture shows; presets bring it, people seldom type it."""

    words: Text = ""
    """Behind the prompt."""
    unwanted: Text = ""
    """Behind the negative."""


class Lora(Frozen):
    """Small changes to a model, and how strongly they are made; below 0 they are made the other way round."""

    name: Name
    weight: Weight = 1.0
    text_weight: Weight | None = None
    """Of the change to the text towers. Unset: the same."""


class Models(Frozen):
    """Which networks draw. Without a preset: the first full model that is there, else the pocket model."""

    base: Annotated[Name | None, Field(description="Automatic is the one that the preset draws with.")] = None
    refiner: Annotated[Name | None, Field(description="A second model that draws the last steps.")] = None
    """Unset: the preset's. Set to null: none."""
    refiner_switch: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Share of the steps after which the refiner takes over; 1 leaves it out."""
    refiner_method: RefinerMethod = RefinerMethod.JOINT
    loras: tuple[Lora, ...] = ()
    """Those named in the prompt come behind them."""
    vae: Name | None = None
    """Decodes in place of the base's own."""
    clip_skip: Annotated[
        Annotated[int, Field(ge=1, le=12)] | None,
        Field(description="Which layer of the text reader is heard, 1 to 12 from the last; 2 suits many anime models."),
    ] = None
    """Which layer of the text towers is heard, from the last. Unset: the one that the model was trained with: of SDXL
    the second, of older models the first."""


class FileFormat(StrEnum):
    """What a picture is kept as."""

    PNG = "png"
    """Every pixel as it was drawn."""
    JPEG = "jpeg"
    WEBP = "webp"

    @property
    def ending(self) -> str:
        """Of the file's name."""
        return ".jpg" if self is FileFormat.JPEG else f".{self.value}"


class Output(Frozen):
    count: Annotated[int, Field(ge=1, le=64)] = 1
    format: Annotated[
        FileFormat, Field(description="PNG keeps every pixel as it was drawn; JPEG and WebP files are smaller.")
    ] = FileFormat.PNG


class Request(Frozen):
    """What a person asks for. Fields left unset are decided by the plan, which says what it decided.

    A field's description is the sentence that stands beside its control on the page.
    """

    version: Literal[1] = 1
    prompt: Text = ""
    negative: Annotated[Text, Field(description="Added to what the styles and the preset already keep out.")] = ""
    dialect: Dialect = Dialect.FOOO
    """Of both texts; pictures of other programs bring their own."""
    exactly: Annotated[bool, Field(description="No style, no added phrases, no quality words.")] = False
    without: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    """Phrases that would be added to the prompt and are left out, each as it stands between commas. All else that is
    added stays as it is with them."""
    matrix: Annotated[bool, Field(description="a|b|c and <a|b> draw each of them.")] = False
    """Every combination, a picture each."""
    styles: tuple[Name, ...] = ()
    """In order; `Random Style` draws one for each picture."""
    sheet: Annotated[tuple[Name, ...], Field(max_length=64)] = ()
    """A contact sheet: for each seed a quick picture in each of these styles, before the others. The rest of the
    request is that of the picture which is finished from it, without the sheet."""
    expansion: Annotated[
        Expansion, Field(description="Phrases that Fooo writes behind yours; they change nothing you said.")
    ] = Expansion.GENTLE
    quality: Quality = Quality()
    preset: Name | None = None
    """Unset: the one that suits the models that are there."""
    size: Annotated[SizeWish | None, Field(description="A shape, or pixels such as 1920x1080.")] = None
    """Of the picture before it is enlarged. Unset: the model's native size, or one like that of the picture that it
    begins with."""
    start: Start | None = None
    """A picture to begin with. Unset: noise."""
    models: Models = Models()
    sampling: Sampling = Sampling()
    faces: Faces = Faces()
    things: tuple[Things, ...] = ()
    enlarge: Enlarging = Enlarging()
    output: Output = Output()
