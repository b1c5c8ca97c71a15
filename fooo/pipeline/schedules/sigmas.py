"""What a schedule gives."""

from typing import TypeAlias

Sigmas: TypeAlias = list[float]
"""Noise levels, in standard deviations of the latents; strictly falling, the last one 0."""
