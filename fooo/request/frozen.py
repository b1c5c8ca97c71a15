"""What every part of a request is made of."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST_TEXT = 10_000
"""Characters. Above it a text is a mistake (a pasted file), not a wish."""


class Frozen(BaseModel):
    """What crosses borders never changes, and says so when it is given a field it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _readable(text: str) -> str:
    for position, character in enumerate(text):
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t":
            raise ValueError(f"has the unprintable character U+{ord(character):04X} at position {position + 1}")
    return text


Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_readable)]
"""What a person typed: any language, line breaks and tabs, no other control characters."""

Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_readable)]
