"""What `/api/downloads` fetches, and what it does not."""

import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fooo.app import make_application
from fooo.catalog import PresetFile
from fooo.engine import FakeEngine
from fooo.errors import FoooError, ModelError
from fooo.interface.http import Hosts
from fooo.monitor import Monitor
from fooo.record import Archive
from fooo.service import Downloads, Fooo
from fooo.settings import ServeSettings
from tests.changing_catalog import ChangingCatalog
from tests.detectors import CENTERFACE
from tests.interface.http.conftest import until

HERE = "http://127.0.0.1:7865"


class Hub:
    """Notes what is fetched, and gives it when it is opened."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.opened = threading.Event()
        self.trouble: FoooError | None = None
        """Why nothing comes."""

    def __call__(self, file: PresetFile, monitor: Monitor) -> Path | None:
        del monitor
        self.asked.append(file.name)
        assert self.opened.wait(10)
        if self.trouble:
            raise self.trouble
        return Path(file.name)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def client(folders: ChangingCatalog, hub: Hub, tmp_path: Path) -> Generator[TestClient]:
    folders.now = replace(folders.now, detectors=(CENTERFACE,))
    program = Fooo(
        catalog=folders,
        make_engine=FakeEngine,
        archive=Archive(tmp_path),
        draw_seed=lambda: 1,
        downloads=Downloads(hub),
    )
    with TestClient(make_application(program, ServeSettings(), Hosts("127.0.0.1")), base_url=HERE) as client:
        yield client
    hub.opened.set()
    program.close()


def test_the_plan_of_a_preset_without_its_models_names_what_is_missing(client: TestClient) -> None:
    answer = client.post("/api/v1/plan", json={"prompt": "a cat", "preset": "sdxl"})
    assert answer.status_code == 422
    missing = answer.json()["missing"]
    assert [file["name"].rsplit("_1", 1)[0] for file in missing] == ["sd_xl_base", "sd_xl_refiner"]
    assert all(file["bytes"] > 5e9 and file["licence"] for file in missing)


def test_what_a_request_needs_is_fetched_and_its_state_is_told(client: TestClient, hub: Hub) -> None:
    assert client.get("/api/downloads").json() == []
    told = client.post("/api/downloads", json={"preset": "sdxl"}).json()
    assert [each["folder"] for each in told] == ["checkpoints", "checkpoints"]
    assert all(each["state"] in {"waiting", "running"} and each["total"] > 5e9 for each in told)
    paused = client.post("/api/downloads/pause", json={"name": told[1]["name"]}).json()
    assert paused[1]["state"] == "paused"
    hub.opened.set()


def test_nothing_but_what_a_request_needs_can_be_fetched(client: TestClient, hub: Hub) -> None:
    for asked in ({}, {"preset": "pocket"}, {"models": {"base": "https://example.org/evil.safetensors"}}):
        assert client.post("/api/downloads", json=asked).json() == []
    assert client.post("/api/downloads", json={"url": "https://example.org/evil.safetensors"}).status_code == 422
    assert client.post("/api/downloads", json=["sdxl"]).status_code == 422
    assert hub.asked == []


def test_it_is_asked_from_here_only(client: TestClient) -> None:
    answer = client.post("/api/downloads", json={"preset": "sdxl"}, headers={"Origin": "https://example.org"})
    assert answer.status_code == 403


def test_why_a_file_did_not_come_is_told_in_the_language_of_whoever_asks(client: TestClient, hub: Hub) -> None:
    hub.trouble = ModelError(Path("ink.safetensors"), "was not fetched: hub does not answer", "look at the link")
    hub.opened.set()
    client.post("/api/downloads", json={"preset": "sdxl"})
    until(lambda: all(each["error"] for each in client.get("/api/downloads").json()))
    told = {
        code: client.get("/api/downloads", headers={"Accept-Language": code}).json()[0]["error"]
        for code in ("en", "zh")
    }
    assert told["en"] == str(hub.trouble)
    assert told["zh"] == "模型文件 ink.safetensors 没有下载：hub 没有回应；请检查链接。"
