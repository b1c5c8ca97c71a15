"""Finds things in pictures: the detectors, their files, what they are shown."""

from fooo.vision.detect.detector import Detector
from fooo.vision.detect.open import open_detector

__all__ = ["Detector", "open_detector"]
