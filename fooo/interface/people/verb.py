"""The verb `people`: says who may open the page, and as what."""

import getpass
import re
import sys
from pathlib import Path

from fooo.errors import RequestError, UnknownName
from fooo.interface.people.accounts import Account, new_password
from fooo.interface.people.auth_file import read_accounts, write_accounts
from fooo.interface.people.person import Person, Role

_NAME = re.compile(r"[^\W_][\w.@-]{0,39}")
_SHORTEST = 8
"""Characters of a password."""


def manage_people(action: str, name: str | None, *, guest: bool, file: Path) -> int:
    """Add, list or remove a person, or change a password; the exit code.

    Raises:
        RequestError: There is such a person already, or not; the name or the password will not do.
        FoooError: The file cannot be read or written.
    """
    accounts = read_accounts(file)
    if action == "list" or name is None:
        for each in accounts.values():
            _say(f"{each.person.name}  {each.person.role.value}")
        return 0
    match action:
        case "add":
            _check_new(name, accounts, guest=guest)
            person = Person(name, Role.GUEST if guest else Role.OWNER)
            accounts[name] = Account.of(person, _ask_password(name))
            said = f"{name} may log in, as {person.role.value}; one that runs without accounts is to be restarted."
        case "password":
            accounts[name] = Account.of(_known(name, accounts).person, _ask_password(name))
            said = f"{name} has a new password, and is logged out everywhere."
        case _:
            gone = _known(name, accounts)
            del accounts[name]
            _check_left(gone, accounts)
            said = f"{name} may not log in any more; their pictures stay where they are."
    write_accounts(file, accounts)
    _say(said)
    return 0


def _check_new(name: str, accounts: dict[str, Account], *, guest: bool) -> None:
    if not _NAME.fullmatch(name):
        raise RequestError("name", f"{name!r} will not do", "use up to 40 letters, digits and . _ - @, a letter first")
    if name.casefold() in {each.casefold() for each in accounts}:
        raise RequestError("name", f"there is a {name!r} already", "choose another, or change the password")
    if guest and not accounts:
        raise RequestError("--guest", "there is no owner yet", "add yourself first, without --guest")


def _known(name: str, accounts: dict[str, Account]) -> Account:
    if name not in accounts:
        raise UnknownName("name", name, accounts)
    return accounts[name]


def _check_left(gone: Account, accounts: dict[str, Account]) -> None:
    """Guests alone could change nothing any more."""
    owners = [each for each in accounts.values() if each.person.role is Role.OWNER]
    if accounts and not owners:
        raise RequestError("name", f"{gone.person.name} is the last owner", "remove the guests first")


def _ask_password(name: str) -> str:
    """Typed twice at a terminal, else a line of the input; made and shown where it is left empty."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"A password for {name} (leave it empty and one is made): ")
        if password and getpass.getpass("The same again: ") != password:
            raise RequestError("password", "the two are not the same", "try again")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        password = new_password()
        _say(f"The password of {name} is {password}")
    if len(password) < _SHORTEST:
        raise RequestError("password", "is too short", f"use at least {_SHORTEST} characters")
    return password


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
