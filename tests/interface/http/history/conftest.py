"""A server whose folder holds pictures of earlier runs: the host's and Ann's, who is an owner, and Bob's, a guest."""

from collections.abc import Generator
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fooo.interface.people import Person, Role
from fooo.record import Record
from fooo.service import Fooo
from tests.interface.http.asking import LogIn, asking, asking_as
from tests.record.history.pictures import keep


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
    with asking(program) as client:
        yield client


@pytest.fixture
def log_in(program: Fooo, outputs: Path) -> Generator[LogIn]:
    del outputs
    with asking_as(program, (Person("ann"), Person("bob", Role.GUEST), Person("eve", Role.GUEST))) as log_in:
        yield log_in
