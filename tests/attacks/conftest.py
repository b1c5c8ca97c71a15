"""A running server for a family: an owner and a guest log in, the engine is a fake, and there is a secret beside it."""

import socket
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from fooo.catalog import Catalog
from fooo.engine import FakeEngine
from fooo.interface.people import Account, Person, Quota, Role
from fooo.interface.people.auth_file import write_accounts
from fooo.record import Archive
from fooo.request import read_request
from fooo.service import Fooo, Job
from fooo.settings import ServeSettings
from tests.conftest import DRAWN_SEED
from tests.interface.http.serving import served

SECRET = "the secret of the house"
QUOTA = Quota(pictures_a_day=6, waiting_jobs=2, most_pixels=512 * 512, most_steps=20)


@dataclass(frozen=True)
class Target:
    """What is attacked. Args: folder: Holds `outputs`, `auth.json`, and a secret that nothing may give out."""

    address: str
    program: Fooo
    folder: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def raw(self, sent: bytes, *, seconds: float = 5.0) -> bytes:
        """What comes back to bytes that no client would send; all of it, or what came within the seconds."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as line:
            chunks: list[bytes] = []
            try:
                line.sendall(sent)
                while chunk := line.recv(65536):
                    chunks.append(chunk)
            except OSError:  # it goes on, or was cut off
                pass
        return b"".join(chunks)

    def status(self, sent: bytes) -> int:
        """Of the answer to such bytes, as soon as it begins; 0: there was none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(sent)
            head = line.recv(16).split()
        return int(head[1]) if len(head) > 1 else 0


Login = Callable[[str], httpx.Client]


@pytest.fixture(scope="session")
def house(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Behind a login: ann is the owner, gil and gus are guests. Nobody guesses here, so nobody is made to wait."""
    yield from _behind_a_login(catalog, tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def besieged(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The same once more, for those who guess: whoever comes after them may have to wait."""
    yield from _behind_a_login(catalog, tmp_path_factory.mktemp("besieged"))


def _behind_a_login(catalog: Catalog, folder: Path) -> Iterator[Target]:
    (folder / "secret.txt").write_text(SECRET)
    people = (Person("ann"), Person("gil", Role.GUEST, QUOTA), Person("gus", Role.GUEST, QUOTA))
    write_accounts(folder / "auth.json", {each.name: Account.of(each, f"{each.name}'s word") for each in people})
    yield from _serve(catalog, folder, ServeSettings(auth=folder / "auth.json"))


@pytest.fixture(scope="session")
def alone(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Without a login, as on one's own machine."""
    folder = tmp_path_factory.mktemp("alone")
    (folder / "secret.txt").write_text(SECRET)
    yield from _serve(catalog, folder, ServeSettings())


def _serve(catalog: Catalog, folder: Path, serving: ServeSettings) -> Iterator[Target]:
    program = Fooo(
        catalog=lambda: catalog,
        make_engine=FakeEngine,
        archive=Archive(folder / "outputs"),
        draw_seed=lambda: DRAWN_SEED,
    )
    with served(program, serving) as address:
        yield Target(address, program, folder)
    program.close()


@pytest.fixture(scope="session")
def login(house: Target) -> Generator[Login]:
    """A browser of a person who has logged in."""
    clients: dict[str, httpx.Client] = {}

    def client_of(name: str) -> httpx.Client:
        if name not in clients:
            clients[name] = httpx.Client(base_url=house.address, timeout=30)
            answer = clients[name].post("/login", data={"user": name, "password": f"{name}'s word"})
            assert answer.status_code == 303
        return clients[name]

    yield client_of
    for client in clients.values():
        client.close()


@pytest.fixture
def stranger(house: Target) -> Generator[httpx.Client]:
    with httpx.Client(base_url=house.address, timeout=30) as client:
        yield client


@pytest.fixture
def visitor(alone: Target) -> Generator[httpx.Client]:
    """Whoever sits at the machine where nobody logs in."""
    with httpx.Client(base_url=alone.address, timeout=30) as client:
        yield client


def drawn_for(target: Target, person: str, prompt: str = "a cat") -> Job:
    """A finished job of a person."""
    asked = {"prompt": prompt, "sampling": {"steps": 1}, "size": {"width": 64, "height": 64}}
    job = target.program.submit(read_request(asked), person=person)
    list(job.events())
    return job
