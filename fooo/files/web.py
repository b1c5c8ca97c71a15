"""One way to open an address: never unencrypted, no token to strangers, failures parted into passing and final."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

import httpx

import fooo
from fooo.catalog.known_models.links import HUB
from fooo.settings import NetworkSettings

_SILENCE = 20.0
"""Seconds without a byte, after which a connection counts as cut; also how late a stop may be heard on such a one."""

_MOST_REDIRECTS = 10
_LONGEST_WAIT = 60.0
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class TryAgainError(Exception):
    """It failed in a way that may pass. Args: seconds: What the server asks to wait; None where it does not say."""

    def __init__(self, problem: str, seconds: float | None = None) -> None:
        super().__init__(problem)
        self.problem, self.seconds = problem, seconds


class RefusedError(Exception):
    """It failed for good. Args: problem, hint: Parts of a sentence, after the file's name."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem, self.hint = problem, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server sends.

    Attributes:
        start: Where in the file the bytes begin.
        total: Bytes of the whole file; None where the server does not say.
        sha256: As the hub announces it; None of other servers.
        version: Changes when the file does; None where the server does not say.
        name: What the server calls the file, as it is: do not trust it.
        is_page: Whether it is a web page.
        chunks: The bytes, as they come. Raises TryAgainError.
    """

    start: int
    total: int | None
    sha256: str | None
    version: str | None
    name: str | None
    is_page: bool
    chunks: Iterator[bytes]


class Web:
    """Connections of one download.

    Args:
        network: How the network may be used.
        patience: Seconds without a byte, after which a connection counts as cut.

    Raises:
        RefusedError: The program is offline, or the proxy's address is unusable.
    """

    def __init__(self, network: NetworkSettings, *, patience: float = _SILENCE) -> None:
        if network.offline:
            raise RefusedError("was not fetched: Fooo is offline", "start without --offline, or copy the file there")
        self._network = network
        self._hub_is_encrypted = urlsplit(network.hub).scheme == "https"
        headers = {"User-Agent": f"fooo/{fooo.__version__}", "Accept-Encoding": "identity"}
        try:
            self._client = httpx.Client(timeout=patience, headers=headers)
        except (ImportError, ValueError) as error:
            problem = f"was not fetched: the proxy cannot be used ({error})"
            raise RefusedError(problem, "mend HTTPS_PROXY and ALL_PROXY") from None

    def __enter__(self) -> "Web":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @contextmanager
    def get(self, url: str, *, start: int = 0, end: int | None = None) -> Generator[Reply]:
        """The bytes at an address, of the hub or, where one is set, of its mirror.

        Args:
            url: As from `source_url`.
            start: First byte that is wanted; a server may send all the same.
            end: Last byte that is wanted; None: all.

        Raises:
            TryAgainError: The connection failed or was cut, or the server is busy.
            RefusedError: The address is wrong, or the server will not give the file.
        """
        wanted = {"Range": f"bytes={start}-{'' if end is None else end}"}
        with _sorted_failures(urlsplit(url).netloc):
            request = self._client.build_request("GET", self._mirrored(url), headers=wanted)
            response, announced = self._follow(request)
            try:
                _check(response)
                yield _read(response, announced)
            finally:
                response.close()

    def _mirrored(self, url: str) -> str:
        return f"{self._network.hub}{url.removeprefix(HUB)}" if url.startswith(f"{HUB}/") else url

    def _follow(self, request: httpx.Request) -> tuple[httpx.Response, dict[str, str]]:
        """The last answer, unread, with what the hub announced on the way to it."""
        announced: dict[str, str] = {}
        for _ in range(_MOST_REDIRECTS):
            self._prepare(request)
            response = self._client.send(request, stream=True)
            announced |= {name: text for name, text in response.headers.items() if name.startswith("x-linked-")}
            if response.next_request is None:
                return response, announced
            response.close()
            request = response.next_request
        raise RefusedError("was not fetched: the server sends from address to address", "look at the link")

    def _prepare(self, request: httpx.Request) -> None:
        """Before each request, those of redirects too: only encrypted, and the token for its own host alone."""
        encrypted = request.url.scheme == "https"
        # who sets a hub without encryption, as in their own network, wants what it points to as well
        if not encrypted and self._hub_is_encrypted:
            raise RefusedError(f"was not fetched: {request.url.host} does not encrypt", "use an https address")
        request.headers.pop("Authorization", None)
        host = request.url.netloc.decode("ascii")
        if token := self._network.tokens.get(host):
            request.headers["Authorization"] = f"Bearer {token}"


@contextmanager
def _sorted_failures(host: str) -> Generator[None]:
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise RefusedError("was not fetched: its address is none", "look at the link") from None
    except httpx.TimeoutException:
        raise TryAgainError(f"{host} does not answer") from None
    except httpx.ConnectError as error:
        if "CERTIFICATE_VERIFY" in str(error):
            hint = "look at this machine's clock, and at its proxy"
            raise RefusedError(f"was not fetched: {host} cannot prove who it is", hint) from None
        raise TryAgainError(f"{host} cannot be reached") from None
    except httpx.TransportError:
        raise TryAgainError(f"the connection to {host} was cut") from None


def _check(response: httpx.Response) -> None:
    """Raises: TryAgainError, RefusedError: The server does not give the file."""
    host, status = response.url.host, response.status_code
    match status:
        case 200 | 206:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise RefusedError(f"was not fetched: {host} sends it packed", "use another address")
        case 401 | 403:
            hint = "accept its licence on its page, and set HF_TOKEN (for Civitai, CIVITAI_TOKEN) to your access token"
            raise RefusedError(f"was not fetched: {host} gives it only to who is logged in ({status})", hint)
        case 404 | 410:
            raise RefusedError(f"was not fetched: {host} has no such file ({status})", "look at the link")
        case _ if status in {408, 429} or status >= 500:
            raise TryAgainError(f"{host} is in trouble ({status})", _retry_after(response))
        case _:
            raise RefusedError(f"was not fetched: {host} answers {status}", "look at the link")


def _retry_after(response: httpx.Response) -> float | None:
    said = response.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_WAIT) if said.isdecimal() else None


def _read(response: httpx.Response, announced: dict[str, str]) -> Reply:
    headers = response.headers
    part = _RANGE.fullmatch(headers.get("Content-Range", "")) if response.status_code == 206 else None
    length = headers.get("Content-Length") if part is None else part[2]
    total = length if length and length.isdecimal() else announced.get("x-linked-size", "")
    digest = announced.get("x-linked-etag", "").strip('"').lower()
    return Reply(
        start=int(part[1]) if part else 0,
        total=int(total) if total.isdecimal() else None,
        sha256=digest if _SHA256.fullmatch(digest) else None,
        version=headers.get("ETag") or headers.get("Last-Modified"),
        name=_file_name(headers.get("Content-Disposition", "")),
        is_page=headers.get("Content-Type", "").startswith("text/html"),
        chunks=response.iter_raw(),
    )


def _file_name(disposition: str) -> str | None:
    message = Message()
    message["Content-Disposition"] = disposition
    return message.get_filename()
