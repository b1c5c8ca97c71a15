"""Reports of crashes: one each, found again, and without anybody's words."""

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fooo.doctor.finding import State
from fooo.doctor.machine import check_crashes
from fooo.engine.process import Patience, ProcessEngine
from fooo.errors import RequestError, WorkerDied
from fooo.logs import Crash, CrashReports, about_job, crashes_reported, newest_report, said_in
from fooo.monitor import Monitor
from fooo.plan import Plan
from tests.engine.process.engines import Troubled

PlanOf = Callable[..., Plan]
WORDS: dict[str, object] = {
    "prompt": "zebrafish swimming",
    "negative": "jellyfish",
    "styles": [],
    "quality": {"words": "octopus", "unwanted": "squid"},
    "expansion": "off",
}


def ignore(event: object) -> None:
    """Nobody listens."""


def test_a_report_says_what_is_needed_to_find_the_cause(tmp_path: Path, plan_of: PlanOf):
    (tmp_path / "fooo.log").write_text("\n".join(f"line {number}" for number in range(100)))
    plan = plan_of(**WORDS, sampling={"seed": 4711, "steps": 5})
    crash = Crash(sentence="It crashed.", device="a card", trace='File "x.py", line 3 in draw', plan=plan)
    with about_job("a" * 32, said_in(plan)):
        path = CrashReports(tmp_path, log=tmp_path / "fooo.log").write(crash)
    assert path
    text = path.read_text()
    for part in ("It crashed.", "a" * 32, "a card", "torch 2", "Python 3", "line 3 in draw", "4711", "line 99"):
        assert part in text
    assert "line 39\n" not in text
    assert newest_report(tmp_path) == path


def test_no_word_of_a_request_is_in_it_unless_that_is_allowed(tmp_path: Path, plan_of: PlanOf):
    plan = plan_of(**WORDS)
    (tmp_path / "fooo.log").write_text("it failed with zebrafish, password=hunter22\n")
    crash = Crash(sentence="No zebrafish.", trace="KeyError: 'jellyfish'", plan=plan)
    words = ("zebrafish", "swimming", "jellyfish", "octopus", "squid", "hunter22")
    reports = [CrashReports(tmp_path, log=tmp_path / "fooo.log", with_words=allowed) for allowed in (False, True)]
    with about_job("a" * 32, said_in(plan)):
        without, with_words = [path.read_text() for each in reports if (path := each.write(crash))]
    assert [word for word in words if word in without] == []
    assert [word for word in words if word in with_words] == list(words[:-1])


def test_only_the_newest_twenty_stay(tmp_path: Path):
    times = iter(datetime(2026, 1, 1) + timedelta(minutes=number) for number in range(75))
    reports = CrashReports(tmp_path, now=lambda: next(times))
    for _ in range(25):
        reports.write(Crash(sentence="It crashed."))
    assert len(list(tmp_path.iterdir())) == 20
    assert newest_report(tmp_path) == max(tmp_path.iterdir())


def test_a_disk_that_takes_no_report_stops_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    assert CrashReports(tmp_path / "file").write(Crash(sentence="It crashed.")) is None


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an abort shows no stack")
def test_a_worker_that_crashes_leaves_a_report_and_the_error_says_where(tmp_path: Path, plan_of: PlanOf):
    engine = ProcessEngine(Troubled, report=CrashReports(tmp_path).write)
    with pytest.raises(WorkerDied, match="SIGABRT") as died, about_job("a" * 32):
        list(engine.run(plan_of(prompt="abort"), Monitor(ignore)))
    (report,) = tmp_path.iterdir()
    assert str(died.value).endswith(f"What is known of it lies in {report}.")
    assert "in run" in report.read_text()
    assert "no device" in report.read_text()


def test_a_worker_that_is_asked_to_end_leaves_no_report(tmp_path: Path, plan_of: PlanOf):
    engine = ProcessEngine(Troubled, patience=Patience(after_stop=0.1), report=CrashReports(tmp_path).write)
    monitor = Monitor(lambda event: monitor.stop())
    assert list(engine.run(plan_of(prompt="hang"), monitor)) == []
    engine.prepare(plan_of(), Monitor(ignore))
    engine.close()
    assert list(tmp_path.iterdir()) == []


def test_a_worker_leaves_nothing_in_the_systems_folder(
    tmp_path: Path, plan_of: PlanOf, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    engine = ProcessEngine(Troubled)
    with pytest.raises(WorkerDied):
        list(engine.run(plan_of(prompt="exit"), Monitor(ignore)))
    engine.prepare(plan_of(), Monitor(ignore))
    engine.close()
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_expected_leaves_a_report_and_is_raised_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    quoted = "zebrafish"
    with pytest.raises(KeyError), crashes_reported(CrashReports(tmp_path)):
        raise KeyError(quoted)
    (report,) = tmp_path.iterdir()
    assert str(report) in capsys.readouterr().err
    assert "KeyError: …" in report.read_text()
    assert "test_crash.py" in report.read_text()
    assert "zebrafish" not in report.read_text()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_so_does_what_happens_in_a_thread(tmp_path: Path):
    def fail() -> None:
        raise KeyError("zebrafish")

    before = threading.excepthook
    with crashes_reported(CrashReports(tmp_path)):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert "KeyError" in next(tmp_path.iterdir()).read_text()
    assert threading.excepthook is before


@pytest.mark.parametrize("error", [RequestError("prompt", "is long", "shorten it"), KeyboardInterrupt(), SystemExit(2)])
def test_what_is_told_to_the_person_is_no_crash(tmp_path: Path, error: BaseException):
    with pytest.raises(type(error)), crashes_reported(CrashReports(tmp_path)):
        raise error
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_names_the_newest_report(tmp_path: Path):
    assert list(check_crashes(tmp_path / "none")) == []
    path = CrashReports(tmp_path).write(Crash(sentence="It crashed."))
    (finding,) = check_crashes(tmp_path)
    assert finding.state is State.WARNING
    assert str(path) in finding.found
