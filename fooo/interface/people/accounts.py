"""Who may log in: names, roles, and salted scrypt hashes of passwords; the passwords themselves are not kept."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from fooo.interface.people.person import Person

COST, BLOCK, LANES = 2**14, 8, 1
"""Of scrypt (RFC 7914), OWASP's smallest fitting set for logins: 16 MB and some 50 ms a try."""


@dataclass(frozen=True, slots=True)
class Account:
    """Args: person: Whose it is. salt, digest: Of the password."""

    person: Person
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, person: Person, password: str) -> "Account":
        salt = secrets.token_bytes(16)
        return cls(person, salt, _digest(password, salt))

    def fits(self, password: str) -> bool:
        return hmac.compare_digest(_digest(password, self.salt), self.digest)


class Accounts:
    """Those that were given for one run, who are owners, and those that are kept.

    Args:
        given: User and password of each.
        kept: Gives those of the file by name, as they are now.
    """

    def __init__(
        self, given: Iterable[tuple[str, str]] = (), kept: "Callable[[], Mapping[str, Account]]" = dict[str, Account]
    ) -> None:
        self._given = {user: Account.of(Person(user), password) for user, password in given}
        self._kept = kept
        self._nobody = Account(Person(), secrets.token_bytes(16), secrets.token_bytes(64))

    def __bool__(self) -> bool:
        return bool(self._given or self._kept())

    def get(self, user: str) -> Account | None:
        """The account of that name, as it is now."""
        return self._given.get(user) or self._kept().get(user)

    def fit(self, user: str, password: str) -> Account | None:
        """The account, if the password is its own. Takes as long for a user that there is not."""
        account = self.get(user)
        fits = (account or self._nobody).fits(password)
        return account if fits else None


def new_password() -> str:
    """A password that nobody guesses: 96 random bits, in 16 characters that can be typed."""
    return secrets.token_urlsafe(12)


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(errors="surrogatepass"), salt=salt, n=COST, r=BLOCK, p=LANES)
