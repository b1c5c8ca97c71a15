"""Who may log in, and how often a stranger may guess."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import anyio
import anyio.to_thread

_FREE_TRIES = 3
_LONGEST_WAIT = 60.0
"""Seconds between two tries at most: long for a program that guesses, bearable for a person."""

_MOST_REMEMBERED = 10_000
_SESSION_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class _Hash:
    salt: bytes
    digest: bytes

    @staticmethod
    def of(password: str, salt: bytes) -> "_Hash":
        # RFC 7914 and OWASP's smallest fitting set for logins: 16 MB and some 50 ms a try
        return _Hash(salt, hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1))


class Accounts:
    """Users and salted scrypt hashes of their passwords; the passwords themselves are not kept."""

    def __init__(self, accounts: Iterable[tuple[str, str]]) -> None:
        self._hashes = {user: _Hash.of(password, secrets.token_bytes(16)) for user, password in accounts}
        self._nobody = _Hash(secrets.token_bytes(16), secrets.token_bytes(64))

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def fit(self, user: str, password: str) -> bool:
        """Whether they belong together. Takes as long for a user that there is not."""
        known = self._hashes.get(user, self._nobody)
        return hmac.compare_digest(_Hash.of(password, known.salt).digest, known.digest)


class Patience:
    """Makes who guesses wrong wait: after three free tries 1 s, then 2, 4, ... up to a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait(self, *names: str) -> float:
        """Seconds until any of the names (an address, a user) may try again; 0: now."""
        return max((self._wait_of(name) for name in names), default=0.0)

    def wrong(self, *names: str) -> None:
        if len(self._wrong) > _MOST_REMEMBERED:
            self._wrong.clear()
        for name in names:
            tries, _ = self._wrong.get(name, (0, 0.0))
            self._wrong[name] = (tries + 1, self._clock())

    def right(self, *names: str) -> None:
        for name in names:
            self._wrong.pop(name, None)

    def _wait_of(self, name: str) -> float:
        tries, last = self._wrong.get(name, (0, 0.0))
        if tries < _FREE_TRIES:
            return 0.0
        pause = min(_LONGEST_WAIT, 2.0 ** (tries - _FREE_TRIES))
        return max(0.0, last + pause - self._clock())


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a try to log in. Args: wait: Seconds until the next try; 0: it was tried."""

    fits: bool
    wait: float = 0.0


class Tries:
    """Tries a name and a password, wherever they came from; who guesses is made to wait."""

    def __init__(self, accounts: Accounts, patience: Patience) -> None:
        self._accounts, self._patience = accounts, patience
        # one try at a time: each takes 16 MB and a core
        self._one = anyio.Lock()

    async def attempt(self, user: str, password: str, *, address: str) -> Outcome:
        """Args: address: Where from."""
        names = (f"at {address}", f"as {user}")
        async with self._one:
            if wait := self._patience.wait(*names):
                return Outcome(fits=False, wait=wait)
            fits = await anyio.to_thread.run_sync(self._accounts.fit, user, password)
            (self._patience.right if fits else self._patience.wrong)(*names)
            return Outcome(fits)


class Sessions:
    """Who is logged in, by a random token; forgotten when the server ends."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, tuple[str, float]] = {}

    def begin(self, user: str = "") -> str:
        now = self._clock()
        self._open = {token: (user, end) for token, (user, end) in self._open.items() if end > now}
        token = secrets.token_urlsafe(32)
        self._open[token] = (user, now + _SESSION_SECONDS)
        return token

    def user(self, token: str | None) -> str | None:
        """Who has that token; None where nobody has."""
        user, end = self._open.get(token or "", ("", 0.0))
        return user if end > self._clock() else None

    def holds(self, token: str | None) -> bool:
        return self.user(token) is not None

    def end(self, token: str | None) -> None:
        self._open.pop(token or "", None)


def new_password() -> str:
    """A password that nobody guesses: 96 random bits, in 16 characters that can be typed."""
    return secrets.token_urlsafe(12)
