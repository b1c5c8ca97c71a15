import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from fooo.interface.http.guard import HEADERS, Doors, Guard, Hosts, is_loopback

HERE = "http://127.0.0.1:7865"


def let_in(_: Request) -> PlainTextResponse:
    return PlainTextResponse("in")


def guarded(hosts: Hosts) -> TestClient:
    """A server that answers everything it is let through to with "in"."""
    inside = Starlette(routes=[Route("/{path:path}", let_in, methods=["GET", "POST"])])
    app = Guard(inside, hosts=hosts, doors=Doors(("/", "/open", "/below/")))
    return TestClient(app, base_url=HERE)


@pytest.fixture
def client() -> TestClient:
    return guarded(Hosts("127.0.0.1"))


@pytest.mark.parametrize("host", ["127.0.0.1:7865", "localhost:7865", "[::1]:7865", "LOCALHOST", "localhost."])
def test_this_machine_may_ask_under_its_own_names(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).text == "in"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:7865", "192.168.1.5", "[", "", "localhost@evil"]
)
def test_a_name_that_is_not_ours_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 403


def test_a_forwarded_name_is_held_to_the_same(client: TestClient) -> None:
    assert client.get("/", headers={"x-forwarded-host": "evil.example"}).status_code == 403


def test_beyond_loopback_bare_addresses_may_ask_but_strangers_names_may_not() -> None:
    client = guarded(Hosts("0.0.0.0", ["studio.example"]))
    assert client.get("/", headers={"host": "192.168.1.5:7865"}).text == "in"
    assert client.get("/", headers={"host": "studio.example"}).text == "in"
    assert client.get("/", headers={"host": "evil.example"}).status_code == 403


def test_a_name_added_later_may_ask() -> None:
    hosts = Hosts("127.0.0.1")
    client = guarded(hosts)
    assert client.get("/", headers={"host": "abc.tunnel.example"}).status_code == 403
    hosts.add("abc.tunnel.example")
    assert client.get("/", headers={"host": "abc.tunnel.example"}).text == "in"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
def test_another_site_may_change_nothing(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/open", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"origin": HERE}, {"origin": HERE, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}]
)
def test_our_own_page_and_programs_may(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/open", headers=headers).text == "in"


def test_another_site_may_link_here_but_not_embed_what_is_here(client: TestClient) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    embedded = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get("/", headers=link).text == "in"
    assert client.get("/below/picture.png", headers=embedded).status_code == 403


def test_only_open_doors_answer(client: TestClient) -> None:
    for path, status in {
        "/": 200,
        "/open": 200,
        "/below/it": 200,
        "/below": 404,
        "/open/it": 404,
        "/shut": 404,
    }.items():
        assert client.get(path).status_code == status, path


@pytest.mark.parametrize("path", ["/", "/shut"])
def test_every_answer_carries_the_safety_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_nothing_may_be_loaded_from_elsewhere_or_frame_the_page() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    ("address", "ours"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.5", False), ("studio", False)],
)  # fmt: skip
def test_loopback_is_told_from_the_rest(address: str, ours: bool) -> None:
    assert is_loopback(address) is ours
