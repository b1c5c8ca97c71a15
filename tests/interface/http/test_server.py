"""The whole server with the page in it, asked as a stranger would."""

import hashlib
import io
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image
from starlette.testclient import TestClient

from fooo.app import make_application
from fooo.catalog import Catalog
from fooo.engine import FakeEngine
from fooo.interface.http import Hosts, picture_address
from fooo.record import Archive
from fooo.request import Request
from fooo.service import Fooo, Job
from fooo.settings import ServeSettings, Settings
from tests.conftest import DRAWN_SEED

HERE = "http://127.0.0.1:7865"
LOGIN = ServeSettings(accounts=(("ann", "secret"),))


@pytest.fixture(scope="module")
def program(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Generator[Fooo]:
    """One for all tests here: none asks how many pictures there are."""
    archive = Archive(tmp_path_factory.mktemp("outputs"))
    program = Fooo(catalog=lambda: catalog, make_engine=FakeEngine, archive=archive, draw_seed=lambda: DRAWN_SEED)
    yield program
    program.close()


@contextmanager
def asking(program: Fooo, serving: ServeSettings) -> Generator[TestClient]:
    application = make_application(program, serving, Hosts("127.0.0.1"))
    with TestClient(application, base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def client(program: Fooo) -> Generator[TestClient]:
    with asking(program, ServeSettings()) as client:
        yield client


@pytest.fixture(scope="module")
def behind_a_login(program: Fooo) -> Generator[TestClient]:
    with asking(program, LOGIN) as client:
        yield client


@pytest.fixture
def locked(behind_a_login: TestClient) -> TestClient:
    """Who has not logged in yet."""
    behind_a_login.cookies.clear()
    return behind_a_login


def drawn(program: Fooo, count: int = 1) -> Job:
    job = program.submit(Request.model_validate({"prompt": "a cat", "output": {"count": count}}))
    list(job.events())
    return job


def test_the_page_is_there(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "gradio_config" in answer.text


def test_a_picture_is_the_kept_file_itself(client: TestClient, program: Fooo) -> None:
    job = drawn(program, 2)
    for number, done in enumerate(job.pictures):
        full, small = picture_address(job, number)
        answer = client.get(full)
        assert answer.headers["content-type"] == "image/png"
        assert hashlib.sha256(answer.content).digest() == hashlib.sha256(done.path.read_bytes()).digest()
        with Image.open(io.BytesIO(client.get(small).content)) as image:
            assert max(image.size) <= done.record.shot.size.width


@pytest.mark.parametrize("rest", ["9.png", "-1.png", "x.png", "0.gif", "../0.png", "%2e%2e/0.png"])
def test_other_picture_numbers_are_not_there(client: TestClient, program: Fooo, rest: str) -> None:
    assert client.get(f"/pictures/{drawn(program).id}/{rest}").status_code in {404, 422}


def test_a_picture_that_was_moved_away_is_told(client: TestClient, program: Fooo) -> None:
    job = drawn(program)
    job.pictures[0].path.unlink()
    answer = client.get(picture_address(job, 0)[0])
    assert answer.status_code == 404
    assert "moved or removed" in answer.text


def test_no_file_of_the_disk_is_given_out(client: TestClient, program: Fooo, tmp_path: Path) -> None:
    secret = tmp_path / "auth.json"
    secret.write_text("secret")
    preset = Settings().presets / "default.json"
    kept = drawn(program).pictures[0].path
    for path in ("/etc/passwd", str(secret), str(preset), str(kept), "../../etc/passwd", "http://169.254.169.254/"):
        for written in (path, quote(path, safe="")):
            for route in ("file=", "file/", "proxy=", "stream/", "custom_component/"):
                assert client.get(f"/gradio_api/{route}{written}").status_code == 404, (route, written)
    for folder in ("static", "assets", "svelte"):
        answer = client.get(f"/{folder}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd")
        assert answer.status_code in {403, 404}
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/docs", "/openapi.json", "/gradio_api/openapi.json", "/gradio_api/call/press", "/gradio_api/call/draw",
     "/monitoring", "/gradio_api/runs", "/gradio_api/run/press", "/gradio_api/component_server",
     "/gradio_api/vibe-edit", "/gradio_api/process_recording", "/gradio_api/token", "/gradio_api/dev/reload",
     "/gradio_api/deep_link"],
)  # fmt: skip
def test_what_the_page_does_not_need_is_shut(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_a_message_that_names_an_address_does_not_reach_gradio(client: TestClient) -> None:
    asked = {"data": [{"path": "http://169.254.169.254/", "meta": {"_type": "gradio.FileData"}}], "fn_index": 0}
    answer = client.post("/gradio_api/queue/join", json=asked)
    assert answer.status_code == 403
    assert "Only files that were uploaded here" in answer.text


@pytest.mark.parametrize("stream", [False, True])
def test_a_kept_picture_named_as_an_upload_is_neither_read_nor_removed(
    client: TestClient, program: Fooo, stream: bool
) -> None:
    kept = drawn(program).pictures[0].path
    events = json.loads(client.get("/config").text)["dependencies"]
    (load,) = (number for number, event in enumerate(events) if event["api_name"] == "load_settings")
    named = {"path": str(kept), "is_stream": stream, "meta": {"_type": "gradio.FileData"}}
    asked = {"data": [named], "fn_index": load, "session_hash": "x"}
    assert client.post("/gradio_api/queue/join", json=asked).status_code == 403
    assert kept.is_file()


def test_gradio_itself_checks_the_upload_folder_too(program: Fooo) -> None:
    application = make_application(program, ServeSettings(), Hosts("127.0.0.1"))
    pages = [getattr(route, "app", None) for route in application.routes]
    blocks = [page.get_blocks() for page in pages if page is not None and hasattr(page, "get_blocks")]
    assert [page.has_launched for page in blocks] == [True]


def test_another_sites_page_cannot_press_the_button(client: TestClient) -> None:
    headers = {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}
    assert client.post("/gradio_api/queue/join", json={}, headers=headers).status_code == 403
    assert client.post("/gradio_api/upload", headers=headers).status_code == 403


def test_no_event_of_the_page_is_a_public_address_but_what_gradios_clients_may_call(client: TestClient) -> None:
    events = json.loads(client.get("/config").text)["dependencies"]
    assert [each["api_name"] for each in events if each["api_visibility"] != "private"] == ["draw"]


def test_without_logging_in_nothing_answers(locked: TestClient, program: Fooo) -> None:
    full, _ = picture_address(drawn(program), 0)
    for path in ("/", "/config", full, "/theme.css", "/gradio_api/queue/data", "/assets/x.js"):
        assert locked.get(path).status_code == 401
    assert locked.post("/gradio_api/queue/join", json={}).status_code == 401


def test_a_browser_sees_where_to_log_in_and_gets_in(locked: TestClient) -> None:
    page = locked.get("/", headers={"accept": "text/html", "accept-language": "zh-CN"})
    assert page.status_code == 401
    assert "登录" in page.text
    answer = locked.post("/login", data={"user": "ann", "password": "secret"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert locked.get("/").status_code == 200
    assert locked.get("/logout").status_code == 303
    assert locked.get("/").status_code == 401


def test_a_login_is_short_and_read_no_further(locked: TestClient) -> None:
    long = (bytes(1000) for _ in range(1000))
    assert locked.post("/login", content=long).status_code == 413
    assert locked.post("/login", data={f"f{number}": "x" for number in range(9)}).status_code == 413


def test_without_accounts_there_is_no_login(client: TestClient) -> None:
    assert client.get("/login").status_code == client.post("/login").status_code == 404


def test_who_guesses_is_made_to_wait_even_with_the_right_password(program: Fooo) -> None:
    with asking(program, LOGIN) as locked:  # of its own: nobody else is to wait for it
        wrong = [locked.post("/login", data={"user": "ann", "password": f"guess {n}"}).status_code for n in range(3)]
        assert wrong == [401, 401, 401]
        assert locked.post("/login", data={"user": "ann", "password": "secret"}).status_code == 429
