"""Our own API for programs: `/api/v1`."""

from fooo.interface.http.v1.app import v1_mount
from fooo.interface.http.v1.monitoring import HEALTH_PATHS
from fooo.interface.http.v1.problems import V1

__all__ = ["HEALTH_PATHS", "V1", "v1_mount"]
