"""How often a stranger may guess, who is logged in, and how many streams of events a person holds open."""

import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fooo.interface.people import Account, Accounts

_FREE_TRIES = 3
_LONGEST_WAIT = 60.0
"""Seconds between two tries at most: long for a program that guesses, bearable for a person."""

_MOST_REMEMBERED = 10_000
_MOST_WAITING = 20
"""Tries that wait for their turn: a second's worth."""
_SESSION_SECONDS = 30 * 24 * 3600

MOST_STREAMS = 100
"""That one person may hold open: a tenth of the connections that the server takes. An open page has two or three."""


class Patience:
    """Makes who guesses wrong wait: after three free tries 1 s, then 2, 4, ... up to a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, tuple[int, float]] = {}
        """How often and when last, the oldest first."""

    def wait(self, *names: str) -> float:
        """Seconds until any of the names (an address, a user) may try again; 0: now."""
        return max((self._wait_of(name) for name in names), default=0.0)

    def wrong(self, *names: str) -> None:
        for name in names:
            tries, _ = self._wrong.pop(name, (0, 0.0))
            self._wrong[name] = (tries + 1, self._clock())
        while len(self._wrong) > _MOST_REMEMBERED:
            del self._wrong[next(iter(self._wrong))]

    def right(self, *names: str) -> None:
        for name in names:
            self._wrong.pop(name, None)

    def _wait_of(self, name: str) -> float:
        tries, last = self._wrong.get(name, (0, 0.0))
        if tries < _FREE_TRIES:
            return 0.0
        pause = min(_LONGEST_WAIT, 2.0 ** min(tries - _FREE_TRIES, 10))
        return max(0.0, last + pause - self._clock())


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a try to log in. Args: account: None: they do not fit. wait: Seconds until the next try; 0: it was tried."""

    account: Account | None
    wait: float = 0.0


class Tries:
    """Tries a name and a password, wherever they came from; who guesses is made to wait.

    Counted by address and by user. A stranger who guesses all day keeps a user waiting with that, but not one whose
    browser has been logged in before: it brings a mark of its own, and its tries are counted alone.
    """

    def __init__(self, accounts: Accounts, patience: Patience) -> None:
        self._accounts, self._patience = accounts, patience
        # one try at a time: each takes 16 MB and a core
        self._one = anyio.Lock()

    async def attempt(self, user: str, password: str, *, address: str, mark: str = "") -> Outcome:
        """Args: address: Where from. mark: What `mark_for` gave the browser, if it has."""
        account = self._accounts.get(user)
        if account and is_mark_of(account, mark):
            names = (f"by {mark}",)
        else:
            names = (f"at {network_of(address)}", f"as {user}")
        if self._one.statistics().tasks_waiting >= _MOST_WAITING:
            return Outcome(None, wait=1.0)
        async with self._one:
            if wait := self._patience.wait(*names):
                return Outcome(None, wait=wait)
            found = await anyio.to_thread.run_sync(self._accounts.fit, user, password)
            (self._patience.right if found else self._patience.wrong)(*names)
            return Outcome(found)


class Sessions:
    """Who is logged in, by a random token; forgotten when the server ends, or when the account is another one.

    Args:
        current: The account of a name as it is now: a new password ends what the old one began.
        clock: In seconds.
    """

    def __init__(self, current: Callable[[str], Account | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._current, self._clock = current, clock
        self._open: dict[str, tuple[Account, float]] = {}

    def begin(self, account: Account) -> str:
        now = self._clock()
        self._open = {token: (whose, end) for token, (whose, end) in self._open.items() if end > now}
        token = secrets.token_urlsafe(32)
        self._open[token] = (account, now + _SESSION_SECONDS)
        return token

    def account(self, token: str | None) -> Account | None:
        """Whose token it is; None where it is nobody's any more."""
        account, end = self._open.get(token or "", (None, 0.0))
        if account is None or end <= self._clock() or self._current(account.person.name) != account:
            return None
        return account

    def end(self, token: str | None) -> None:
        self._open.pop(token or "", None)


@dataclass(frozen=True, slots=True)
class Visit:
    """Args: name: Of who is let in. lasts: Whether they still would be: the session, key or password is what it was."""

    name: str
    lasts: Callable[[], bool]


class Streams:
    """The streams of events that people hold open: each ends with its visit, and nobody takes all of them.

    Nothing is sent into a stream whose visit is over. It ends with a logout, and else at the next thing that it was to
    say, which is some seconds later at most: a silent stream says that it is still there.

    Args:
        most: That one person may hold open.
    """

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._open: list[_Watched] = []

    def carry(self, app: ASGIApp, visit: Visit, refusal: ASGIApp) -> ASGIApp:
        """The same application for a visit. Args: refusal: What answers for a stream that would be one too many."""

        async def carried(scope: Scope, receive: Receive, send: Send) -> None:
            watched = _Watched(visit, send, self._enter)
            try:
                with watched.inside:
                    await app(scope, receive, watched.send)
            finally:
                if watched in self._open:
                    self._open.remove(watched)
            if watched.refused:
                await refusal(scope, receive, send)
            elif watched.is_over:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        return carried

    def end_what_is_over(self) -> None:
        """At once, and not at what they were to say next."""
        for watched in self._open:
            if not watched.visit.lasts():
                watched.end()

    def _enter(self, watched: "_Watched") -> bool:
        """Whether one more stream of that person may be open."""
        if sum(other.visit.name == watched.visit.name for other in self._open) >= self._most:
            return False
        self._open.append(watched)
        return True


@dataclass(eq=False, slots=True)
class _Watched:
    """An answer on its way, which may be a stream.

    Attributes:
        visit: Whose it is.
        forward: Where it goes.
        enter: Asked whether a stream may be open.
        inside: What gives the answer runs in it, and ends with it.
        refused: It would have been one stream too many, and nothing of it was sent.
        is_over: It was a stream, and was ended.
    """

    visit: Visit
    forward: Send
    enter: "Callable[[_Watched], bool]"
    inside: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    is_stream: bool = False
    refused: bool = False
    is_over: bool = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message.get("headers", [])).get("content-type", "")
            self.is_stream = kind.startswith("text/event-stream")
            self.refused = self.is_stream and not self.enter(self)
        elif self.is_stream and not self.visit.lasts():
            self.end()
        if self.refused or self.is_over:
            self.inside.cancel()
            await anyio.lowlevel.checkpoint()  # it is left here
            return
        await self.forward(message)

    def end(self) -> None:
        self.is_over = True
        self.inside.cancel()


def mark_for(account: Account) -> str:
    """What a browser is given that has logged in; nobody can make one without the account's hash."""
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{_signed(account, nonce)}"


def is_mark_of(account: Account, mark: str) -> bool:
    nonce, _, signed = mark.partition(".")
    return hmac.compare_digest(_signed(account, nonce).encode(), signed.encode(errors="replace"))


def network_of(address: str) -> str:
    """The address, or, of one of IPv6, the network that one household has: it holds as many as one likes."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return address
    return str(known.ipv4_mapped or ipaddress.ip_network(f"{known}/64", strict=False))


def _signed(account: Account, nonce: str) -> str:
    return hmac.digest(account.digest, nonce.encode(errors="replace"), "sha256").hex()
