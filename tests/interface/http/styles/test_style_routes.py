"""What the page is told of styles: how they look, and which of them a person likes."""

from collections.abc import Generator

import numpy as np
import pytest
from starlette.testclient import TestClient

from fooo.image import Picture
from fooo.interface.people import Person, Role
from fooo.service import Fooo
from fooo.service.styles import StylePictures, style_id
from tests.interface.http.asking import LogIn, asking, asking_as

GREY = Picture(np.full((64, 64, 3), 90, np.uint8))


@pytest.fixture
def client(program: Fooo) -> Generator[TestClient]:
    with asking(program) as client:
        yield client


@pytest.fixture
def log_in(program: Fooo) -> Generator[LogIn]:
    with asking_as(program, (Person("ann"), Person("eve", Role.GUEST))) as log_in:
        yield log_in


def like(client: TestClient, style: str, *, favourite: bool = True) -> int:
    return client.post("/api/styles/favourite", json={"style": style, "favourite": favourite}).status_code


def liked(client: TestClient) -> list[str]:
    return client.get("/api/styles").json()["favourites"]


def test_the_pictures_that_ship_are_given_and_asked_for_once(client: TestClient, program: Fooo) -> None:
    answer = client.get("/api/styles")
    told = answer.json()
    assert {*told["pictures"]} == {*program.catalog.style_pictures}
    assert str(program.archive.folder) not in answer.text
    first = client.get(told["pictures"]["Line Art"])
    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp")
    assert first.content == program.catalog.style_pictures["Line Art"].read_bytes()
    assert "immutable" in first.headers["cache-control"]
    same = client.get(told["pictures"]["Line Art"], headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


def test_a_picture_that_was_drawn_here_is_given_under_an_address_of_its_own(client: TestClient, program: Fooo) -> None:
    style = program.catalog.styles["Macro"]
    drawn = StylePictures.beside(program.archive.folder)
    drawn.keep(style, "a" * 64, GREY)
    first = client.get("/api/styles").json()["pictures"]["Macro"]
    assert client.get(first).status_code == 200
    drawn.keep(style, "b" * 64, Picture(np.full((64, 32, 3), 9, np.uint8)))
    assert client.get("/api/styles").json()["pictures"]["Macro"] != first


@pytest.mark.parametrize("asked", ["0" * 24, "..%2f..%2fsecret", "Line%20Art", ""])
def test_what_is_no_style_has_no_picture(client: TestClient, asked: str) -> None:
    assert client.get(f"/api/styles/{asked}/picture").status_code in {404, 400, 307}


def test_a_style_without_a_picture_is_told_without_one(client: TestClient, program: Fooo) -> None:
    assert "Macro" not in client.get("/api/styles").json()["pictures"]
    assert client.get(f"/api/styles/{style_id(program.catalog.styles['Macro'])}/picture").status_code == 404


def test_favourites_are_kept_and_taken_back(client: TestClient) -> None:
    assert liked(client) == []
    assert like(client, "macro") == 200
    assert liked(client) == ["Macro"]
    assert like(client, "Macro", favourite=False) == 200
    assert liked(client) == []


def test_a_style_that_there_is_not_is_no_favourite(client: TestClient) -> None:
    assert like(client, "no such style") == 422
    assert liked(client) == []


def test_everybody_has_favourites_of_their_own_and_strangers_are_told_nothing(log_in: LogIn) -> None:
    ann = log_in("ann")
    assert like(ann, "Macro") == 200
    assert liked(log_in("eve")) == []
    assert liked(log_in("ann")) == ["Macro"]
    ann.cookies.clear()
    assert ann.get("/api/styles", follow_redirects=False).status_code in {303, 401}
