import logging
from pathlib import Path

import pytest

from fooo.__main__ import logging_from, main, serving_from, settings_from
from fooo.catalog import read_catalog
from fooo.errors import RequestError
from fooo.interface.arguments import parse
from fooo.settings import AUTH_FILE, ROOT, ServeSettings, Settings, Theme


def test_plain_serve_is_the_defaults():
    asked = parse([])
    assert settings_from(asked) == Settings()
    assert serving_from(asked) == ServeSettings(auth=AUTH_FILE)


def test_every_flag_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    typed = (
        "--listen --port 7000 --share --auth ann:a:b --auth bob:c --theme dark"
        " --allow-host fooo.lan --language zh --disable-in-browser --preset pocket"
        " --output-path out --always-cpu 3 --models-dir one --models-dir two"
    )
    asked = parse(typed.split())
    assert serving_from(asked) == ServeSettings(
        host="0.0.0.0",
        port=7000,
        share=True,
        accounts=(("ann", "a:b"), ("bob", "c")),
        auth=AUTH_FILE,
        theme=Theme.DARK,
        language="zh",
        open_browser=False,
        preset="pocket",
        allowed_hosts=("fooo.lan",),
    )
    settings = settings_from(asked)
    assert [str(folder) for folder in settings.models] == [str(ROOT / "models"), "one", "two"]
    assert (str(settings.outputs), settings.outputs_by_day) == ("out", True)
    assert (settings.always_cpu, settings.threads) == (True, 3)


def test_a_server_keeps_a_log_beside_its_pictures_and_who_draws_one_hears_warnings_only(tmp_path: Path):
    serves, makes = (
        logging_from(parse([*verb.split(), "--output-path", str(tmp_path)])) for verb in ("serve", "info x")
    )
    assert (serves.folder, serves.level) == (tmp_path / ".logs", logging.INFO)
    assert (makes.folder, makes.level) == (None, logging.WARNING)
    assert settings_from(parse(["make", "a", "--out", str(tmp_path)])).logs == Settings().logs


def test_the_flags_of_the_log_arrive_and_passwords_and_tokens_are_to_be_hidden(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HF_TOKEN", "hf-secret")
    typed = "serve --log-level debug --json-logs --log-prompts --auth ann:one:two --auth bob:three"
    asked = parse(typed.split())
    found = logging_from(asked)
    assert (found.level, found.as_json, found.with_words) == (logging.DEBUG, True, True)
    assert {"one:two", "three", "hf-secret"} <= set(found.hidden)
    assert "three" not in repr(found)
    assert settings_from(asked).log_prompts


def test_a_folder_of_models_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(RequestError, match="nothing is not there"):
        settings_from(parse(["make", "a", "--models-dir", str(tmp_path / "nothing")]))


def test_a_file_that_names_folders_of_models_is_a_place_too(tmp_path: Path):
    (tmp_path / "models" / "loras").mkdir(parents=True)
    place = tmp_path / "extra_model_paths.yaml"
    place.write_text("mine:\n  loras: models/loras\n")
    settings = settings_from(parse(["make", "a", "--models-dir", str(place)]))
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    assert (settings.models[-1], catalog.shelf.problems) == (place, ())


@pytest.mark.parametrize("verb", ["test", "check"])
def test_the_verbs_of_developers_are_launch_pys(verb: str, capsys: pytest.CaptureFixture[str]):
    assert main([verb]) == 2
    assert f"python launch.py {verb}" in capsys.readouterr().err


def test_all_threads_of_the_processor_is_no_number():
    settings = settings_from(parse(["make", "a", "--always-cpu"]))
    assert (settings.always_cpu, settings.threads) == (True, None)
    assert [settings_from(parse([*typed])).low_memory for typed in ((), ("--memory", "low"))] == [False, True]
    assert [settings_from(parse([*typed])).compiled for typed in ((), ("--compile",))] == [False, True]


@pytest.mark.parametrize("typed", ["ann", "ann:", ":secret", ""])
def test_an_account_without_user_or_password_is_refused(typed: str):
    with pytest.raises(RequestError, match="write it as USER:PASSWORD") as told:
        serving_from(parse(["--auth", typed]))
    assert "secret" not in str(told.value)


def test_pictures_carry_how_they_were_made_unless_it_is_switched_off():
    asked = (parse(["make", "a"]), parse(["make", "a", "--disable-metadata"]), parse(["--disable-metadata"]))
    assert [settings_from(each).records for each in asked] == [True, False, False]
