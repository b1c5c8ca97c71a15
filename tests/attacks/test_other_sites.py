"""What a page of a stranger can make a browser send: forged requests, rebound names, redirects, methods in disguise."""

import httpx
import pytest

from tests.attacks.conftest import Login, Target, drawn_for

WRITES = ("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/cancel", "/gradio_api/reset", "/api/downloads",
          "/api/v1/plan", "/api/downloads/pause", "/sdapi/v1/txt2img", "/sdapi/v1/options", "/sdapi/v1/interrupt",
          "/v1/images/generations", "/mcp", "/login", "/api/v1/jobs")  # fmt: skip
READ_NO_BODY = {"/login", "/gradio_api/upload", "/sdapi/v1/interrupt"}
"""Or take a form by design: what another site sends them is refused by its origin alone."""
ORIGINS = (
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "http://127.0.0.1.evil.example"},
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
    {"sec-fetch-site": "cross-site"},
)
FORMS = ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "", "text/json", "a/b")
STRANGERS = ("evil.example", "127.0.0.1.evil.example", "evil.example:7865", "localhost.evil.example", "169.254.169.254",
             "0.0.0.0.nip.example", "evil@127.0.0.1", "127.0.0.1@evil", "127.0.0.1#.evil", "127.0.0.1\\.evil",
             "[::1].evil", "127.0.0.1, evil.example", "127.0.0.1 evil.example", "2130706433", "localhost/evil", "", "[",
             "127.0.0.1:x")  # fmt: skip


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("headers", ORIGINS)
def test_another_sites_page_writes_nothing_with_my_cookie(login: Login, path: str, headers: dict[str, str]) -> None:
    assert login("ann").post(path, json={"prompt": "forged"}, headers=headers).status_code == 403


@pytest.mark.parametrize("path", [path for path in WRITES if path not in READ_NO_BODY])
@pytest.mark.parametrize("kind", FORMS)
def test_a_form_is_no_message(login: Login, path: str, kind: str) -> None:
    forged = b'{"prompt": "forged", "x": "="}'
    answer = login("ann").post(path, content=forged, headers={"content-type": kind})
    assert answer.status_code in {400, 403, 404, 406, 415, 422}, answer.text


def test_nothing_was_drawn_for_another_site(house: Target) -> None:
    assert not [job for job in house.program.jobs() if job.plan.request.prompt == "forged"]


@pytest.mark.parametrize("path", ["/", "/config", "/login", "/api/v1/jobs", "/sdapi/v1/options", "/pictures/x/0.png"])
@pytest.mark.parametrize("name", STRANGERS)
def test_a_rebound_name_is_not_ours(alone: Target, path: str, name: str) -> None:
    for host, forwarded in ((name, None), ("127.0.0.1", name)):
        more = f"X-Forwarded-Host: {forwarded}\r\n" if forwarded is not None else ""
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n"
        assert alone.raw(head.encode()).split()[1] in {b"400", b"403"}


def test_the_right_name_answers(alone: Target) -> None:
    assert alone.raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").split()[1] == b"200"


@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
def test_no_header_turns_reading_into_writing(house: Target, login: Login, header: str) -> None:
    job = drawn_for(house, "ann")
    for method in ("DELETE", "POST", "PUT"):
        login("ann").get(f"/pictures/{job.id}/0.png?_method={method}", headers={header: method})
        assert job.pictures[0].path.is_file()
    assert login("ann").get("/sdapi/v1/txt2img", headers={header: "POST"}).status_code in {404, 405}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "FOO"])
def test_other_methods_change_and_tell_nothing(house: Target, login: Login, method: str) -> None:
    job = drawn_for(house, "ann")
    for path in ("/", f"/pictures/{job.id}/0.png", "/gradio_api/upload", "/login", "/config"):
        if method == "CONNECT":
            head = f"CONNECT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            assert int(house.raw(head.encode()).split()[1]) >= 400
            continue
        answer = login("ann").request(method, path)
        assert answer.status_code >= 400 or (method == "OPTIONS" and answer.status_code < 300)
        assert "access-control-allow-origin" not in answer.headers
    assert job.pictures[0].path.is_file()


@pytest.mark.parametrize(
    "query", ["next=//evil.example", "next=https://evil.example", "redirect=/\\evil", "url=javascript:1"]
)
def test_a_login_leads_to_the_page_and_nowhere_else(stranger: httpx.Client, query: str) -> None:
    key, _, value = query.partition("=")
    said = {"user": "ann", "password": "ann's word", key: value}
    for answer in (
        stranger.post(f"/login?{query}", data=said),
        stranger.post("/login", data=said, headers={"referer": value, "x-forwarded-proto": "http"}),
    ):
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "///evil", "/%2f%2fevil"]
)
def test_no_address_redirects_to_another_site(alone: Target, path: str) -> None:
    answer = alone.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    assert answer.split()[1] == b"404"
    assert b"location:" not in answer.lower()


def test_another_site_cannot_log_me_out(login: Login) -> None:
    client = login("ann")
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/logout", headers=headers).status_code == 403
    assert client.get("/config").status_code == 200


def test_websockets_are_refused(alone: Target) -> None:
    head = (
        b"GET /gradio_api/queue/data HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://evil.example\r\n\r\n"
    )
    assert alone.status(head) >= 400
