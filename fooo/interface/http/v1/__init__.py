"""Our own API for programs: `/api/v1`."""

from fooo.interface.http.v1.app import v1_mount
from fooo.interface.http.v1.problems import V1

__all__ = ["V1", "v1_mount"]
