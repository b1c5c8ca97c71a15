"""The verb `keys`: gives programs keys, and takes them away again."""

import sys
from pathlib import Path

from fooo.errors import RequestError, UnknownName
from fooo.interface.people.auth_file import read_accounts
from fooo.interface.people.keys import KEY_FILE, Key, new_key, read_keys, write_keys

_LONGEST = 80


def manage_keys(action: str, name: str | None, *, person: str | None, accounts: Path) -> int:
    """Add, list or remove a key; the exit code. A server that runs knows of it at once.

    Args:
        action: "add", "list" or "remove".
        name: Of the key.
        person: In whose name it asks; None: the person of the key's own name.
        accounts: The file of those who may log in; the keys lie beside it.

    Raises:
        RequestError: There is such a key already, or not; or nobody of that name may log in.
        FoooError: A file cannot be read or written.
    """
    file = accounts.with_name(KEY_FILE)
    keys = read_keys(file)
    if action == "list" or name is None:
        for each in keys.values():
            print(f"{each.name}  for {each.person}")
        return 0
    if action == "add":
        _add(name, person or name, keys, file, accounts)
        return 0
    if name not in keys:
        raise UnknownName("name", name, keys)
    del keys[name]
    write_keys(file, keys)
    print(f"The key {name} is removed.")
    return 0


def _add(name: str, person: str, keys: dict[str, Key], file: Path, accounts: Path) -> None:
    if not name.isprintable() or len(name) > _LONGEST:
        raise RequestError("name", f"{name!r} will not do", f"use up to {_LONGEST} letters, digits and spaces")
    if name in keys:
        raise RequestError("name", f"there is a key {name!r} already", "choose another name, or remove it first")
    people = read_accounts(accounts)
    # without any, those of --auth may log in, whom this file does not know
    if people and person not in people:
        raise UnknownName("--for", person, people)
    key = new_key()
    write_keys(file, {**keys, name: Key.of(name, person, key)})
    print(key)
    print(f"This is the key {name} for {person}, shown this once: send it as X-API-Key, or as Bearer.", file=sys.stderr)
