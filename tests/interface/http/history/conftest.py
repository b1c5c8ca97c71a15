"""A server whose folder holds pictures of earlier runs: the host's and Ann's, who is an owner, and Bob's, a guest."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fooo.interface.http import Hosts, make_server
from fooo.interface.i18n import read_languages
from fooo.interface.people import Account, Accounts, Person, Role
from fooo.record import Record
from fooo.service import Fooo
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
    with _asking(program, Accounts()) as client:
        yield client


@pytest.fixture
def log_in(program: Fooo, outputs: Path) -> Generator[LogIn]:
    people = (Person("ann"), Person("bob", Role.GUEST), Person("eve", Role.GUEST))
    accounts = {each.name: Account.of(each, SECRET) for each in people}
    del outputs
    with _asking(program, Accounts((), lambda: accounts)) as client:

        def as_person(name: str) -> TestClient:
            client.cookies.clear()
            answer = client.post("/login", data={"user": name, "password": SECRET}, follow_redirects=False)
            assert answer.status_code == 303
            return client

        yield as_person


@contextmanager
def _asking(program: Fooo, accounts: Accounts) -> Generator[TestClient]:
    """Our own routes behind their gates, without the page."""
    server = make_server(
        program,
        hosts=Hosts("127.0.0.1"),
        accounts=accounts,
        tongues=read_languages(),
        language=None,
        open_paths=(),
        upload_path="/upload",
        upload_folder=program.archive.folder / "uploads",
        asset_path="/assets/",
    )
    with TestClient(server, base_url=HERE) as client:
        yield client
