import pytest

from fooo.__main__ import serving_from, settings_from
from fooo.errors import RequestError
from fooo.interface.arguments import parse
from fooo.settings import ROOT, ServeSettings, Settings, Theme


def test_plain_serve_is_the_defaults():
    asked = parse([])
    assert settings_from(asked) == Settings()
    assert serving_from(asked) == ServeSettings()


def test_every_flag_arrives():
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


def test_all_threads_of_the_processor_is_no_number():
    settings = settings_from(parse(["make", "a", "--always-cpu"]))
    assert (settings.always_cpu, settings.threads) == (True, None)


@pytest.mark.parametrize("typed", ["ann", "ann:", ":secret", ""])
def test_an_account_without_user_or_password_is_refused(typed: str):
    with pytest.raises(RequestError, match="write it as USER:PASSWORD") as told:
        serving_from(parse(["--auth", typed]))
    assert "secret" not in str(told.value)
