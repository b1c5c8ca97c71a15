"""The log as it is written: to stderr, to a file, from the worker; with the job, without words and passwords."""

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fooo.engine.ahead import one_ahead
from fooo.engine.process import ProcessEngine
from fooo.errors import EngineError
from fooo.logs import LogSettings, about_job, log_file, logging_set_up, said_in
from fooo.monitor import Monitor
from fooo.plan import Plan
from tests.engine.process.engines import Troubled

log = logging.getLogger("fooo.tests")


def logged(path: Path) -> list[str]:
    return log_file(path).read_text(encoding="utf-8").splitlines()


def test_a_line_says_when_how_bad_whose_job_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with logging_set_up(LogSettings(folder=tmp_path, level=logging.INFO)):
        log.info("outside")
        with about_job("0123456789abcdef"):
            log.warning("%d of %s", 3, "it")
    first, second = logged(tmp_path)
    assert first[19:] == " INFO    -        tests: outside"
    assert second[19:] == " WARNING 01234567 tests: 3 of it"
    assert capsys.readouterr().err.splitlines() == [first, second]


def test_a_json_line_has_the_whole_id(tmp_path: Path):
    with logging_set_up(LogSettings(folder=tmp_path, as_json=True)), about_job("0123456789abcdef"):
        log.warning("two\nlines")
    (line,) = (json.loads(each) for each in logged(tmp_path))
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "warning", "logger": "fooo.tests", "job": "0123456789abcdef", "text": "two\nlines"}


def test_nothing_is_set_up_at_import_and_nothing_stays():
    root, ours = logging.getLogger(), logging.getLogger("fooo")
    before = list(root.handlers), root.level, ours.level
    with logging_set_up(LogSettings(level=logging.DEBUG)):
        assert list(root.handlers) != before[0]
    assert (list(root.handlers), root.level, ours.level) == before


def test_what_is_less_than_the_level_makes_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with logging_set_up(LogSettings(folder=tmp_path / "new")):
        log.info("drawn")
    assert not (tmp_path / "new").exists()
    assert capsys.readouterr().err == ""


def test_of_other_packages_only_warnings_are_written(tmp_path: Path):
    with logging_set_up(LogSettings(folder=tmp_path, level=logging.DEBUG)):
        logging.getLogger("httpx").info("GET https://example.org/?token=x")
        logging.getLogger("httpx").warning("it took long")
    assert [line[19:] for line in logged(tmp_path)] == [" WARNING -        httpx: it took long"]


SAID = "zebra in crimson"


def fail(what: str) -> None:
    try:
        {}[what]
    except KeyError:
        log.exception("unexpected")


@pytest.mark.parametrize(
    "write",
    [
        lambda: log.warning("%s", EngineError("outputs/1_zebra_in_crim_7.png is lost")),
        lambda: log.warning("%(what)s", {"what": SAID}),
        lambda: logging.getLogger("others").warning("cannot read " + SAID),  # noqa: G003 - as others do
        lambda: fail(SAID),
        lambda: log.warning("%r", {"prompt": SAID, "password": "hunter22"}),
        lambda: log.warning("Authorization: Bearer %s", "hunter22hunter22"),
        lambda: log.warning("it opens with %s", "sesame"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_no_prompt_and_no_key_shows_up(tmp_path: Path, write: Callable[[], None], *, as_json: bool):
    settings = LogSettings(folder=tmp_path, level=logging.DEBUG, as_json=as_json, hidden=("sesame",))
    with logging_set_up(settings), about_job("a" * 32, [SAID]):
        write()
    (text,) = ["\n".join(logged(tmp_path))]
    assert text
    assert not any(word in text for word in ("zebra", "crim", "hunter22", "sesame"))


def test_outside_of_a_job_an_error_shows_its_kind_and_place_and_not_what_it_quotes(tmp_path: Path):
    with logging_set_up(LogSettings(folder=tmp_path)):
        fail(SAID)
    text = "\n".join(logged(tmp_path))
    assert "test_setup.py" in text
    assert "KeyError: …" in text
    assert "zebra" not in text


def test_words_are_written_where_that_was_asked_for_and_keys_even_then_not(tmp_path: Path):
    with logging_set_up(LogSettings(folder=tmp_path, with_words=True)), about_job("a" * 32, [SAID]):
        log.warning("%s", SAID)
        log.warning("password=hunter22")
        fail(SAID)
    text = "\n".join(logged(tmp_path))
    assert text.count("KeyError: 'zebra in crimson'") == 1
    assert "hunter22" not in text


def test_no_text_can_pass_for_a_line_of_its_own_or_move_the_cursor(tmp_path: Path):
    with logging_set_up(LogSettings(folder=tmp_path)):
        log.warning("%s", "a\n2026-01-01 00:00:00 ERROR   forged\r\x1b[2Kgone")
    _, second = logged(tmp_path)
    assert second == "    2026-01-01 00:00:00 ERROR   forged\\x0d\\x1b[2Kgone"


def test_the_file_is_limited_and_older_lines_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fooo.logs.setup._FILE_BYTES", 2_000)
    with logging_set_up(LogSettings(folder=tmp_path)):
        for number in range(400):
            log.warning("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 5
    assert max(file.stat().st_size for file in files) <= 2_000
    assert logged(tmp_path)[-1].endswith("line 399")


def test_a_disk_that_takes_no_log_is_said_once_and_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_text("not a folder")
    with logging_set_up(LogSettings(folder=tmp_path / "file")):
        for _ in range(3):
            log.warning("goes on")
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_without_a_console_the_file_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stderr", None)
    with logging_set_up(LogSettings(folder=tmp_path)):
        log.warning("there")
    assert len(logged(tmp_path)) == 1


def test_what_is_made_ahead_belongs_to_the_same_job(tmp_path: Path):
    def items() -> Iterator[int]:
        for number in range(2):
            log.warning("made")
            yield number

    with logging_set_up(LogSettings(folder=tmp_path)):
        with about_job("a" * 32):
            assert list(one_ahead(items(), lambda: None)) == [0, 1]
        stranger = threading.Thread(target=log.warning, args=("made",))
        stranger.start()
        stranger.join()
    assert [line[28:36] for line in logged(tmp_path)] == ["a" * 8, "a" * 8, "-       "]


def test_what_the_worker_logs_belongs_to_the_job_and_holds_none_of_its_words(
    tmp_path: Path, plan_of: Callable[..., Plan]
):
    engine, plan = ProcessEngine(Troubled), plan_of(prompt="bug")
    try:
        with logging_set_up(LogSettings(folder=tmp_path)):
            engine.begin()
            with about_job("b" * 32, said_in(plan)), pytest.raises(EngineError):
                list(engine.run(plan, Monitor(lambda event: None)))
    finally:
        engine.close()
    lines = [line for line in logged(tmp_path) if not line.startswith("    ")]
    assert [line[28:] for line in lines] == [
        "bbbbbbbb tests: it goes wrong",
        "bbbbbbbb engine.process.worker: unexpected",
    ]
    assert "ZeroDivisionError: …" in log_file(tmp_path).read_text()
