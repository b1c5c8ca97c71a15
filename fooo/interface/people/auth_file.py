"""`auth.json`: the accounts that outlive a run. Only its owner may read it; it is never half written."""

import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from fooo.errors import FoooError
from fooo.interface.people.accounts import Account
from fooo.interface.people.person import Person, Quota, Role
from fooo.interface.people.private_file import write_private

log = logging.getLogger(__name__)

_MOST_BYTES = 2**20
_Amount = Annotated[int, Field(ge=0)]


class _QuotaSaid(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    pictures_a_day: _Amount = Quota().pictures_a_day
    waiting_jobs: _Amount = Quota().waiting_jobs
    most_pixels: _Amount = Quota().most_pixels
    most_steps: _Amount = Quota().most_steps


class _AccountSaid(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Role
    salt: Base64Bytes
    scrypt: Base64Bytes
    quota: _QuotaSaid = _QuotaSaid()


class _FileSaid(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = 1
    people: dict[str, _AccountSaid] = {}


class AuthFile:
    """The accounts of a file by name, read again whenever it changes. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._accounts: Mapping[str, Account] = {}

    def read(self) -> Mapping[str, Account]:
        """What it holds now; nothing where it is gone or broken, which is logged."""
        try:
            state = self.path.stat()
        except OSError:
            return {}
        seen = (state.st_mtime_ns, state.st_size, state.st_ino)
        if seen != self._seen:
            try:
                self._accounts = read_accounts(self.path)
            except FoooError as error:
                log.error("%s Until then nobody of it can log in.", error)
                self._accounts = {}
            self._seen = seen
        return self._accounts


def read_accounts(path: Path) -> dict[str, Account]:
    """The accounts by name; none where there is no file.

    Raises:
        FoooError: It cannot be read, or is no such file.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FoooError(f"The accounts in {path} cannot be read ({error.strerror}); look at its rights.") from None
    try:
        said = _FileSaid.model_validate_json(content)
    except (ValidationError, RecursionError):
        raise FoooError(f"The accounts in {path} are damaged; move the file away and add them anew.") from None
    return {
        name: Account(Person(name, each.role, Quota(**each.quota.model_dump())), each.salt, each.scrypt)
        for name, each in said.people.items()
    }


def write_accounts(path: Path, accounts: Mapping[str, Account]) -> None:
    """Write them in place of what was there, for the owner's eyes alone.

    Raises:
        FoooError: The folder cannot be written.
    """
    people = {name: _said(account) for name, account in sorted(accounts.items())}
    content = json.dumps({"version": 1, "people": people}, indent=2, ensure_ascii=False).encode()
    write_private(path, content, "The accounts")


def _said(account: Account) -> dict[str, Any]:
    person = account.person
    said = {
        "role": person.role.value,
        "salt": base64.b64encode(account.salt).decode(),
        "scrypt": base64.b64encode(account.digest).decode(),
    }
    return said | ({"quota": asdict(person.quota)} if person.role is Role.GUEST else {})
