from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from fooo.interface.http.assets import Assets


@dataclass
class Inside:
    """An application that counts how often it is asked."""

    asked: list[str] = field(default_factory=list[str])

    def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return PlainTextResponse("packed", 404 if "missing" in request.url.path else 200)

    def client(self) -> TestClient:
        app = Starlette(routes=[Route("/{path:path}", self.answer)])
        return TestClient(Assets(app, prefix="/assets/"))


def test_a_file_is_asked_for_once_and_kept_by_the_browser_too() -> None:
    inside = Inside()
    client = inside.client()
    answers = [client.get("/assets/a.js") for _ in range(3)]
    assert [answer.text for answer in answers] == ["packed"] * 3
    assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert inside.asked == ["/assets/a.js"]


def test_each_way_of_packing_is_kept_for_itself() -> None:
    inside = Inside()
    client = inside.client()
    for packing in ("br", "gzip", "br"):
        client.get("/assets/a.js", headers={"accept-encoding": packing})
    assert len(inside.asked) == 2


def test_the_page_itself_is_built_once_for_each_address_and_asked_for_anew_by_the_browser() -> None:
    inside = Inside()
    client = inside.client()
    for host in ("localhost", "127.0.0.1", "localhost"):
        assert "cache-control" not in client.get("/", headers={"host": host}).headers
    client.get("/?view=1")
    assert inside.asked == ["/"] * 3


def test_what_is_missing_or_elsewhere_or_asked_for_in_part_is_not_kept() -> None:
    inside = Inside()
    client = inside.client()
    for _ in range(2):
        assert client.get("/assets/missing.js").status_code == 404
        assert "cache-control" not in client.get("/page").headers
        client.get("/assets/b.js", headers={"range": "bytes=0-1"})
    assert len(inside.asked) == 6


def test_the_page_itself_is_packed_for_a_browser_that_takes_that() -> None:
    client = Inside().client()
    packed, plain = (client.get("/", headers={"accept-encoding": each}) for each in ("gzip, br", "identity"))
    assert (packed.text, packed.headers["content-encoding"]) == ("packed", "gzip")
    assert (plain.text, "content-encoding" in plain.headers) == ("packed", False)
    assert packed.headers["vary"] == "Accept-Encoding"
