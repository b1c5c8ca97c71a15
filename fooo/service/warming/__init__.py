"""Has everything ready before the first picture is asked for."""

from fooo.service.warming.warming import Warming

__all__ = ["Warming"]
