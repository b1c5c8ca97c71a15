"""A server whose folder holds pictures of earlier runs: the host's and Ann's, who is an owner, and Bob's, a guest."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fooo.app import make_application
from fooo.interface.http import Hosts
from fooo.interface.people import Account, Person, Role
from fooo.interface.people.auth_file import write_accounts
from fooo.record import Record
from fooo.service import Fooo
from fooo.settings import ServeSettings
from tests.record.history.pictures import keep

HERE = "http://127.0.0.1:7865"
SECRET = "a long secret"

LogIn = Callable[[str], TestClient]


@pytest.fixture
def outputs(program: Fooo, record: Record) -> Path:
    folder = program.archive.folder
    keep(folder, record, "nobody's apple", made=datetime(2026, 1, 1, 1))
    keep(folder, record, "ann's boat", made=datetime(2026, 1, 1, 2), person="ann")
    keep(folder, record, "bob's castle", made=datetime(2026, 1, 1, 3), person="bob")
    return folder


@pytest.fixture
def client(program: Fooo, outputs: Path) -> Generator[TestClient]:
    del outputs
    with _asking(program, ServeSettings()) as client:
        yield client


@pytest.fixture
def log_in(program: Fooo, outputs: Path, tmp_path: Path) -> Generator[LogIn]:
    file = tmp_path / "people.json"
    people = (Person("ann"), Person("bob", Role.GUEST), Person("eve", Role.GUEST))
    write_accounts(file, {each.name: Account.of(each, SECRET) for each in people})
    del outputs
    with _asking(program, ServeSettings(auth=file)) as client:

        def as_person(name: str) -> TestClient:
            client.cookies.clear()
            answer = client.post("/login", data={"user": name, "password": SECRET}, follow_redirects=False)
            assert answer.status_code == 303
            return client

        yield as_person


@contextmanager
def _asking(program: Fooo, serving: ServeSettings) -> Iterator[TestClient]:
    with TestClient(make_application(program, serving, Hosts("127.0.0.1")), base_url=HERE) as client:
        yield client
