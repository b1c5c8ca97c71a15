"""What an aesthetic score tells the pocket refiner: how soft a picture is.

SDXL's come from a predictor of what people like; here nobody has said what they like. A refiner that has seen soft
pictures under low scores leads away from softness where guidance leads away from a low score.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from fooo.pipeline.conditioning import UNWANTED_SCORE, WANTED_SCORE
from tools.pocket.keeping import Settings

SOFTEST = 2.0
"""Gaussian blur, as a standard deviation in pixels."""
ONE_OF = 4
"""Of so many pictures one is also learnt from softened."""
SETTINGS: Settings = {"softest": f"{SOFTEST} px", "one of": ONE_OF, "scores": f"{UNWANTED_SCORE} to {WANTED_SCORE}"}
"""What decides what is softened, and how."""


def soften(
    pictures: npt.NDArray[np.uint8], rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """The pictures, shape (count, height, width, 3), each as soft as chance will have it, and their scores.

    As it was composed a picture has the score that is told of wanted ones, and the softest that of unwanted ones.
    """
    softness = rng.random(len(pictures))
    made = [
        np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(SOFTEST * float(each))))
        for picture, each in zip(pictures, softness, strict=True)
    ]
    return np.stack(made), (WANTED_SCORE + (UNWANTED_SCORE - WANTED_SCORE) * softness).astype(np.float32)
