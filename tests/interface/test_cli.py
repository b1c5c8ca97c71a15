"""The command line as a person types it: exit codes, what is on stdout, one sentence on stderr."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fooo.__main__ import main
from fooo.catalog import PresetFile
from fooo.engine import FakeEngine
from fooo.errors import RequestError
from fooo.interface.arguments import parse
from fooo.interface.cli import doctor, make, show_words
from fooo.monitor import Monitor
from fooo.record import Archive, read_record
from fooo.service import Downloads, Fooo
from fooo.settings import ROOT, NetworkSettings, Settings, wants_colour
from tests.changing_catalog import ChangingCatalog
from tests.detectors import CENTERFACE

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


def start_sixty(out: Path, prompt: str = "a cat") -> "subprocess.Popen[str]":
    """A job of sixty pictures, under way while the test goes on."""
    return subprocess.Popen(
        [sys.executable, "-m", "fooo", "make", prompt, "-n", "60", "--out", str(out), *QUICK],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


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


def test_a_person_at_a_terminal_is_promised_how_long_it_takes(
    program: Fooo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert make(program, parse(["make", "a cat"])) == 0
    assert "About" not in capsys.readouterr().err
    assert make(program, parse(["make", "a cat"])) == 0
    assert capsys.readouterr().err.startswith("About 1 s.\n")
    assert show_words(program, parse(["make", "a cat"]), coloured=False) == 0
    assert "  time      about 1 s\n" in capsys.readouterr().out


def test_several_jobs_are_drawn_in_order_and_the_first_failure_is_the_exit_code(
    program: Fooo, capsys: pytest.CaptureFixture[str]
):
    prompt = "a cat\n---\na <style:Stickr> dog\n---\na bird"
    assert make(program, parse(["make", prompt, "--seed", "7"])) == 2
    told = capsys.readouterr()
    assert [read_record(Path(path)).request.prompt for path in told.out.splitlines()] == ["a cat", "a bird"]
    assert told.err.splitlines()[0].startswith("Job 2 of 3: styles: there is no 'Stickr'; did you mean: Sticker")


def test_show_words_prints_each_picture_and_draws_nothing(program: Fooo, capsys: pytest.CaptureFixture[str]):
    asked = parse(
        ["make", "--show-words", "a red apple", "--style", "Sticker", "--negative", "fog", "-n", "2", "--seed", "7"]
    )
    assert show_words(program, asked, coloured=False) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "Picture 1, seed 7, styles Sticker",
        "  words     a red apple, [style] sticker",
        "  negative  fog",
        "  tokens    5 in chunks of 75; negative 2",
        "Picture 2, seed 8, styles Sticker",
        "  words     a red apple, [style] sticker",
        "  negative  fog",
        "  tokens    5 in chunks of 75; negative 2",
        "[name] tells who says what follows it.",
    ]
    assert told.err == ""
    assert program.jobs() == ()


def test_the_words_that_are_shown_are_the_words_that_are_drawn(program: Fooo, capsys: pytest.CaptureFixture[str]):
    typed = ["make", "a {red|blue|green} {house|car}", "--style", "Random Style", "--preset", "default", "--seed", "11"]
    show_words(program, parse([*typed, "--show-words"]), coloured=True)
    shown = capsys.readouterr().out.splitlines()[1]
    make(program, parse(typed))
    record = read_record(Path(capsys.readouterr().out.strip()))
    assert re.sub(r"\x1b\[\d*m", "", shown) == f"  words     {record.shot.texts.positive}"
    assert "expansion" in {span.source for span in record.shot.texts.positive_spans}


def test_show_words_of_several_jobs_tells_the_wrong_one_and_goes_on(program: Fooo, capsys: pytest.CaptureFixture[str]):
    asked = parse(["make", "--show-words", "a cat\n---\na <style:Stickr> dog\n---\na bird"])
    assert show_words(program, asked, coloured=False) == 2
    told = capsys.readouterr()
    assert [line for line in told.out.splitlines() if line.startswith("Job")] == ["Job 1 of 3", "Job 3 of 3"]
    assert told.err.startswith("Job 2 of 3: styles: there is no 'Stickr'")


def test_show_words_loads_no_network_and_no_torch(tmp_path: Path):
    code = (
        "import sys; from fooo.__main__ import main;"
        "ended = main(['make', '--show-words', 'a cat', '--style', 'Random Style', '--out', sys.argv[1]]);"
        "print([each for each in ('torch', 'diffusers', 'transformers', 'gradio') if each in sys.modules]);"
        "sys.exit(ended)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert "\x1b" not in done.stdout, "a pipe is no terminal"
    assert not list(tmp_path.rglob("*.png"))


@pytest.mark.parametrize(
    ("terminal", "environment", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_only_a_terminal_of_a_person_who_wants_it_is_coloured(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, environment: dict[str, str], coloured: bool
):
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(Stream()) is coloured


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
        (["make", "a", "--expansion", "much"], "expansion: 'much' is not right"),
        (["make", "--json", "none.json"], "--json: none.json cannot be read"),
        (["make", "--prompts", "none.txt"], "--prompts: none.txt cannot be read"),
        (["make", "a", "--out", f"{__file__}/below"], "output folder: "),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert told.out == ""


def test_bad_input_of_a_program_of_its_own_is_one_sentence_and_exit_code_2():
    done = fooo("make", "a", "--style", "Stickr")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean: Sticker" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"promt": "a"}', '{"prompt": ["a"]}', "[" * 100_000])
def test_a_broken_request_file_is_one_sentence(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "r.json").write_text(content)
    assert main(["make", "--json", str(tmp_path / "r.json")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_damaged_model_is_one_sentence_and_exit_code_3(tmp_path: Path):
    model = tmp_path / "mine"
    (model / "unet").mkdir(parents=True)
    config = json.loads((ROOT / "models/pocket/base/unet/config.json").read_text())
    (model / "unet/config.json").write_text(json.dumps(config))
    done = fooo("make", "a cat", "--models-dir", str(tmp_path), "--out", str(tmp_path / "out"))
    assert done.returncode == 3
    assert str(model) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.rglob("*.png")) == []


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
def test_an_impatient_second_ctrl_c_changes_nothing_and_the_jobs_behind_are_not_begun(tmp_path: Path):
    process = start_sixty(tmp_path, prompt="a cat\n---\na dog")
    assert process.stdout
    process.stdout.readline()
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, told = process.communicate(timeout=60)
    kept = len(list(tmp_path.iterdir()))
    assert (process.returncode, told) == (130, f"Stopped in job 1 of 2; {kept} of its 60 pictures are kept.\n")


def test_a_reader_that_goes_away_stops_the_job_without_a_traceback(tmp_path: Path):
    process = start_sixty(tmp_path)
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


def test_doctor_says_what_is_here(capsys: pytest.CaptureFixture[str]):
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "pocket/base" in told
    assert "Draws on" in told


def test_doctor_without_a_model_says_how_to_get_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    settings = Settings(models=(tmp_path / "nothing",), outputs=tmp_path)
    assert doctor(settings, NetworkSettings(offline=True)) == 3
    told = capsys.readouterr().out
    assert "models/pocket" in told
    assert "Pictures" in told


def program_that_fetches(folders: ChangingCatalog, outputs: Path, fetched: list[str]) -> Fooo:
    """With the pocket model's parts in place of what is fetched."""

    def fetch(file: PresetFile, monitor: Monitor) -> Path:
        del monitor
        fetched.append(file.name)
        part = "refiner" if "refiner" in file.name else "base"
        model = replace(folders.now.models[f"pocket/{part}"], name=file.name)
        folders.now = replace(folders.now, models={**folders.now.models, file.name: model})
        return Path(file.name)

    folders.now = replace(folders.now, detectors=(CENTERFACE,))
    return Fooo(
        catalog=folders,
        make_engine=FakeEngine,
        archive=Archive(outputs),
        draw_seed=lambda: 1,
        downloads=Downloads(fetch),
    )


def test_missing_models_are_fetched_where_the_person_says_yes_and_then_it_draws(
    folders: ChangingCatalog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    fetched: list[str] = []
    with closing(program_that_fetches(folders, tmp_path, fetched)) as program:
        assert make(program, parse(["make", "a cat", "--preset", "sdxl", "--yes"])) == 0
    assert [name.split("_1")[0] for name in fetched] == ["sd_xl_base", "sd_xl_refiner"]
    assert read_record(Path(capsys.readouterr().out.strip())).request.models.base == fetched[0]


def test_where_nobody_says_yes_nothing_is_fetched_and_the_sentence_says_how(folders: ChangingCatalog, tmp_path: Path):
    fetched: list[str] = []
    said = "is not here; fetch it: python launch.py models add sd_xl_base"
    with (
        closing(program_that_fetches(folders, tmp_path, fetched)) as program,
        pytest.raises(RequestError, match=said),
    ):
        make(program, parse(["make", "a cat", "--preset", "sdxl"]))
    assert fetched == []


def test_memory_that_slows_the_drawing_down_is_told_beside_the_paths(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["make", "a cat", "--memory", "low", "--out", str(tmp_path), "--steps", "1"]) == 0
    told = capsys.readouterr()
    assert "one group after the other, at every step" in told.err
    assert Path(told.out.strip()).is_file()
