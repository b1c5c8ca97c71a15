"""What there is, and what can be fetched, over our own API."""

import json
import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog, PresetFile, Sampler, Schedule
from fooo.monitor import Monitor
from fooo.service import Downloads
from tests.changing_catalog import ChangingCatalog
from tests.detectors import CENTERFACE
from tests.interface.http.conftest import until
from tests.interface.http.v1.conftest import Api, ApiOf
from tests.interface.http.v1.test_events import follow


class Hub:
    """Notes what is fetched, and gives it when it is opened."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.opened = threading.Event()

    def __call__(self, file: PresetFile, monitor: Monitor) -> Path | None:
        del monitor
        self.asked.append(file.name)
        assert self.opened.wait(10)
        return Path(file.name)


@pytest.fixture
def hub() -> Generator[Hub]:
    hub = Hub()
    yield hub
    hub.opened.set()


@pytest.fixture
def api(api_of: ApiOf, folders: ChangingCatalog, hub: Hub) -> Api:
    folders.now = replace(folders.now, detectors=(CENTERFACE,))
    return api_of(downloads=Downloads(hub))


def test_the_catalog_names_all_that_a_request_may_use(api: Api, catalog: Catalog):
    told = api.get("catalog").json()
    assert {style["name"] for style in told["styles"]} == set(catalog.styles)
    assert {preset["name"] for preset in told["presets"]} == set(catalog.presets)
    assert [each["name"] for each in told["samplers"]] == [each.value for each in Sampler]
    assert [each["name"] for each in told["schedules"]] == [each.value for each in Schedule]
    assert told["fitting_preset"] == "pocket"
    assert "pocket/base" in told["models"]
    assert {"name": "portrait", "ratio": "3:4"} in told["shapes"]
    assert len(told["sizes"]) == 26
    assert told["wildcards"] == list(catalog.wildcards)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("styles", {"styles": ["NAME"]}),
        ("samplers", {"sampling": {"sampler": "NAME"}}),
        ("schedules", {"sampling": {"schedule": "NAME"}}),
        ("shapes", {"size": "NAME"}),
    ],
)
def test_what_the_catalog_names_can_be_planned(api: Api, name: str, asked: object):
    for each in api.get("catalog").json()[name][:20]:
        answer = api.post("plan", json=json.loads(json.dumps(asked).replace("NAME", each["name"])))
        assert answer.status_code == 200, answer.text


def test_the_models_that_are_here_are_listed_and_those_that_presets_lack(api: Api):
    told = api.get("models").json()
    assert {"pocket/base", "pocket/refiner"} <= {model["name"] for model in told["models"]}
    assert {file["preset"] for file in told["missing"]} >= {"sdxl"}
    assert all(file["folder"] for file in told["missing"])


def test_what_is_missing_is_named_fetched_and_then_drawn(api: Api, hub: Hub):
    asked = {"preset": "sdxl", "prompt": "a cat"}
    refused = api.post("jobs", json=asked)
    assert refused.status_code == 422
    names = [file["name"] for file in refused.json()["missing"]]
    assert api.post("plan", json=asked).json()["missing"] == refused.json()["missing"]
    waiting = api.post("jobs?wait_for_files=true", json=asked)
    assert waiting.status_code == 201
    assert (waiting.json()["state"], waiting.json()["files"]) == ("waiting_for_files", names)
    assert api.get("jobs?state=waiting_for_files").json()["jobs"] == [waiting.json()]
    assert api.get("queue").json()["waiting_for_files"] == 1
    fetched = api.post("downloads", json=asked).json()["downloads"]
    assert [each["name"] for each in fetched] == names
    until(lambda: hub.asked == names[:1])
    assert api.post("downloads/pause", json={"name": names[-1]}).json()["downloads"][-1]["state"] == "paused"
    assert api.post("downloads/resume", json={"name": names[-1]}).json()["downloads"][-1]["state"] in {
        "waiting",
        "running",
    }
    hub.opened.set()
    until(lambda: {each["state"] for each in api.get("downloads").json()["downloads"]} == {"done"})


def test_a_job_that_waits_for_files_can_be_ended_and_says_so(api: Api):
    job_id = api.post("jobs?wait_for_files=true", json={"preset": "sdxl"}).json()["id"]
    assert api.post(f"jobs/{job_id}/skip").status_code == 422
    assert api.delete(f"jobs/{job_id}").json()["state"] == "stopped"
    assert api.get(f"jobs/{job_id}").json()["state"] == "stopped"
    assert follow(api, job_id)[-1][1:] == ("done", {"pictures": 0, "stopped": True})


def test_a_job_whose_request_comes_to_nothing_says_why(api: Api, folders: ChangingCatalog):
    job_id = api.post("jobs?wait_for_files=true", json={"preset": "sdxl"}).json()["id"]
    # the preset that it stands on is gone: no file is missing any more, and nothing can be planned
    folders.now = replace(folders.now, presets={"pocket": folders.now.presets["pocket"]})
    until(lambda: api.job(job_id)["state"] == "failed")
    assert "sdxl" in api.job(job_id)["error"]
    (_, name, data) = follow(api, job_id)[-1]
    assert (name, data["error"]) == ("failed", api.job(job_id)["error"])


def test_nothing_but_what_a_request_needs_is_fetched(api: Api, hub: Hub):
    assert api.post("downloads", json={"prompt": "a cat"}).json() == {"downloads": []}
    assert api.post("downloads", json={"url": "http://169.254.169.254/"}).status_code == 422
    assert api.post("downloads/resume", json={"name": "http://169.254.169.254/"}).json() == {"downloads": []}
    assert hub.asked == []
