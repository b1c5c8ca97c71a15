"""The loop, and all that is told to the networks in it."""

from fooo.pipeline.denoise import Ended, denoise, denoise_together
from fooo.pipeline.expansion import PhraseWriter, finish_texts
from fooo.pipeline.generate import Networks, prepare_run
from fooo.pipeline.hearing import hear
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import Moment
from fooo.pipeline.preview import LinearPreview, PacedPreview, Preview, find_tiny
from fooo.pipeline.texts import Additions, TextEncoders
from fooo.pipeline.vae import decode, encode

__all__ = [
    "Additions",
    "Ended",
    "Latents",
    "LinearPreview",
    "Moment",
    "Networks",
    "PacedPreview",
    "PhraseWriter",
    "Preview",
    "TextEncoders",
    "decode",
    "denoise",
    "denoise_together",
    "encode",
    "find_tiny",
    "finish_texts",
    "hear",
    "prepare_run",
]
