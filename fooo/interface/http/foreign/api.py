"""An API that speaks as another program does, down to how it says no."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from fooo.errors import FoooError, RequestError
from fooo.interface.http.refusals import status_of

Handle = Callable[[Request], Awaitable[Response]]
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Refused(Exception):
    """What a client is told instead of an answer.

    Args:
        status: Of HTTP.
        sentence: For the person.
        field: The name of what is wrong, in the client's words or in ours.
    """

    def __init__(self, status: int, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.field = status, sentence, field

    @classmethod
    def because(cls, error: FoooError) -> "Refused":
        return cls(status_of(error), str(error), error.field if isinstance(error, RequestError) else None)


@dataclass(frozen=True, slots=True)
class ForeignApi:
    """Where it answers, how much it reads, how it says no.

    Attributes:
        paths: One that ends in a slash stands for what is below it.
        most_bytes: Of a message.
        say_no: The answer in the words of the program that it speaks as.
    """

    paths: tuple[str, ...]
    most_bytes: int
    say_no: Callable[[Refused], Response]

    def holds(self, path: str) -> bool:
        return any(path == each or (each.endswith("/") and path.startswith(each)) for each in self.paths)


def api_at(path: str, apis: Iterable[ForeignApi]) -> ForeignApi | None:
    """The one that answers there."""
    return next((api for api in apis if api.holds(path)), None)


def foreign_routes(api: ForeignApi, routes: Sequence[tuple[str, str, Handle]]) -> APIRouter:
    """The routes, each a method, a path and who answers; what else lies below the API's paths is not there.

    Without that last answer the page, which lies behind everything, would be asked.
    """
    router = APIRouter()
    for method, path, handle in routes:
        router.add_route(path, _answering(handle, api), methods=[method])

    async def nothing(request: Request) -> Response:
        raise Refused(404, f"Fooo has no {request.method} {request.url.path}.")

    for path in api.paths:
        rest = f"{path}{{rest:path}}" if path.endswith("/") else path
        router.add_route(rest, _answering(nothing, api), methods=[*_METHODS])
    return router


def _answering(handle: Handle, api: ForeignApi) -> Handle:
    async def answer(request: Request) -> Response:
        try:
            return await handle(request)
        except Refused as refused:
            return api.say_no(refused)
        except FoooError as error:
            return api.say_no(Refused.because(error))

    return answer
