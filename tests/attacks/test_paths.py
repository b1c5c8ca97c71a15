"""Path traversal, symlinks, and routes that would read any file."""

from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from fooo.errors import FoooError
from fooo.interface.http.people import picture_for
from fooo.interface.people import HOST
from fooo.record import Archive
from fooo.record.archive import person_folder
from fooo.request import read_request
from fooo.service import open_queue
from tests.attacks.conftest import SECRET, Target, drawn_for

UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "%252e%252e%252f", "..\\", "..%5c", "%c0%ae%c0%ae/", "..%c0%af", "．．/",
      "..;/", "....//", "/", "%00/", "..%00/")  # fmt: skip
PLACES = ("pictures/", "pictures/0/", "assets/", "static/", "svelte/", "gradio_api/upload/", "api/v1/pictures/", "")
READERS = ("file=", "file/", "proxy=", "stream/", "custom_component/", "api/", "component_server/", "call/", "run/")


@pytest.mark.parametrize("up", UP)
@pytest.mark.parametrize("place", PLACES)
def test_no_way_up_leads_to_a_file(alone: Target, up: str, place: str) -> None:
    for name in ("secret.txt", "etc/passwd"):
        target = f"/{place}{up * 8}{name}".encode()
        head = (
            b"GET "
            + quote(target, safe="/%\\;=").encode()
            + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )
        answer = alone.raw(head)
        assert answer.split()[1] in {b"400", b"403", b"404", b"405", b"422", b"307"}, answer[:200]
        assert SECRET.encode() not in answer
        assert b"root:" not in answer


@pytest.mark.parametrize("reader", READERS)
def test_gradios_own_readers_are_shut(alone: Target, visitor: httpx.Client, reader: str) -> None:
    kept = drawn_for(alone, "").pictures[0].path
    for path in (alone.folder / "secret.txt", kept, "/etc/passwd", "http://127.0.0.1:1/", "../auth.json"):
        for written in (str(path), quote(str(path), safe="")):
            for method in ("GET", "POST", "HEAD"):
                assert visitor.request(method, f"/gradio_api/{reader}{written}").status_code == 404, (reader, written)
                assert visitor.request(method, f"/{reader}{written}").status_code == 404


def test_what_tells_that_the_server_is_back_tells_nothing_else(visitor: httpx.Client) -> None:
    told = visitor.get("/gradio_api/app_id").json()
    assert list(told) == ["app_id"]
    assert told["app_id"] == visitor.get("/config").json()["app_id"]


def test_a_link_put_in_a_pictures_place_is_not_followed(alone: Target, visitor: httpx.Client) -> None:
    job = drawn_for(alone, "")
    path = job.pictures[0].path
    assert visitor.get(f"/pictures/{job.id}/0.png").status_code == 200
    path.unlink()
    path.symlink_to(alone.folder / "secret.txt")
    for rest in ("0.png", "0/small.jpg"):
        answer = visitor.get(f"/pictures/{job.id}/{rest}")
        assert answer.status_code == 404
        assert SECRET not in answer.text
    assert picture_for(alone.program, job.id, 0, HOST) is None


def test_a_linked_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.png").write_bytes(b"x")
    archive = Archive(tmp_path / "outputs")
    archive.check_writable()
    (tmp_path / "outputs" / "day").symlink_to(tmp_path / "elsewhere")
    assert not archive.holds(tmp_path / "outputs" / "day" / "a.png")
    assert not archive.holds(tmp_path / "outputs" / ".." / "elsewhere" / "a.png")


def test_what_is_linked_into_the_outputs_is_not_listed_after_a_crash(tmp_path: Path, alone: Target) -> None:
    outputs = tmp_path / "outputs"
    (outputs / "2026-01-01").mkdir(parents=True)
    (outputs / "2026-01-01" / "2026-01-01_a.png").symlink_to(drawn_for(alone, "").pictures[0].path)
    (outputs / "queue").write_bytes(b"damaged")
    queue = open_queue(outputs / "queue", outputs)
    assert queue.stored() == ()
    queue.close()


@pytest.mark.parametrize(
    "name",
    ["..", "../x", "/etc", "C:\\x", "con", "NUL", "a/b", "a\\b", "", ".hidden", "2026-11-22", "x" * 300, "a\0b",
     "a\nb", "\u202eevil", "~", "-rf", "lpt1", " ", "a:b", "\ud800"],
)  # fmt: skip
def test_a_persons_name_never_leads_out_of_the_outputs(tmp_path: Path, name: str) -> None:
    folder = person_folder(name)
    assert (tmp_path / folder).resolve().parent == tmp_path.resolve() or name == ""
    assert len(folder) < 80
    assert not folder.startswith(".")
    (tmp_path / folder).mkdir(exist_ok=True)
    if name:
        assert [each.name for each in tmp_path.iterdir()] == [folder]


def test_two_people_never_share_a_folder() -> None:
    names = ["a b", "a-b", "a/b", "a\\b", "a:b", "a", "A b", "..", "...", "/", "con", "Con"]
    assert len({person_folder(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["../evil", "..\\evil", "/etc/evil", "evil\0", "a/../../evil", "%2e%2e/evil"])
def test_an_uploads_name_chooses_no_place(alone: Target, visitor: httpx.Client, name: str) -> None:
    kept = drawn_for(alone, "").pictures[0].path.read_bytes()
    form = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="'
        + name.encode()
        + b'.png"\r\nContent-Type: image/png\r\n\r\n'
        + kept
        + b"\r\n--x--\r\n"
    )
    answer = visitor.post(
        "/gradio_api/upload", content=form, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    if answer.status_code == 200:
        (put,) = (Path(each) for each in answer.json())
        assert "evil" in put.name or put.is_file()
        assert not {"..", "etc"} & set(put.parts)
        put.unlink()
    else:
        assert answer.status_code in {400, 403, 404, 415, 422}
    assert not (alone.folder / "evil.png").exists()


@pytest.mark.parametrize("said", ["../x", "/etc/passwd", "0" * 63, "g" * 64, "..\\x", "http://127.0.0.1/x"])
def test_a_picture_to_begin_with_is_named_by_its_content_alone(alone: Target, said: str) -> None:
    with pytest.raises(FoooError):
        alone.program.submit(read_request({"prompt": "x", "start": {"kind": "vary", "picture": said}}))
