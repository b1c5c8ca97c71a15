import json
import shutil
from pathlib import Path

import pytest

from fooo.catalog import ModelKind
from fooo.errors import FoooError, ModelError, UnknownName
from fooo.interface.arguments import parse
from fooo.interface.cli import doctor
from fooo.interface.model_shelf import manage_models
from fooo.settings import NetworkSettings, Settings
from tests.adapter_files import embedding
from tests.model_files import write

OFFLINE = NetworkSettings(offline=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    models = tmp_path / "models"
    models.mkdir()
    return Settings(models=(models, *Settings().models), outputs=tmp_path / "outputs")


def run(settings: Settings, *typed: str) -> int:
    return manage_models(parse(["models", *typed]), settings, OFFLINE, ask=lambda _: False)


def learnt_words(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return write(folder / "Grain.safetensors", embedding(ModelKind.SDXL_BASE))


def test_a_file_is_added_listed_checked_and_removed(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = learnt_words(tmp_path / "downloads")
    assert run(settings, "add", str(path)) == 0
    assert run(settings, "list") == 0
    listed = capsys.readouterr().out
    assert "embedding" in listed
    assert "Grain" in listed
    assert "pocket/base" in listed
    assert "not here" in listed  # what the presets would need
    assert run(settings, "check", "grain") == 0
    assert run(settings, "remove", "grain") == 0
    assert (settings.models[0] / ".trash" / "Grain.safetensors").is_file()
    run(settings, "list")
    assert "Grain" not in capsys.readouterr().out.splitlines()[-1]
    assert path.is_file()


def test_one_that_cannot_be_done_keeps_none_of_the_others_back(settings: Settings, tmp_path: Path):
    path = learnt_words(tmp_path / "downloads")
    with pytest.raises(FoooError, match="nothing-of-that-name"):
        run(settings, "add", "nothing-of-that-name", str(path))
    assert (settings.models[0] / "embeddings" / "Grain.safetensors").is_file()


def test_nothing_is_fetched_without_a_yes(settings: Settings):
    with pytest.raises(FoooError, match="was not fetched; say yes, or --yes"):
        run(settings, "add", "sdxl_lightning_4step_lora")


def test_an_unknown_name_offers_the_nearest(settings: Settings):
    learnt_words(settings.models[0] / "embeddings")
    with pytest.raises(UnknownName, match="Grain"):
        run(settings, "remove", "Grian")


def test_a_damaged_file_is_found_by_a_check_and_can_be_removed(settings: Settings, capsys: pytest.CaptureFixture[str]):
    path = learnt_words(settings.models[0] / "embeddings")
    path.write_bytes(path.read_bytes()[:-1])
    assert run(settings, "check") == run(settings, "check", "grain") == 3
    told = capsys.readouterr().out
    assert (told.count("is cut short"), "0 of 1 model files are whole." in told) == (2, True)
    assert run(settings, "remove", "Grain.safetensors") == 0
    assert not path.exists()


def test_a_check_looks_into_models_of_several_files_too(settings: Settings, capsys: pytest.CaptureFixture[str]):
    shutil.copytree(settings.models[-1] / "pocket" / "base", settings.models[0] / "mine")
    weights = next((settings.models[0] / "mine" / "unet").glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    assert run(settings, "check") == 3
    assert f"{weights} is cut short" in capsys.readouterr().out


def test_of_two_files_of_one_name_none_is_removed_by_it(settings: Settings):
    learnt_words(settings.models[0] / "embeddings")
    (settings.models[0] / "embeddings" / "Grain.pt").touch()
    with pytest.raises(UnknownName, match="Grain"):
        run(settings, "remove", "grain")
    assert run(settings, "remove", "grain.pt") == 0


def test_a_pickle_that_is_none_is_refused(settings: Settings, tmp_path: Path):
    broken = tmp_path / "x.ckpt"
    broken.write_bytes(b"no pickle")
    with pytest.raises(ModelError, match=r"x\.ckpt"):
        run(settings, "convert", str(broken))


def test_doctor_tells_scripts_what_it_tells_people(settings: Settings, capsys: pytest.CaptureFixture[str]):
    code = doctor(settings, OFFLINE, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert code == 0, told
    assert {"program", "machine", "device", "models", "network"} >= {each["area"] for each in told["findings"]}
    assert any(each["name"] == "Draws on" for each in told["findings"])
