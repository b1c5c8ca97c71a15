"""Requests that are drawn again and again."""

from fooo.service.repeats.repeats import Repeat, Repeats

__all__ = ["Repeat", "Repeats"]
