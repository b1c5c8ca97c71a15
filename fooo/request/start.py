"""What a picture begins with: noise, or a picture that Fooo keeps."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fooo.request.frozen import Frozen
from fooo.request.sampling import Strength, StrengthSteps

SUBTLE, STRONG = 0.5, 0.85
"""Fooocus's two strengths of a variation."""

PictureId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""Of a picture in the store: the SHA-256 of its file."""


class Vary(Frozen):
    """A picture drawn anew in part, with the request's words."""

    kind: Literal["vary"] = "vary"
    picture: PictureId
    strength: Strength = SUBTLE
    counted: StrengthSteps = StrengthSteps.ALL
    """What the number of steps means."""


class Keep(Frozen):
    """A picture as it is, for what comes after: mending, enlarging."""

    kind: Literal["keep"] = "keep"
    picture: PictureId


Start = Annotated[Vary | Keep, Field(discriminator="kind")]
