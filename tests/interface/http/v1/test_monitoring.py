"""Health and metrics of our own API."""

import re
from pathlib import Path

import pytest

from fooo.interface.http.v1.monitoring import PictureTimes
from tests.interface.http.v1.conftest import Api

_LINE = re.compile(r'(?P<name>[a-z_]+)(?P<labels>\{[a-z]+="[^"\\\n]*"\})? (?P<value>[-+0-9.e]+)')


def values(text: str) -> dict[str, float]:
    """By name and labels, as Prometheus reads them."""
    found = [_LINE.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]
    assert all(found)
    return {f"{each['name']}{each['labels'] or ''}": float(each["value"]) for each in found if each}


def test_a_server_that_answers_is_live_and_one_that_keeps_pictures_ready(api: Api):
    assert api.get("health/live").json() == {"status": "live"}
    assert api.get("health/ready").json() == {"status": "ready"}


def test_a_server_that_cannot_write_is_not_ready(api: Api, tmp_path: Path):
    (tmp_path / "outputs").write_text("a file where the folder should be")
    answer = api.get("health/ready")
    # probes are strangers: they are not told where the folder is
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})


def test_the_metrics_count_jobs_pictures_and_the_queue(api: Api):
    api.ended(output={"count": 2})
    api.engine.gate.clear()
    api.running()
    api.draw()
    answer = api.get("metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = values(answer.text)
    assert {state: found[f'fooo_jobs{{state="{state}"}}'] for state in ("done", "running", "waiting", "failed")} == {
        "done": 1, "running": 1, "waiting": 1, "failed": 0,
    }  # fmt: skip
    assert found["fooo_pictures_total"] == found["fooo_picture_seconds_count"] == 2
    assert found["fooo_queue_length"] == 1
    assert (found["fooo_workers"], found["fooo_workers_idle"]) == (1, 0)
    assert found["process_resident_memory_bytes"] > 2**20


def test_each_bound_of_the_histogram_counts_all_that_is_below_it(api: Api):
    api.ended(output={"count": 3})
    found = values(api.get("metrics").text)
    buckets = [count for name, count in found.items() if name.startswith("fooo_picture_seconds_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == 3
    assert found["fooo_picture_seconds_sum"] == pytest.approx(
        sum(done.record.seconds for job in api.program.jobs() for done in job.pictures)
    )


def test_pictures_count_although_their_jobs_are_listed_no_more(api: Api):
    api.ended(output={"count": 3})
    (job,) = api.program.jobs()
    times = PictureTimes()
    for listed in ([], [job], [job], []):
        times.look(listed)
    assert times.count == 3
    assert [count for _, count in times.at_most()] == [3] * 11  # a flat colour takes less than half a second


def test_every_family_says_what_it_is(api: Api):
    text = api.get("metrics").text
    families = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    assert families == set(re.findall(r"^# HELP (\S+)", text, re.MULTILINE))
    names = {re.sub(r"_(bucket|sum|count)$", "", name.partition("{")[0]) for name in values(text)}
    assert names == families
