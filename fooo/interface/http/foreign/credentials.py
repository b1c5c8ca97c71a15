"""Who asks, by the header that programs send: HTTP's Basic, or a key of the form `user:password`."""

import base64
import binascii
import hmac
import math
import secrets

from starlette.requests import Request

from fooo.interface.http.accounts import Tries
from fooo.interface.http.foreign.api import Refused

_MOST_REMEMBERED = 1000
_LONGEST = 4096
"""Characters of such a header."""


class HeaderLogin:
    """Remembers the headers that were right, so that not each message costs the time of a password's hash."""

    def __init__(self, tries: Tries) -> None:
        self._tries = tries
        self._secret = secrets.token_bytes(32)
        self._right: dict[bytes, str] = {}

    async def person(self, request: Request) -> str:
        """The user's name.

        Raises:
            Refused: Nobody has that name and password, or tried wrong ones too often.
        """
        header = request.headers.get("authorization", "")[:_LONGEST]
        digest = hmac.digest(self._secret, header.encode(), "sha256")
        if digest in self._right:
            return self._right[digest]
        user, password = _said(header)
        outcome = await self._tries.attempt(user, password, address=request.client.host if request.client else "")
        if outcome.wait:
            raise Refused(429, f"Too many wrong passwords; wait {math.ceil(outcome.wait)} s.")
        if not outcome.fits:
            raise Refused(401, "User and password do not fit; send yours by HTTP Basic or as the key user:password.")
        if len(self._right) >= _MOST_REMEMBERED:
            self._right.clear()
        self._right[digest] = user
        return user


def person_of(request: Request) -> str:
    """Who asks, as the gate found out; empty where nobody logs in."""
    return getattr(request.state, "person", "")


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
