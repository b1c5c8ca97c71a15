"""What is known of a published model file."""

from dataclasses import dataclass
from enum import StrEnum

from fooo.catalog.about import About
from fooo.catalog.presets import PresetFile


class Purpose(StrEnum):
    """What a file is fetched for."""

    BASE = "base model"
    REFINER = "refiner"
    INPAINT = "inpainting"
    FEW_STEPS = "few steps"
    LOOK = "look"
    VAE = "VAE"
    PREVIEW = "preview"
    UPSCALER = "upscaler"
    FACES = "face detection"
    GUIDE = "structure"
    PICTURE_PROMPT = "picture prompt"
    TAGS = "tags of a picture"
    FILTER = "content filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """A file that Fooo can fetch and use.

    Attributes:
        file: Where it can be had, and what it is called below `models/`.
        about: For people, a sentence.
    """

    file: PresetFile
    purpose: Purpose
    about: About

    @property
    def name(self) -> str:
        """As people call it: the file's, without folders and ending."""
        return self.file.name.rpartition("/")[2].rpartition(".")[0]
