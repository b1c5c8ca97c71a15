"""The one door that every face uses."""

from fooo.service.downloads import UNDER_WAY, Download, Downloads, DownloadState
from fooo.service.experience import Experience
from fooo.service.job import Job, JobState
from fooo.service.jobs import Jobs
from fooo.service.keeping import Trouble, Unsaved
from fooo.service.queue import Queue, QueueState, Unplanned, open_queue
from fooo.service.repeats import Repeat, Repeats
from fooo.service.service import Fooo
from fooo.service.timings import Timings

__all__ = [
    "UNDER_WAY",
    "Download",
    "DownloadState",
    "Downloads",
    "Experience",
    "Fooo",
    "Job",
    "JobState",
    "Jobs",
    "Queue",
    "QueueState",
    "Repeat",
    "Repeats",
    "Timings",
    "Trouble",
    "Unplanned",
    "Unsaved",
    "open_queue",
]
