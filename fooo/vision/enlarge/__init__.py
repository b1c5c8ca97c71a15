"""Larger pictures by a network, without redrawing: the networks, their files, tiles and memory."""

from fooo.vision.enlarge.around import enlarge_around
from fooo.vision.enlarge.enlarger import Enlarger, Watch, go_on
from fooo.vision.enlarge.load import LoadedUpscaler, load_upscaler
from fooo.vision.enlarge.opened import enlarge_opened
from fooo.vision.enlarge.policy import EnlargePolicy, choose_enlarge_policy

__all__ = [
    "EnlargePolicy",
    "Enlarger",
    "LoadedUpscaler",
    "Watch",
    "choose_enlarge_policy",
    "enlarge_around",
    "enlarge_opened",
    "go_on",
    "load_upscaler",
]
