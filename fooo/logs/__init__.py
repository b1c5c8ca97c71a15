"""The program's log: lines that a person can read, with the job they belong to and without anybody's words."""

from fooo.logs.crash import Crash, CrashReports, crashes_reported, newest_report
from fooo.logs.job import about_job, said_in
from fooo.logs.native import native_crashes_reported
from fooo.logs.setup import LogSettings, log_file, logging_set_up

__all__ = [
    "Crash",
    "CrashReports",
    "LogSettings",
    "about_job",
    "crashes_reported",
    "log_file",
    "logging_set_up",
    "native_crashes_reported",
    "newest_report",
    "said_in",
]
