"""The command line as a person types it: exit codes, what is on stdout, one sentence on stderr."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.interface.arguments import parse
from fooo.interface.cli import make, partial_request
from fooo.record import read_record
from fooo.service import Fooo
from fooo.settings import ROOT

QUICK = ["--steps", "5"]


def fooo(*arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fooo", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start_sixty(out: Path, *flags: str) -> "subprocess.Popen[str]":
    """A job of sixty pictures, under way while the test goes on."""
    return subprocess.Popen(
        [sys.executable, "-m", "fooo", "make", "a cat", "-n", "60", "--out", str(out), *flags],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_flags_become_a_request_and_win_over_the_file(tmp_path: Path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"prompt": "a dog", "sampling": {"seed": 1, "steps": 9}, "styles": ["Sticker"]}))
    asked = parse(
        [
            "make",
            "a cat",
            "--json",
            str(file),
            "-n",
            "3",
            "--seed",
            "-1",
            "--style",
            "A",
            "--style",
            "B",
            "--size",
            "128x64",
        ]
    )
    assert partial_request(asked) == {
        "prompt": "a cat",
        "styles": ["A", "B"],
        "size": "128x64",
        "sampling": {"seed": "-1", "steps": 9},
        "output": {"count": "3"},
    }


def test_make_prints_the_paths_it_wrote_and_a_seed_gives_the_same_pixels_again(tmp_path: Path):
    done = fooo("make", "a red apple 🍎", "-n", "2", "--seed", "7", "--out", str(tmp_path / "new/out"), *QUICK)
    assert done.returncode == 0, done.stderr
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert sorted(paths) == sorted((tmp_path / "new/out").iterdir())
    assert [read_record(path).shot.seed for path in paths] == [7, 8]
    assert done.stderr.strip() == ""

    again = fooo("make", "a red apple 🍎", "--seed", "7", "--out", str(tmp_path / "new/out"), *QUICK)
    seven, eight, seven_again = (np.asarray(Image.open(path)) for path in (*paths, again.stdout.strip()))
    assert np.array_equal(seven, seven_again)
    assert not np.array_equal(seven, eight)
    assert len(list((tmp_path / "new/out").iterdir())) == 3


def test_words_beyond_the_model_are_told_beside_the_path_and_drawn(program: Fooo, capsys: pytest.CaptureFixture[str]):
    assert make(program, parse(["make", "a Zyxomma and a cat"])) == 0
    told = capsys.readouterr()
    assert told.err == (
        'The pocket model has not learnt "Zyxomma" yet and draws what it can; '
        "a full SDXL model in models/checkpoints knows nearly everything.\n"
    )
    assert read_record(Path(told.out.strip())).request.prompt == "a Zyxomma and a cat"


def test_an_empty_prompt_makes_a_picture(program: Fooo, capsys: pytest.CaptureFixture[str]):
    assert make(program, parse(["make", ""])) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert read_record(Path(told.out.strip())).request.prompt == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["make", "x" * 20_000], "prompt: has 20000 characters"),
        (["make", "a\x07b"], "prompt: has the unprintable character U+0007"),
        (["make", "a", "-n", "0"], "output.count: '0' is out of range"),
        (["make", "a", "-n", "two"], "output.count: 'two'"),
        (["make", "a", "--seed", "1e99"], "sampling.seed: '1e99'"),
        (["make", "a", "--steps", "0"], "sampling.steps: '0' is out of range"),
        (["make", "a", "--size", "big"], "size: 'big' names no size"),
        (["make", "a", "--size", "12x128"], "size: 12x128 is out of range"),
        (["make", "a", "--style", "Stickr"], "did you mean: Sticker"),
        (["make", "a", "--preset", "pokcet"], "did you mean: pocket"),
        (["make", "--json", "none.json"], "--json: none.json cannot be read"),
        (["make", "a", "--out", f"{__file__}/below"], "output folder: "),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments: list[str], says: str):
    done = fooo(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize("content", ["{", "[]", '{"promt": "a"}', '{"prompt": ["a"]}', "[" * 100_000])
def test_a_broken_request_file_is_one_sentence(tmp_path: Path, content: str):
    (tmp_path / "r.json").write_text(content)
    done = fooo("make", "--json", str(tmp_path / "r.json"))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_damaged_model_is_one_sentence_and_exit_code_3(tmp_path: Path):
    model = tmp_path / "mine"
    (model / "unet").mkdir(parents=True)
    config = json.loads((ROOT / "models/pocket/base/unet/config.json").read_text())
    (model / "unet/config.json").write_text(json.dumps(config))
    done = fooo("make", "a cat", "--models-dir", str(tmp_path), "--out", str(tmp_path / "out"))
    assert done.returncode == 3
    assert str(model) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_keeps_what_is_finished_leaves_nothing_half_and_ends_in_a_sentence(tmp_path: Path):
    process = start_sixty(tmp_path)
    assert process.stdout
    first = process.stdout.readline().strip()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate(timeout=60)
    printed = {first, *rest.split()}
    assert process.returncode == 130
    assert {str(path) for path in tmp_path.iterdir()} == printed
    for path in printed:
        read_record(Path(path))
        Image.open(path).load()
    assert told.strip().endswith(f"Stopped; {len(printed)} of 60 pictures are kept.")
    assert "Traceback" not in told


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_an_impatient_second_ctrl_c_changes_nothing(tmp_path: Path):
    process = start_sixty(tmp_path)
    assert process.stdout
    process.stdout.readline()
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, len(told.strip().splitlines())) == (130, 1)


def test_a_reader_that_goes_away_stops_the_job_without_a_traceback(tmp_path: Path):
    process = start_sixty(tmp_path, *QUICK)
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    with process.stderr:
        told = process.stderr.read()
    assert process.wait(60) == 130
    assert len(told.strip().splitlines()) == 1, told
    assert 0 < len(list(tmp_path.iterdir())) < 60


def test_a_console_that_lacks_the_letters_still_gets_the_path(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "fooo", "make", "红苹果", "--out", str(tmp_path), *QUICK],
        cwd=ROOT, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "cp1252"},  # noqa: TID251
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert rb"\u7ea2\u82f9\u679c" in done.stdout


def test_doctor_says_what_is_here():
    done = fooo("doctor")
    assert done.returncode == 0, done.stderr
    assert "pocket/base" in done.stdout
    assert "Draws on" in done.stdout


def test_doctor_without_a_model_says_how_to_get_one(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path; from fooo.app import build; from fooo.settings import Settings;"
        "from fooo.interface.cli import doctor;"
        "settings = Settings(models=(Path('nothing'),), outputs=Path(sys.argv[1]));"
        "sys.exit(doctor(build(settings), settings.models))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "holds no model; restore models/pocket" in done.stdout
    assert "Pictures" in done.stdout
