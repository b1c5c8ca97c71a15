"""`auth.json`: the accounts that outlive a run. Only its owner may read it; it is never half written."""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from fooo.interface.people.accounts import Account
from fooo.interface.people.person import Person, Quota, Role
from fooo.interface.people.private_file import WatchedFile, read_private, write_private

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


class AuthFile(WatchedFile[Account]):
    """The accounts of a file by name."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, read_accounts, "Until then nobody of it can log in.")


def read_accounts(path: Path) -> dict[str, Account]:
    """The accounts by name; none where there is no file.

    Raises:
        FoooError: It cannot be read, or is no such file.
    """
    said = read_private(path, _FileSaid, what="The accounts", mend="add them anew")
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
