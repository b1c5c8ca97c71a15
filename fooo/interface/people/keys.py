"""Keys with which programs ask in a person's name: `keys.json`, which holds none of them, only what they hash to.

A key is 256 random bits, which nobody guesses however fast the hash is: a slow one, as passwords need, would only cost
each message its time.
"""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Base64Bytes, BaseModel, ConfigDict

from fooo.interface.people.private_file import WatchedFile, read_private, write_private

KEY_FILE = "keys.json"
"""Its name, in the folder of the accounts."""

BEGINS = "fooo_"


@dataclass(frozen=True, slots=True)
class Key:
    """Args: name: What it is for. person: In whose name it asks. salt, digest: Of the key itself."""

    name: str
    person: str
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, person: str, key: str) -> "Key":
        salt = secrets.token_bytes(16)
        return cls(name, person, salt, _digest(key, salt))

    def fits(self, key: str) -> bool:
        return hmac.compare_digest(_digest(key, self.salt), self.digest)


class KeyFile:
    """The keys of a file, read again whenever it changes. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._keys = WatchedFile(path, read_keys, "Until then no key is known.")

    def person(self, key: str) -> str | None:
        """In whose name the key asks; None where it is none, or was removed."""
        return next((each.person for each in self._keys.read().values() if each.fits(key)), None)


class _KeySaid(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    person: str
    salt: Base64Bytes
    sha256: Base64Bytes


class _FileSaid(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = 1
    keys: dict[str, _KeySaid] = {}


def new_key() -> str:
    """A key that there was never before."""
    return f"{BEGINS}{secrets.token_urlsafe(32)}"


def key_in(headers: Mapping[str, str]) -> str | None:
    """The key that a message brings, in `X-API-Key` or as a bearer's token; None where it brings none."""
    if key := headers.get("x-api-key"):
        return key.strip()
    scheme, _, said = headers.get("authorization", "").partition(" ")
    said = said.strip()
    return said if scheme.lower() == "bearer" and said.startswith(BEGINS) and ":" not in said else None


def read_keys(path: Path) -> dict[str, Key]:
    """The keys by name; none where there is no file.

    Raises:
        FoooError: It cannot be read, or is no such file.
    """
    said = read_private(path, _FileSaid, what="The keys", mend="make new ones")
    return {name: Key(name, each.person, each.salt, each.sha256) for name, each in said.keys.items()}


def write_keys(path: Path, keys: Mapping[str, Key]) -> None:
    """Write them in place of what was there, for the owner's eyes alone.

    Raises:
        FoooError: The folder cannot be written.
    """
    said = {
        each.name: {"person": each.person, "salt": _text(each.salt), "sha256": _text(each.digest)}
        for each in sorted(keys.values(), key=lambda each: each.name)
    }
    content = json.dumps({"version": 1, "keys": said}, indent=2, ensure_ascii=False).encode()
    write_private(path, content, "The keys")


def _digest(key: str, salt: bytes) -> bytes:
    return hmac.digest(salt, key.encode(errors="surrogatepass"), "sha256")


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
