"""Who asks, by the header that programs send: HTTP's Basic, or a key of the form `user:password`."""

import base64
import binascii
import hmac
import math
import secrets
from collections.abc import Callable

from starlette.requests import Request

from fooo.interface.http.accounts import Tries
from fooo.interface.http.foreign.api import Refused
from fooo.interface.people import Account
from fooo.interface.people.keys import KeyFile, key_in

_MOST_REMEMBERED = 1000
_LONGEST = 4096
"""Characters of such a header."""


class HeaderLogin:
    """Remembers the headers that were right, so that not each message costs the time of a password's hash.

    Args:
        tries: At names and passwords.
        current: The account of a name as it is now: what was right with an old password is forgotten.
        keys: With which programs ask in a person's name; None: there are none.
    """

    def __init__(self, tries: Tries, current: Callable[[str], Account | None], keys: KeyFile | None = None) -> None:
        self._tries, self._current, self._keys = tries, current, keys
        self._secret = secrets.token_bytes(32)
        self._right: dict[bytes, Account] = {}

    async def account(self, request: Request) -> Account:
        """Whose header it is.

        Raises:
            Refused: Nobody has that name and password, or tried wrong ones too often.
        """
        if key := key_in(request.headers):
            return self._holder(key[:_LONGEST])
        header = request.headers.get("authorization", "")[:_LONGEST]
        digest = hmac.digest(self._secret, header.encode(), "sha256")
        known = self._right.get(digest)
        if known and self._current(known.person.name) == known:
            return known
        user, password = _said(header)
        outcome = await self._tries.attempt(user, password, address=request.client.host if request.client else "")
        if outcome.wait:
            raise Refused(429, f"Too many wrong passwords; wait {math.ceil(outcome.wait)} s.")
        if outcome.account is None:
            raise Refused(401, "User and password do not fit; send yours by HTTP Basic or as the key user:password.")
        if len(self._right) >= _MOST_REMEMBERED:
            self._right.clear()
        self._right[digest] = outcome.account
        return outcome.account

    def lasts(self, request: Request, account: Account) -> bool:
        """Whether the header that was right for the account still is."""
        key = key_in(request.headers)
        if key and (self._keys is None or self._keys.person(key[:_LONGEST]) != account.person.name):
            return False
        return self._current(account.person.name) == account

    def _holder(self, key: str) -> Account:
        """Raises: Refused: There is no such key, or its person may not log in any more."""
        account = self._current(self._keys.person(key) or "") if self._keys else None
        if account is None:
            raise Refused(401, "This key is not known; make one with: python launch.py keys add NAME.")
        return account


def _said(header: str) -> tuple[str, str]:
    """User and password.

    Raises:
        Refused: The header says neither.
    """
    scheme, _, said = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            said = base64.b64decode(said.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            said = ""
    user, colon, password = said.strip().partition(":")
    if scheme.lower() not in {"basic", "bearer"} or not colon:
        raise Refused(401, "Log in first: send user and password by HTTP Basic, or as the key user:password.")
    return user, password
