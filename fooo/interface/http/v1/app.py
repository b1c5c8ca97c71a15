"""The API put together: its routes, how it says no, and the document that describes it."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Mount

import fooo
from fooo.errors import FoooError
from fooo.interface.http.foreign import Refused
from fooo.interface.http.v1.catalog import catalog_routes
from fooo.interface.http.v1.events import HEARTBEAT_SECONDS, Streams, event_routes
from fooo.interface.http.v1.feed import feed_routes
from fooo.interface.http.v1.jobs import job_routes
from fooo.interface.http.v1.models import model_routes
from fooo.interface.http.v1.monitoring import monitoring_routes
from fooo.interface.http.v1.pictures import picture_routes
from fooo.interface.http.v1.problems import (
    V1_PATH,
    answer_error,
    answer_http,
    answer_invalid,
    answer_refused,
    refuses,
)
from fooo.interface.http.v1.queue import queue_routes
from fooo.service import Fooo

_ABOUT = """\
Ask for pictures, see how far they are, fetch them. A request is the same object everywhere: here, in a preset, on the
command line with --json, and inside every picture. Fields that are left out are decided for you; POST /plan says how.

Where the page asks for a password, so does this: by HTTP Basic, or with a key of `python launch.py keys add NAME`.
You see your own jobs."""

_SCHEMES = {
    "password": {"type": "http", "scheme": "basic", "description": "User and password of the page."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, or user:password."},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key, as fooo_..."},
}


class _Api(FastAPI):
    """Describes itself with its ways to log in; `{}` is for a server on which nobody does."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                routes=self.routes,
                servers=[{"url": V1_PATH}],
                tags=self.openapi_tags,
            )
            document["components"]["securitySchemes"] = _SCHEMES
            document["security"] = [*({name: []} for name in _SCHEMES), {}]
            self.openapi_schema = document
        return self.openapi_schema


def v1_mount(program: Fooo, *, heartbeat: float = HEARTBEAT_SECONDS) -> Mount:
    """The API in its place. Args: heartbeat: Seconds after which a silent stream of events says something."""
    mount = Mount(V1_PATH, _app(program, heartbeat))
    # also a path with a line break in it is ours to refuse
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


def _app(program: Fooo, heartbeat: float) -> FastAPI:
    app = _Api(
        title="Fooo",
        version=fooo.__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        # these come before a route is reached
        responses=refuses(401, 422, 429),
        exception_handlers={
            FoooError: answer_error,
            Refused: answer_refused,
            HTTPException: answer_http,
            RequestValidationError: answer_invalid,
        },
    )
    streams = Streams(heartbeat)
    for router in (
        job_routes(program),
        event_routes(program, streams),
        feed_routes(program, streams),
        picture_routes(program),
        queue_routes(program),
        catalog_routes(program),
        model_routes(program),
        monitoring_routes(program, streams),
    ):
        app.include_router(router)
    return app


def _name(route: APIRoute) -> str:
    """What generated clients call a route."""
    return route.name
