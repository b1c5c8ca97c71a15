"""Who may ask our own API, and what they see."""

from collections.abc import Generator

import httpx
import pytest

from fooo.interface.people import Account, Person, Role
from fooo.interface.people.auth_file import write_accounts
from fooo.interface.people.keys import KEY_FILE, Key, new_key, write_keys
from fooo.service import Fooo
from fooo.settings import ServeSettings
from tests.interface.http.conftest import Served, until
from tests.interface.http.serving import served

KEYS = {name: new_key() for name in ("ann", "bob", "gone")}


@pytest.fixture(scope="module")
def people(slow_program: Fooo, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """Ann owns it, Bob is a guest, and each has a key; so had one who may not log in any more."""
    auth = tmp_path_factory.mktemp("auth") / "auth.json"
    roles = {"ann": Role.OWNER, "bob": Role.GUEST}
    write_accounts(auth, {name: Account.of(Person(name, role), f"{name}'s secret") for name, role in roles.items()})
    write_keys(auth.with_name(KEY_FILE), {name: Key.of(name, name, key) for name, key in KEYS.items()})
    with served(slow_program, ServeSettings(auth=auth)) as address:
        yield Served(address, slow_program)


def asking(people: Served, name: str) -> httpx.Client:
    return httpx.Client(base_url=f"{people.address}/api/v1", headers={"X-API-Key": KEYS[name]}, timeout=30)


def test_without_a_key_or_password_nothing_answers(people: Served):
    for path in ("jobs", "catalog", "openapi.json", "metrics", "health", "events", "nothing"):
        answer = httpx.get(f"{people.address}/api/v1/{path}")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert answer.json()["error"].startswith("Log in first")


def test_probes_need_no_login_and_are_told_one_word(people: Served):
    for word in ("live", "ready"):
        answer = httpx.get(f"{people.address}/api/v1/health/{word}")
        assert (answer.status_code, answer.json()) == (200, {"status": word})


def test_a_key_opens_the_addresses_of_pictures_in_both_forms(people: Served):
    with asking(people, "ann") as ann:
        job = ann.post("/jobs", json={"prompt": "a cat"}).json()["id"]
        until(lambda: ann.get(f"/jobs/{job}").json()["state"] == "done")
    for headers in ({"X-API-Key": KEYS["ann"]}, {"Authorization": f"Bearer {KEYS['ann']}"}):
        assert httpx.get(f"{people.address}/pictures/{job}/0.png", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/v1/models", "/sdapi/v1/options"])
def test_a_key_is_taken_in_both_forms_by_every_api(people: Served, path: str):
    for headers in ({"X-API-Key": KEYS["ann"]}, {"Authorization": f"Bearer {KEYS['ann']}"}):
        assert httpx.get(people.address + path, headers=headers).status_code == 200


def test_a_password_is_taken_too(people: Served):
    assert httpx.get(f"{people.address}/api/v1/jobs", auth=("ann", "ann's secret")).status_code == 200


@pytest.mark.parametrize(
    "key", ["fooo_x", KEYS["gone"], KEYS["ann"][:-1], "x" * 100_000], ids=["odd", "removed", "cut", "long"]
)
def test_a_key_of_nobody_is_refused_and_harms_nobody_else(people: Served, key: str):
    for _ in range(5):
        answer = httpx.get(f"{people.address}/api/v1/jobs", headers={"X-API-Key": key})
        # so long a header is turned away before it is read
        assert answer.status_code in {401, 400, 431}
    with asking(people, "ann") as ann:
        assert ann.get("/jobs").status_code == 200


def test_a_guest_sees_and_ends_their_own_jobs_alone_and_the_owner_all(people: Served):
    with asking(people, "ann") as ann, asking(people, "bob") as bob:
        hers, his = (each.post("/jobs", json={"prompt": "a cat"}).json() for each in (ann, bob))
        assert (hers["person"], his["person"]) == ("ann", "bob")
        until(lambda: ann.get(f"/jobs/{hers['id']}").json()["state"] == "done")
        for rest in ("", "/events", "/preview", "/pictures/0", "/pictures/0/small", "/pictures/0/record"):
            assert bob.get(f"/jobs/{hers['id']}{rest}").status_code == 404, rest
        for rest in ("skip", "retry"):
            assert bob.post(f"/jobs/{hers['id']}/{rest}").status_code == 404
        assert bob.delete(f"/jobs/{hers['id']}").status_code == 404
        assert {job["person"] for job in bob.get("/jobs").json()["jobs"]} == {"bob"}
        assert {each["job"] for each in bob.get("/pictures").json()["pictures"]} <= {
            job["id"] for job in bob.get("/jobs").json()["jobs"]
        }
        assert ann.get(f"/jobs/{his['id']}").status_code == 200


def test_a_guest_may_not_rule_the_queue_nor_fetch_models(people: Served):
    with asking(people, "bob") as bob:
        for path in ("/queue/pause", "/queue/resume", "/queue/trouble/drop", "/queue/trouble/retry"):
            answer = bob.post(path)
            assert (answer.status_code, "guest" in answer.json()["error"]) == (403, True)
        assert bob.post("/downloads", json={"preset": "sdxl"}).status_code == 403
        assert bob.post("/jobs?wait_for_files=true", json={"preset": "sdxl"}).status_code == 403
        assert bob.post("/jobs", json={"sampling": {"steps": 200}}).status_code == 403


def test_what_is_sent_is_bounded_and_told_in_our_form(people: Served):
    with asking(people, "ann") as ann:
        answer = ann.post("/pictures", content=bytes(65 * 2**20), headers={"content-type": "image/png"})
    assert (answer.status_code, "64 MB" in answer.json()["error"]) == (413, True)


def test_another_sites_page_cannot_ask(people: Served):
    headers = {"origin": "http://evil.example", "sec-fetch-site": "cross-site", "X-API-Key": KEYS["ann"]}
    assert httpx.post(f"{people.address}/api/v1/queue/pause", headers=headers).status_code == 403
