"""A crash that takes the whole process with it is told at the next start."""

import os
import subprocess
import sys
from pathlib import Path

from fooo.logs import CrashReports, native_crashes_reported, newest_report
from fooo.settings import ROOT

CRASHING = """
import faulthandler, sys
from pathlib import Path
from fooo.logs import CrashReports, native_crashes_reported
def draw_the_picture():
    faulthandler._sigsegv()
with native_crashes_reported(CrashReports(Path(sys.argv[1]))):
    draw_the_picture()
"""


def crash(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CRASHING, str(folder)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode != 0


def test_a_native_crash_is_reported_at_the_next_start_once(tmp_path: Path):
    crash(tmp_path)
    for _ in range(2):
        with native_crashes_reported(CrashReports(tmp_path)):
            pass
    [report] = tmp_path.iterdir()
    assert report == newest_report(tmp_path)
    said = report.read_text(encoding="utf-8")
    assert "Fooo crashed in native code, and was started again." in said
    assert "draw_the_picture" in said


def test_a_run_that_ends_leaves_nothing_and_one_that_was_killed_no_report(tmp_path: Path):
    (tmp_path / "running-999999999.txt").touch()
    with native_crashes_reported(CrashReports(tmp_path)):
        assert [file.name for file in tmp_path.iterdir()] == [f"running-{os.getpid()}.txt"]
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_another_program_that_runs_is_left_alone(tmp_path: Path):
    other = tmp_path / f"running-{os.getppid()}.txt"
    other.touch()
    with native_crashes_reported(CrashReports(tmp_path)):
        pass
    assert other.exists()


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path):
    (tmp_path / "logs").write_text("a file")
    with native_crashes_reported(CrashReports(tmp_path / "logs")):
        assert (tmp_path / "logs").read_text() == "a file"
