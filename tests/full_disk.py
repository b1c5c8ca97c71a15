"""A disk that is full."""

from pathlib import Path
from typing import Any

from fooo.errors import StorageFull
from fooo.record import Archive


class FullDisk(Archive):
    """Takes no picture while it is full. Attributes: tries: Pictures that it was given."""

    full = True
    tries = 0

    def save(self, *args: Any, **more: Any) -> Path:
        self.tries += 1
        if self.full:
            raise StorageFull("The disk is full; free some space.")
        return super().save(*args, **more)
