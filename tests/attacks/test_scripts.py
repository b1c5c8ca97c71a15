"""Script in what people write: it is shown as it was written, on the page, in the history, in records and headers."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fooo.catalog import Suggestion
from fooo.interface.i18n import read_languages
from fooo.interface.web.html.chips import chips_html
from fooo.interface.web.html.final_words import final_html, refused_html
from fooo.interface.web.html.notices import fetch_html, notice_html
from fooo.interface.web.html.top_bar import bar_html
from fooo.interface.web.html.wall import row_html, stage_html
from fooo.interface.web.view import Address, Finished, View
from fooo.plan import Plan
from fooo.record import read
from fooo.record.bounded import as_object, items
from tests.attacks.conftest import Login, Target, drawn_for

WORDS = read_languages()["en"]
EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "</textarea><svg/onload=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "javascript:alert(1)",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028</script><script>alert(1)//",
    "<style>@import'//evil.example'</style>",
    "<a href='//evil.example' ping='//evil.example'>x</a>",
    "\0<scr\0ipt>alert(1)</scr\0ipt>",
    "<base href=//evil.example>",
    "<form action=//evil.example><button>x",
    "]]><script>alert(1)</script>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
)
PlanOf = Callable[..., Plan]


class Structure(HTMLParser):
    """The tags of a text with the names of their attributes: what a browser would build."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def built(html: str) -> list[tuple[str, tuple[str, ...]]]:
    return Structure(html).found


def shown(prompt: str) -> str:
    """Everything on the page that tells of a picture with these words."""
    one = Finished(job="a", number=0, address=Address("/pictures/a/0.png", "/pictures/a/0/small.jpg"), name=prompt,
                   width=8, height=8, prompt=prompt, seed=1)  # fmt: skip
    view = View(finished=(one, one))
    return "".join(
        (
            stage_html(view, (), WORDS),
            stage_html(View(), (Suggestion(prompt, prompt),), WORDS),
            row_html(view, WORDS),
            notice_html(prompt, 1),
            chips_html([(prompt, prompt)], prompt, 1, WORDS),
            bar_html(WORDS, doing=[prompt]),
            refused_html(prompt, exactly=False, words=WORDS),
            fetch_html((), {"prompt": prompt}, WORDS),
        )
    )


@pytest.mark.parametrize("evil", EVIL)
def test_the_page_builds_the_same_whatever_the_words_are(evil: str) -> None:
    assert built(shown(evil)) == built(shown("a cat"))


@pytest.mark.parametrize("evil", EVIL)
def test_the_words_before_they_are_drawn_build_the_same(plan_of: PlanOf, evil: str) -> None:
    def told(prompt: str) -> str:
        plan = plan_of(prompt="x", exactly=True)
        spans = tuple(each.model_copy(update={"text": prompt}) for each in plan.shots[0].texts.positive_spans)
        texts = plan.shots[0].texts.model_copy(update={"positive_spans": spans, "styles": (prompt,), "words": prompt})
        plan = plan.model_copy(update={"shots": (plan.shots[0].model_copy(update={"texts": texts}),)})
        return final_html([plan], 1, typed="y", exactly=False, title_of=str, words=WORDS)

    assert built(told(evil)) == built(told("a cat"))


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in (*as_object(value).values(), *items(value)):
        yield from texts_in(each)


def test_the_running_page_shows_a_history_of_evil_words_as_words(house: Target, login: Login) -> None:
    for evil in EVIL[:6]:
        drawn_for(house, "ann", evil)
    page = login("ann")
    names = [event["api_name"] for event in page.get("/config").json()["dependencies"]]
    asked = {"data": list[str](), "fn_index": names.index("arrive"), "session_hash": "anns"}
    assert page.post("/gradio_api/queue/join", json=asked).status_code == 200
    messages: list[Any] = []
    with page.stream("GET", "/gradio_api/queue/data?session_hash=anns") as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                messages.append(json.loads(line.removeprefix("data:")))
                if messages[-1]["msg"] == "process_completed":
                    break
    found = [text for message in messages for text in texts_in(message) if "data-number" in text or "<figure" in text]
    assert any("alert(1)" in text for text in found), "the history is there"
    for text in found:
        for tag, names_of in built(text):
            assert tag not in {"script", "iframe", "svg", "math", "base", "form", "style", "object", "embed"}
            assert not [name for name in names_of if name.startswith("on") or name in {"srcdoc", "ping", "autofocus"}]


def test_the_policy_of_the_page_lets_nothing_in_from_elsewhere(alone: Target, visitor: httpx.Client) -> None:
    job = drawn_for(alone, "")
    for path in ("/", "/config", f"/pictures/{job.id}/0.png", "/nothing", "/sdapi/v1/options", "/api/v1/plan"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "object-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("evil", [evil for evil in EVIL if evil.isprintable() or "\u2028" in evil])
def test_a_picture_with_script_in_its_texts_is_a_picture(house: Target, login: Login, evil: str) -> None:
    job = drawn_for(house, "ann", evil)
    answer = login("ann").get(f"/pictures/{job.id}/0.png")
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (64, 64)
    name = job.pictures[0].path.name
    assert not set("<>\"'&/\\:|?*\0%{}$;") & set(name)


@pytest.mark.parametrize("evil", ["a\r\nSet-Cookie: x=1", "a\nX-Evil: 1", "a\r\n\r\n<script>", "a\u2028b", "\rb"])
def test_a_break_in_a_line_makes_no_header(house: Target, login: Login, evil: str) -> None:
    job = drawn_for(house, "ann", evil)
    answers = [
        login("ann").get(f"/pictures/{job.id}/0.png"),
        login("ann").get("/v1/models/" + evil.replace("\r", "%0d").replace("\n", "%0a")),
        login("ann").get("/login?x=" + evil.replace("\r", "%0d").replace("\n", "%0a")),
        login("ann").post("/api/v1/plan", json={"prompt": "x", "styles": [evil]}),
        login("ann").post("/sdapi/v1/txt2img", json={"prompt": "x", "sampler_name": evil}),
    ]
    for answer in answers:
        assert "x-evil" not in answer.headers
        assert "x=1" not in answer.headers.get("set-cookie", "")
    assert "\n" not in job.pictures[0].path.name
    assert "\r" not in job.pictures[0].path.name


@pytest.mark.parametrize("evil", ["a\0b", "a\x85b", "a\x1b[31m", "a\x7f"])
def test_words_that_cannot_be_printed_are_refused(login: Login, evil: str) -> None:
    assert login("ann").post("/api/v1/plan", json={"prompt": evil}).status_code == 422


@pytest.mark.parametrize("path", ["/%0d%0aX-Evil:%201", "/pictures/%0d%0aSet-Cookie:x=1/0.png", "/assets/%0aX-Evil:1",
                                  "/?a=%0d%0aX-Evil:1", "/logout?%0d%0aX-Evil:1"])  # fmt: skip
def test_a_break_in_an_address_makes_no_header(alone: Target, path: str) -> None:
    answer = alone.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    head = answer.split(b"\r\n\r\n", 1)[0].lower()
    assert b"\nx-evil" not in head
    assert b"\nset-cookie" not in head


@pytest.mark.parametrize("evil", EVIL)
def test_errors_repeat_no_script_as_html(login: Login, evil: str) -> None:
    for answer in (
        login("ann").post("/api/v1/plan", json={"prompt": "x", "styles": [evil]}),
        login("ann").post("/v1/images/generations", json={"prompt": "x", "model": evil}),
        login("ann").get("/sdapi/v1/nothing", params={"q": evil}),
    ):
        assert answer.status_code >= 400
        assert answer.headers["content-type"].startswith(("application/json", "text/plain"))


@pytest.mark.parametrize("evil", EVIL)
def test_a_login_that_fails_repeats_nothing_of_it(besieged: Target, evil: str) -> None:
    answer = httpx.post(f"{besieged.address}/login", data={"user": evil, "password": evil})
    assert answer.status_code in {401, 429}
    assert "alert(1)" not in answer.text
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("evil", EVIL)
def test_a_strangers_picture_is_read_as_words_and_nothing_is_run(evil: str) -> None:
    info = PngInfo()
    info.add_text("parameters", f"x {evil}\nSteps: 20, Sampler: Euler, Seed: 1, Size: 512x512, Model: {evil}")
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG", pnginfo=info)
    found = read(stream.getvalue())
    assert found
    said = " ".join((found.request.prompt, *(loss.said for loss in found.losses)))
    assert built(notice_html(said, 1)) == built(notice_html("x", 1))


def test_passwords_are_not_logged(besieged: Target, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        httpx.post(f"{besieged.address}/login", data={"user": "ann", "password": "a wrong guess of mine"})
        httpx.post(f"{besieged.address}/login", data={"user": "ann", "password": "ann's word"})
        httpx.get(f"{besieged.address}/v1/models", headers={"authorization": "Bearer ann:ann's word"})
    assert "wrong guess of mine" not in caplog.text
    assert "ann's word" not in caplog.text
