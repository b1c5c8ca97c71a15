"""The application that carries the page: our own routes, and the three gates before everything."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from fooo.interface.http.accounts import Patience
from fooo.interface.http.assets import Assets
from fooo.interface.http.downloads import DOWNLOADS_PATH, download_routes
from fooo.interface.http.foreign import ForeignLimits, api_at
from fooo.interface.http.guard import Doors, Guard, Hosts
from fooo.interface.http.history import HISTORY_PATH, history_routes
from fooo.interface.http.install import INSTALL_PATHS, install_routes
from fooo.interface.http.limits import Limits
from fooo.interface.http.login import LOGIN_PATH, LOGOUT_PATH, Gate
from fooo.interface.http.mcp import MCP, McpMount
from fooo.interface.http.openai import OPENAI, openai_routes
from fooo.interface.http.pictures import PREFIX, picture_routes
from fooo.interface.http.styles import STYLES_PATH, style_routes
from fooo.interface.http.v1 import HEALTH_PATHS, V1, v1_mount
from fooo.interface.http.webui import WEBUI, webui_routes
from fooo.interface.i18n import Tongues
from fooo.interface.people import Accounts
from fooo.interface.people.keys import KeyFile
from fooo.service import Fooo

_FOREIGN = (V1, WEBUI, OPENAI, MCP)


def make_server(
    program: Fooo,
    *,
    hosts: Hosts,
    accounts: Accounts,
    keys: KeyFile | None = None,
    tongues: Tongues,
    language: str | None,
    open_paths: Sequence[str],
    upload_path: str,
    upload_folder: Path,
    asset_path: str,
) -> FastAPI:
    """The application, without the page yet.

    `accounts` says who may log in; where there is none now, nobody has to, for this run; `keys`, which keys
    they gave to programs. `open_paths` is
    what of the page answers: everything else that is put on the server stays closed. `upload_path` is where it takes
    files, which then lie in `upload_folder`, and below `asset_path` lie its own.
    """
    mcp = McpMount(program)
    server = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=mcp.lifespan)
    server.include_router(picture_routes(program))
    server.include_router(download_routes(program, tongues=tongues, language=language))
    server.include_router(history_routes(program))
    server.include_router(style_routes(program))
    server.include_router(install_routes())
    server.router.routes.append(v1_mount(program))
    server.include_router(webui_routes(program))
    server.include_router(openai_routes(program))
    server.router.routes.append(mcp.route)
    # the last one added is the first one asked
    server.add_middleware(Assets, prefix=asset_path)
    server.add_middleware(
        Limits,
        upload_path=upload_path,
        upload_folder=upload_folder,
        elsewhere=lambda path: bool(api_at(path, _FOREIGN)),
    )
    server.add_middleware(ForeignLimits, apis=_FOREIGN)
    if accounts:
        server.add_middleware(
            Gate,
            accounts=accounts,
            patience=Patience(),
            tongues=tongues,
            language=language,
            apis=_FOREIGN,
            keys=keys,
            free=(*HEALTH_PATHS, *INSTALL_PATHS),
        )
    gate = (LOGIN_PATH, LOGOUT_PATH) if accounts else ()
    below = (DOWNLOADS_PATH, HISTORY_PATH, STYLES_PATH)
    ours = (PREFIX, *INSTALL_PATHS, *below, *(f"{path}/" for path in below))
    foreign = tuple(path for api in _FOREIGN for path in api.paths)
    server.add_middleware(Guard, hosts=hosts, doors=Doors((*open_paths, *ours, *foreign, *gate)))
    return server
