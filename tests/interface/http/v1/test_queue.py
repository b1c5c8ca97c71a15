"""The queue over our own API."""

import io
from pathlib import Path

from fooo.record import read_record
from tests.full_disk import FullDisk
from tests.interface.http.conftest import until
from tests.interface.http.v1.conftest import Api, ApiOf, below


def test_a_paused_queue_begins_nothing_until_it_is_resumed(api: Api):
    assert api.post("queue/pause").json()["paused"] is True
    api.engine.gate.set()
    job_id = api.draw()
    assert api.get("queue").json() == {
        "paused": True, "running": 0, "waiting": 1, "waiting_for_files": 0, "trouble": None,
    }  # fmt: skip
    assert api.post("queue/resume").json()["paused"] is False
    until(lambda: api.job(job_id)["state"] == "done")


def held_up(api_of: ApiOf, tmp_path: Path) -> tuple[Api, FullDisk, str]:
    """With a job whose picture cannot be kept."""
    disk = FullDisk(tmp_path / "outputs")
    api = api_of(kept=True, archive=disk)
    api.engine.gate.set()
    job_id = api.draw(sampling={"seed": 7})
    until(lambda: api.get("queue").json()["trouble"] is not None)
    return api, disk, job_id


def test_on_a_full_disk_the_picture_is_offered_and_resuming_keeps_it(api_of: ApiOf, tmp_path: Path):
    api, disk, job_id = held_up(api_of, tmp_path)
    trouble = api.get("queue").json()["trouble"]
    assert trouble["error"] == "The disk is full; free some space."
    assert trouble["job"] == job_id
    offered = read_record(io.BytesIO(api.get(below(trouble["picture"])).content).getvalue())
    assert offered.request.sampling.seed == 7
    ready = api.get("health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
    disk.full = False
    assert api.post("queue/resume").status_code == 200
    until(lambda: api.job(job_id)["state"] == "done")
    assert api.get("queue").json()["trouble"] is None
    assert api.get("health/ready").status_code == 200


def test_a_picture_that_is_dropped_fails_its_job(api_of: ApiOf, tmp_path: Path):
    api, _, job_id = held_up(api_of, tmp_path)
    assert api.post("queue/trouble/drop").status_code == 200
    until(lambda: api.job(job_id)["state"] == "failed")
    assert "full" in api.job(job_id)["error"]


def test_trying_again_keeps_the_picture_and_the_pause(api_of: ApiOf, tmp_path: Path):
    api, disk, job_id = held_up(api_of, tmp_path)
    assert api.post("queue/pause").json()["paused"] is True
    assert api.post("queue/trouble/retry").json()["paused"] is True
    disk.full = False  # and then it is tried again by itself
    until(lambda: api.job(job_id)["state"] == "done")


def test_without_trouble_there_is_nothing_to_drop_and_no_picture(api: Api):
    assert api.post("queue/trouble/retry").status_code == 404
    assert api.post("queue/trouble/drop").status_code == 404
    assert api.get("queue/trouble/picture").status_code == 404
