"""The parts of a model."""

from enum import StrEnum


class Part(StrEnum):
    """The values are the folders' names in diffusers' layout."""

    TOKENIZER = "tokenizer"
    TOKENIZER_2 = "tokenizer_2"
    TEXT_ENCODER = "text_encoder"
    TEXT_ENCODER_2 = "text_encoder_2"
    UNET = "unet"
    VAE = "vae"

    @property
    def called(self) -> str:
        """As a sentence calls it."""
        return _TITLES[self]


_TITLES = {
    Part.TOKENIZER: "vocabulary",
    Part.TOKENIZER_2: "second vocabulary",
    Part.TEXT_ENCODER: "text encoder",
    Part.TEXT_ENCODER_2: "second text encoder",
    Part.UNET: "UNet",
    Part.VAE: "VAE",
}
