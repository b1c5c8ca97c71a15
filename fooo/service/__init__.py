"""The one door that every face uses."""

from fooo.service.job import Job, JobState
from fooo.service.service import Fooo

__all__ = ["Fooo", "Job", "JobState"]
