"""What becomes of a picture once it is drawn: small things mended, the whole enlarged."""

from typing import Annotated

from pydantic import Field

from fooo.request.frozen import Frozen, Name, Text
from fooo.request.sampling import Share, Strength

LONGEST_SIDE = 32_768
"""Pixels of a picture that is enlarged."""

StepsWish = Annotated[int, Field(ge=0, le=200)]
"""0: as many as the picture itself."""
Side = Annotated[int, Field(ge=1, le=LONGEST_SIDE)]


class Mending(Frozen):
    """How things are redrawn that are too small to be drawn well with the picture: each cut out, larger, put back."""

    strength: Strength = 0.4
    steps: StepsWish = 0
    most: Annotated[int, Field(ge=1, le=64)] = 8
    """Of the things; those that lack most come first."""
    words: Text = ""
    """Said of each beside the picture's own words."""


class Faces(Mending):
    """Faces that are too small."""

    on: bool | None = None
    """Unset: as the preset has it, and of a picture that is only kept: off."""
    words: Text = "detailed face"
    detector: Name | None = None
    """Unset: a pack of yours in `models/insightface`, else the one that Fooo fetches."""


class Things(Mending):
    """Other things that are too small: hands, eyes, whatever the detector finds."""

    detector: Name
    """A file in `models/detectors`."""


class Enlarging(Frozen):
    """The finished picture made larger."""

    by: Annotated[float, Field(ge=1, le=8)] = 1.0
    to: tuple[Side, Side] | None = None
    """Exactly so many pixels wide and high, cropped evenly to that shape, in place of `by`."""
    upscaler: Name | None = None
    """`photo`, `drawing`, `quick`, or a file in `models/upscalers`. Unset: the one that suits the styles."""
    repaint: Share = 0.0
    """How much of it the model draws anew when it is larger; 0 leaves the enlarged picture as it is."""
    steps: StepsWish = 0
    """Of the repainting."""
