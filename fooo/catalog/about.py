"""A sentence for people about something, in English and Chinese."""

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass as checked_dataclass

from fooo.request.frozen import Text


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(extra="ignore"))
class About:
    en: Text = ""
    zh: Text = ""
