"""The one door that every face uses."""

from fooo.service.downloads import UNDER_WAY, Download, Downloads, DownloadState
from fooo.service.job import Job, JobState
from fooo.service.service import Fooo

__all__ = ["UNDER_WAY", "Download", "DownloadState", "Downloads", "Fooo", "Job", "JobState"]
