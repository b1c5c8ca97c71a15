"""Ports, passwords and exit statuses, as a person meets them: the program in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from fooo.app import behind_a_password, serve_program
from fooo.errors import FoooError, UnknownName
from fooo.interface.cli import exit_code
from fooo.interface.http import address_of, listen
from fooo.service import Fooo
from fooo.settings import ServeSettings

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60
"""Seconds for a start that takes three on a quiet machine."""


def start(folder: Path, *flags: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "fooo", "serve", "--nobrowser", "--output-path", str(folder), *flags],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def said_until(process: "subprocess.Popen[str]", pattern: str) -> str:
    """What the program says on stderr, up to the line that fits."""
    assert process.stderr
    said = ""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not re.search(pattern, said):
        line = process.stderr.readline()
        if not line:
            break
        said += line
    assert re.search(pattern, said), said
    return said


def stopped(process: "subprocess.Popen[str]") -> int:
    process.send_signal(signal.SIGINT)
    _, _ = process.communicate(timeout=PATIENCE)
    return process.returncode


def taken_port() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken


def test_without_a_wish_the_next_free_port_is_taken() -> None:
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert address_of(first) != address_of(second)


def test_a_wished_port_that_is_taken_is_told() -> None:
    with taken_port() as taken, pytest.raises(FoooError, match="is taken by another program"):
        listen("127.0.0.1", taken.getsockname()[1])


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(FoooError, match=r"cannot listen|no address"):
        listen("203.0.113.1", None)


@pytest.mark.parametrize(
    ("serving", "made"),
    [
        (ServeSettings(), False),
        (ServeSettings(host="::1"), False),
        (ServeSettings(host="0.0.0.0"), True),
        (ServeSettings(host="192.0.2.7"), True),
        (ServeSettings(share=True), True),
        (ServeSettings(host="0.0.0.0", accounts=(("ann", "b"),)), False),
    ],
)
def test_where_others_can_reach_the_page_a_password_is_made_and_shown_once(
    serving: ServeSettings, made: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    behind = behind_a_password(serving)
    said = re.findall(r"Log in as fooo with the password (\S+) ", capsys.readouterr().err)
    assert len(said) == made
    assert behind.accounts == ((("fooo", said[0]),) if made else serving.accounts)


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no SIGINT to one process")
def test_with_an_account_nothing_is_shown_before_the_password_is_given(tmp_path: Path) -> None:
    process = start(tmp_path, "--port", "0", "--auth", "ann:secret:word")
    try:
        said = said_until(process, r"Fooo is at http://127\.0\.0\.1:\d+\n")
        assert "secret" not in said
        address = re.findall(r"Fooo is at (\S+)", said)[0]
        with httpx.Client(base_url=address) as client:
            assert client.get("/").status_code == 401
            client.post("/login", data={"user": "ann", "password": "secret:word"})
            assert client.get("/").status_code == 200
        assert stopped(process) == 0
    finally:
        process.kill()


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no SIGINT to one process")
def test_what_draws_begins_by_itself_and_a_server_that_is_interrupted_meanwhile_waits_for_none_of_it(
    tmp_path: Path,
) -> None:
    process = start(tmp_path, "--port", "0")
    try:
        said_until(process, r"Fooo is at \S+\n")
        worker = worker_of(process)
        worker.suspend()  # it will never be ready
        assert stopped(process) == 0
        assert not worker.is_running()
    finally:
        process.kill()


def worker_of(process: "subprocess.Popen[str]") -> psutil.Process:
    """Its process that draws, waited for."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for child in psutil.Process(process.pid).children():
            if "spawn_main" in " ".join(child.cmdline()):
                return child
        time.sleep(0.05)
    raise AssertionError("nothing has begun")


@pytest.mark.parametrize("serving", [ServeSettings(port=0, language="xx"), ServeSettings(port=0, preset="xx")])
def test_an_unknown_language_or_preset_is_not_served_and_ends_with_2(program: Fooo, serving: ServeSettings) -> None:
    with pytest.raises(UnknownName, match="there is no 'xx'") as told:
        serve_program(program, serving)
    assert exit_code(told.value) == 2


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ("--port {taken}", "is taken by another program; choose another with --port"),
        ("--auth ann --port 0", "write it as USER:PASSWORD"),
    ],
)
def test_what_cannot_be_served_ends_with_one_sentence_and_2(tmp_path: Path, flags: str, sentence: str) -> None:
    with taken_port() as taken:
        process = start(tmp_path, *flags.format(taken=taken.getsockname()[1]).split())
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2, said
    assert sentence in said
    assert said.count("\n") == 1, said
