"""Where things are in a picture: `Box`, and `Detection` for what was found there."""

from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[float, float]
"""(x, y) in pixels from the picture's left and top edge."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels from the picture's left and top edge; it may lie across the edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def centre(self) -> Point:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def within(self, size: tuple[int, int]) -> "Box":
        """The part that lies in a picture of this width and height."""
        width, height = size
        left, right = (min(max(x, 0.0), width) for x in (self.left, self.right))
        top, bottom = (min(max(y, 0.0), height) for y in (self.top, self.bottom))
        return Box(left, top, right, bottom)

    def overlap(self, other: "Box") -> float:
        """Area of what both have, by the area of what either has: 0..1."""
        shared = Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        ).area
        either = self.area + other.area - shared
        return shared / either if either else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A thing that a detector found.

    Attributes:
        score: How sure the detector is, 0..1.
        label: What it is, in the detector's word.
        landmarks: Of a face, where the detector tells them: the two eyes, the tip of the nose and the two corners of
            the mouth, each pair from left to right as one looks at the picture.
    """

    box: Box
    score: float
    label: str = "face"
    landmarks: tuple[Point, ...] | None = None


def without_doubles(found: Iterable[Detection], *, most_overlap: float) -> tuple[Detection, ...]:
    """Of detections that overlap more than that, the surest one; surest first (non-maximum suppression)."""
    kept: list[Detection] = []
    for each in sorted(found, key=lambda detection: -detection.score):
        if all(each.box.overlap(other.box) <= most_overlap for other in kept):
            kept.append(each)
    return tuple(kept)
