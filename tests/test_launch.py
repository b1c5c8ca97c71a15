import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from launch import ALL_TESTS
from tests.launching import ROOT, Home, Ran, make_conda, make_home, make_wheel, plain_python
from tests.stopwatch import seconds

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Python made for these tests is laid out as on Linux"
)

STAMP = "fooo-setup.json"
UNFINISHED = "fooo-setup.unfinished"


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Ran]:
    """A fresh clone that is started with a plain Python."""
    folder = tmp_path_factory.mktemp("settled")
    home = make_home(folder, plain_python(folder / "python"))
    return home, home.start("make", "a red apple")


@pytest.fixture
def settled(first_start: tuple[Home, Ran]) -> Home:
    """The clone after its first start; no test changes it."""
    return first_start[0]


@pytest.fixture
def conda(tmp_path: Path) -> Home:
    """A fresh clone in an activated conda environment that holds only Python and pip: set up without making one."""
    return make_conda(tmp_path)


@pytest.fixture
def conda_with_torch(conda: Home) -> Home:
    """The same, where only the other packages are missing."""
    conda.unpack("torch-2.13.0+cpu")
    return conda


@pytest.fixture(scope="module")
def first_start_in_conda(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Ran]:
    home = make_conda(tmp_path_factory.mktemp("conda"))
    return home, home.start("doctor")


@pytest.fixture
def ready(first_start_in_conda: tuple[Home, Ran], tmp_path: Path) -> Home:
    """A copy of the clone in conda after its first start."""
    home, first = first_start_in_conda
    assert first.code == 0
    shutil.copytree(home.folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Home(tmp_path, tmp_path / "conda" / "bin" / "python3", {"CONDA_PREFIX": str(tmp_path / "conda")})


def test_a_fresh_clone_gets_its_own_environment_and_starts(first_start: tuple[Home, Ran]) -> None:
    home, ran = first_start
    assert (ran.code, ran.told) == (0, {"arguments": ["make", "a red apple"], "prefix": str(home.venv)})
    told = [re.sub(r"\d+ s$", "N s", line) for line in ran.err.splitlines()]
    assert told == [
        "Making .venv/ for the packages (some seconds) ... done in N s",
        "Installing PyTorch for CPU (about 200 MB, 1-3 minutes) ... done in N s",
        "Installing the other packages (about 250 MB, 1-3 minutes) ... done in N s",
        "Fetching what enlarges pictures and finds faces (50 MB) ... done in N s",
    ]


def test_a_second_start_runs_no_pip_and_says_nothing(settled: Home, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(settled.folder, again, symlinks=True)
    for pip in again.glob("checkout/.venv/lib/*/site-packages/pip/__main__.py"):
        pip.write_text("raise SystemExit('pip was called')")
    home = Home(again, again / "python" / "bin" / "python3")
    ran = home.start("make", "x")
    assert (ran.code, ran.err) == (0, "")
    assert ran.told["prefix"] == str(home.venv)


def test_help_takes_less_than_half_a_second_on_a_fresh_clone(conda: Home) -> None:
    def ask_for_help() -> None:
        assert conda.start("--help").out.startswith("usage: launch.py")

    assert seconds(ask_for_help, enough=0.5, tries=10, clock=time.monotonic) < 0.5
    assert not (conda.folder / "conda" / STAMP).exists()


@pytest.mark.parametrize("arguments", [["--no-such-flag"], ["make"], ["mkae", "x"], ["--torch", "gpu"]])
def test_wrong_arguments_are_refused_before_any_set_up(conda: Home, arguments: list[str]) -> None:
    assert conda.start(*arguments).code == 2
    assert not (conda.folder / "conda" / STAMP).exists()
    assert not conda.venv.exists()


def test_the_programs_exit_code_is_the_launchers(ready: Home) -> None:
    assert ready.start("make", "x", "--offline").code == 7
    assert ready.start("make", "x").code == 0


def test_only_a_changed_constraint_or_project_is_installed_again(ready: Home) -> None:
    (ready.checkout / "constraints.txt").write_text("torch==2.13.0\nalpha==1.1\npytest==9.2.0\n")
    ran = ready.start()
    assert ran.err.startswith("Installing the other packages")
    assert ready.version_of("alpha") == "1.1"
    (ready.checkout / "pyproject.toml").write_text((ready.checkout / "pyproject.toml").read_text() + "\n# changed\n")
    assert ready.start().err.startswith("Installing the other packages")
    assert ready.start().err == ""


@pytest.mark.parametrize("package", ["torch", "alpha"])
def test_a_package_that_was_removed_comes_back_at_the_next_start(ready: Home, package: str) -> None:
    remove = [ready.python, "-m", "pip", "uninstall", "--yes", package]
    subprocess.run(remove, env=ready.environment(), check=True, capture_output=True)
    ran = ready.start("doctor")
    assert ran.code == 0
    assert ("Installing PyTorch" in ran.err) is (package == "torch")
    assert ready.version_of(package).startswith("2.13.0" if package == "torch" else "1.0")
    assert ready.start("doctor").err == ""


def test_test_adds_the_extras_and_the_oracle_and_hands_pytest_its_arguments_untouched(ready: Home) -> None:
    ran = ready.start("test", "--help", "-k", "a or b", "-x", "--torch")
    assert ran.told == {"arguments": ["--help", "-k", "a or b", "-x", "--torch"], "folder": str(ready.checkout)}
    # The oracle's own requirement exists nowhere: it came without.
    assert ready.version_of("oracle") == "1.0"
    assert ready.start("test", "-q").err == ""
    assert ready.start("doctor").err == ""
    # Nor does an update take them away.
    (ready.checkout / "tests" / "oracle" / "requirements.txt").write_text("oracle==1.0  # changed\n")
    assert "Installing the tests' oracle" in ready.start("doctor").err
    # Where nobody says which, all of them run, on every core.
    assert ready.start("test").told == {"arguments": list(ALL_TESTS), "folder": str(ready.checkout)}
    # Only the tests miss the oracle when somebody removes it.
    remove = [ready.python, "-m", "pip", "uninstall", "--yes", "oracle"]
    subprocess.run(remove, env=ready.environment(), check=True, capture_output=True)
    assert ready.start("doctor").err == ""
    assert "Installing the tests' oracle" in ready.start("test").err


def test_a_conda_environment_is_used_and_no_other_made(first_start_in_conda: tuple[Home, Ran]) -> None:
    home, ran = first_start_in_conda
    assert ran.told["prefix"] == str(home.folder / "conda")
    assert not home.venv.exists()


def test_a_virtual_environment_is_used_and_no_other_made(settled: Home, tmp_path: Path) -> None:
    home = make_home(tmp_path, tmp_path / "mine" / "bin" / "python3")
    shutil.copytree(settled.venv, tmp_path / "mine", symlinks=True)
    (tmp_path / "mine" / STAMP).unlink()
    ran = home.start("doctor")
    assert (ran.told["prefix"], ran.err) == (str(tmp_path / "mine"), "")
    assert not home.venv.exists()


def test_an_environment_without_pip_gets_it(tmp_path: Path) -> None:
    base = make_home(tmp_path, plain_python(tmp_path / "python"))
    base.run(f"import venv; venv.create({str(tmp_path / 'mine')!r})")
    home = Home(tmp_path, tmp_path / "mine" / "bin" / "python3")
    home.unpack("torch-2.13.0+cpu")
    ran = home.start("doctor")
    assert ran.err.startswith("Adding pip")
    assert ran.code == 0


def test_a_containers_bare_python_is_used(tmp_path: Path) -> None:
    home = make_home(tmp_path, plain_python(tmp_path / "python", bare=True), container="podman")
    ran = home.start("doctor")
    assert ran.told["prefix"] == str(tmp_path / "python")
    assert not home.venv.exists()
    assert home.start("doctor").err == ""


def test_a_python_that_has_everything_is_used_as_it_is(tmp_path: Path) -> None:
    home = make_home(tmp_path, plain_python(tmp_path / "python"))
    home.unpack("torch-2.13.0+cpu", "alpha-1.1")
    ran = home.start("doctor")
    assert (ran.told["prefix"], ran.err) == (str(tmp_path / "python"), "")
    assert home.version_of("alpha") == "1.1"
    assert not home.venv.exists()


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.10"])
def test_an_old_python_is_told_in_one_sentence_which_one_to_use(version: str, conda: Home) -> None:
    old = next(iter(sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))), None)
    old = old or next((Path(found) for found in [shutil.which(f"python{version}")] if found), None)
    if old is None:
        pytest.skip(f"no Python {version} here")
    ran = Home(conda.folder, old).start("--help")
    assert ran.code == 1
    assert re.fullmatch(
        rf"Fooo needs Python 3\.11, 3\.12 or 3\.13, and this is {version}\.\d+: [^.]*(\.[^.]+)*\.\n", ran.err
    )


def test_a_python_that_cannot_make_environments_names_the_package_to_install(tmp_path: Path) -> None:
    home = make_home(tmp_path, plain_python(tmp_path / "python", without="ensurepip"))
    ran = home.start("doctor")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "apt install python3-venv" in ran.err


@contextmanager
def silent_server() -> Generator[int]:
    """A port that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def is_locked(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_after_a_killed_set_up_the_next_start_begins_afresh(settled: Home, tmp_path: Path) -> None:
    home = make_home(tmp_path, plain_python(tmp_path / "python", quick_pip=True))
    shutil.copytree(settled.venv, home.venv, symlinks=True)
    (home.venv / STAMP).unlink()
    (home.wheels / "alpha-1.0-py3-none-any.whl").unlink()
    for installed in home.venv.glob("lib/*/site-packages/alpha*"):
        shutil.rmtree(installed)
    with silent_server() as port:
        asks = home.environment(PIP_NO_INDEX="0", PIP_INDEX_URL=f"http://127.0.0.1:{port}")
        command = [home.python, home.checkout / "launch.py"]
        with subprocess.Popen(command, env=asks, stderr=subprocess.PIPE, start_new_session=True) as process:
            assert process.stderr
            launcher = psutil.Process(process.pid)
            while not ((home.venv / UNFINISHED).exists() and launcher.children()):
                time.sleep(0.02)
            process.kill()
            process.wait()
            # pip still runs and writes: nobody else may begin.
            assert is_locked(home.checkout / ".fooo" / "setup.lock")
            os.killpg(process.pid, signal.SIGKILL)
    assert not (home.venv / STAMP).exists()
    make_wheel(home.wheels, "alpha", "1.0")
    ran = home.start("doctor")
    assert ran.err.startswith(".venv is broken (moved, its Python gone, or its setting up cut off): making it again.\n")
    assert ran.told["prefix"] == str(home.venv)
    assert not (home.venv / UNFINISHED).exists()
    assert home.start("doctor").err == ""


def test_a_start_waits_for_another_that_is_setting_up(conda: Home) -> None:
    lock = conda.folder / "conda" / "fooo-setup.lock"
    command = [conda.python, conda.checkout / "launch.py"]
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = subprocess.Popen(command, env=conda.environment(), stdout=-1, stderr=-1, text=True)
        assert process.stderr
        assert process.stderr.readline() == "Another start is setting up; waiting for it.\n"
        assert not (conda.folder / "conda" / UNFINISHED).exists()
    _, err = process.communicate()
    assert process.returncode == 0
    assert err.startswith("Installing PyTorch")


def test_another_build_of_pytorch_takes_the_place_of_the_first(ready: Home) -> None:
    make_wheel(ready.wheels, "torch", "2.13.0+cu126")
    assert ready.version_of("torch") == "2.13.0+cpu"
    ran = ready.start("doctor", "--torch", "cu126")
    assert "Removing the PyTorch of another build" in ran.err
    assert "Installing PyTorch for NVIDIA's CUDA" in ran.err
    assert ready.version_of("torch") == "2.13.0+cu126"
    assert ready.start("doctor", "--torch", "cu126").err == ""


def test_an_update_of_pytorch_keeps_its_build(ready: Home) -> None:
    # pip left alone takes the higher: cu126 sorts after cpu.
    make_wheel(ready.wheels, "torch", "2.14.0+cu126")
    make_wheel(ready.wheels, "torch", "2.14.0+cpu")
    (ready.checkout / "constraints.txt").write_text("torch==2.14.0\nalpha==1.0\n")
    assert "Installing PyTorch for CPU" in ready.start("doctor").err
    assert ready.version_of("torch") == "2.14.0+cpu"


def test_a_build_that_was_chosen_once_is_kept_by_an_update(ready: Home) -> None:
    make_wheel(ready.wheels, "torch", "2.13.0+cu126")
    ready.start("doctor", "--torch", "cu126")
    make_wheel(ready.wheels, "torch", "2.14.0+cu126")
    make_wheel(ready.wheels, "torch", "2.14.0+cpu")
    (ready.checkout / "constraints.txt").write_text("torch==2.14.0\nalpha==1.0\n")
    ready.start("doctor", FOOO_TORCH="")
    assert ready.version_of("torch") == "2.14.0+cu126"


def test_the_environment_variable_chooses_the_build_and_a_wrong_one_is_named(ready: Home) -> None:
    make_wheel(ready.wheels, "torch", "2.13.0+xpu")
    assert "Installing PyTorch for Intel's XPU" in ready.start("doctor", FOOO_TORCH="xpu").err
    ran = ready.start("doctor", FOOO_TORCH="gpu")
    assert ran.code == 1
    assert ran.err.startswith("FOOO_TORCH: 'gpu' is no build of PyTorch: ")


def last_line(err: str) -> str:
    return err.splitlines()[-1]


def test_no_fitting_build_ends_in_one_sentence_and_leaves_no_stamp(conda_with_torch: Home) -> None:
    (conda_with_torch.wheels / "alpha-1.0-py3-none-any.whl").unlink()
    ran = conda_with_torch.start("doctor")
    assert (ran.code, ran.out) == (1, "")
    assert "try another Python from 3.11 to 3.13" in last_line(ran.err)
    log = re.search(r"pip's own words: (\S+)\)", ran.err)
    assert log
    assert "alpha" in Path(log[1]).read_text()
    assert not (conda_with_torch.folder / "conda" / STAMP).exists()
    make_wheel(conda_with_torch.wheels, "alpha", "1.0")
    assert conda_with_torch.start("doctor").code == 0


def test_a_server_out_of_reach_ends_in_one_sentence(conda_with_torch: Home) -> None:
    (conda_with_torch.wheels / "alpha-1.0-py3-none-any.whl").unlink()
    ran = conda_with_torch.start("doctor", PIP_NO_INDEX="0", PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="1")
    assert ran.code == 1
    assert "cannot be reached: check the connection" in last_line(ran.err)


def test_offline_asks_no_server(conda_with_torch: Home) -> None:
    ran = conda_with_torch.start(
        "make", "x", "--offline", PIP_NO_INDEX="0", PIP_INDEX_URL="http://127.0.0.1:9/", PIP_FIND_LINKS=""
    )
    assert "no fitting build" in last_line(ran.err)


def test_a_damaged_wheel_ends_in_one_sentence(conda_with_torch: Home) -> None:
    wheel = conda_with_torch.wheels / "alpha-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:200])
    assert "pip cache purge" in last_line(conda_with_torch.start("doctor").err)


def test_pips_own_words_are_shown_when_wanted(ready: Home) -> None:
    (ready.checkout / "constraints.txt").write_text("torch==2.13.0\nalpha==1.0\n")
    assert "Requirement already satisfied" in ready.start("doctor", "--verbose").err
    (ready.checkout / "constraints.txt").write_text("torch==2.13.0\nalpha==1.1\n")
    assert "Successfully installed alpha" in ready.start("doctor", FOOO_VERBOSE="1").err


def test_ctrl_c_while_setting_up_ends_in_one_sentence(conda_with_torch: Home) -> None:
    (conda_with_torch.wheels / "alpha-1.0-py3-none-any.whl").unlink()
    command = [conda_with_torch.python, conda_with_torch.checkout / "launch.py"]
    with silent_server() as port:
        asks = conda_with_torch.environment(PIP_NO_INDEX="0", PIP_INDEX_URL=f"http://127.0.0.1:{port}")
        with subprocess.Popen(command, env=asks, stdout=-1, stderr=-1, text=True, start_new_session=True) as process:
            while not (conda_with_torch.folder / "conda" / UNFINISHED).exists():
                time.sleep(0.02)
            # As the terminal does: to pip too.
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate()
    assert process.returncode == 130
    assert err.endswith(" ... \nStopped; the next start sets up what is missing.\n")


def test_ctrl_c_while_the_program_is_loaded_ends_without_a_traceback(ready: Home) -> None:
    (ready.checkout / "fooo" / "__main__.py").write_text("import time; print('loading', flush=True); time.sleep(60)")
    command = [ready.python, ready.checkout / "launch.py"]
    with subprocess.Popen(command, env=ready.environment(), stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err) == (130, "")


def test_importing_the_launcher_does_nothing() -> None:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import launch; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-ISc", program], text=True).split()
    assert not any(name.partition(".")[0] == "fooo" for name in loaded)
    assert {name.partition(".")[0] for name in loaded} <= sys.stdlib_module_names | {"__main__", "launch"}
