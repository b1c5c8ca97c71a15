"""Our own routes behind their gates, without the page and without a port."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from starlette.testclient import TestClient

from fooo.interface.http import Hosts, make_server
from fooo.interface.i18n import read_languages
from fooo.interface.people import Account, Accounts, Person
from fooo.service import Fooo

HERE = "http://127.0.0.1:7865"
SECRET = "a long secret"

LogIn = Callable[[str], TestClient]
"""Gives the client, logged in as the person of that name."""


@contextmanager
def asking(program: Fooo, accounts: Accounts | None = None) -> Generator[TestClient]:
    """A client of a server. Args: accounts: None: nobody logs in."""
    server = make_server(
        program,
        hosts=Hosts("127.0.0.1"),
        accounts=accounts or Accounts(),
        tongues=read_languages(),
        language=None,
        open_paths=(),
        upload_path="/upload",
        upload_folder=program.archive.folder / "uploads",
        asset_path="/assets/",
    )
    with TestClient(server, base_url=HERE) as client:
        yield client


@contextmanager
def asking_as(program: Fooo, people: Iterable[Person]) -> Generator[LogIn]:
    """The same of a server that lets these people in."""
    accounts = {each.name: Account.of(each, SECRET) for each in people}
    with asking(program, Accounts((), lambda: accounts)) as client:

        def as_person(name: str) -> TestClient:
            client.cookies.clear()
            answer = client.post("/login", data={"user": name, "password": SECRET}, follow_redirects=False)
            assert answer.status_code == 303
            return client

        yield as_person
