"""What every detector can do."""

from typing import Protocol

from fooo.image import Detection, Picture


class Detector(Protocol):
    """Finds things of one kind: faces, hands, eyes."""

    @property
    def name(self) -> str:
        """Of its file or its folder, for the record."""
        ...

    def find(self, picture: Picture) -> tuple[Detection, ...]:
        """What is in the picture, surest first; their boxes lie within it, and do not stand for the same thing twice.

        Of a face, five landmarks, where the detector tells them.
        """
        ...
