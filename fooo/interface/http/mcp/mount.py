"""The protocol's server, put into ours."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import FastAPI
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, PaginatedRequestParams, TextContent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import fooo
from fooo.interface.http.foreign import ForeignApi, Refused
from fooo.interface.http.mcp.tools import Tools
from fooo.service import Fooo

_PATH = "/mcp"
_MOST_BYTES = 64 * 2**20
"""Enough for a large picture as base64."""
_SERVER_ERROR = -32000
"""The first of the codes that JSON-RPC leaves to servers."""


def say_no(refused: Refused) -> Response:
    """The error as its clients read it."""
    headers = {"WWW-Authenticate": 'Basic realm="Fooo"'} if refused.status == 401 else None
    error = {"code": _SERVER_ERROR, "message": refused.sentence}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, refused.status, headers)


MCP = ForeignApi(paths=(_PATH,), most_bytes=_MOST_BYTES, say_no=say_no)


class McpMount:
    """Answers at `/mcp` while the server runs. No session is kept: each message brings all that is needed."""

    def __init__(self, program: Fooo) -> None:
        server = _make_server(Tools(program))
        # who may ask is decided before anything reaches this
        self._manager = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=_MOST_BYTES)

    @property
    def route(self) -> Route:
        return Route(_PATH, StreamableHTTPASGIApp(self._manager))

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncGenerator[None]:
        async with self._manager.run():
            yield


def _make_server(tools: Tools) -> Server:
    async def list_tools(_context: ServerRequestContext, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools.listed())

    async def call_tool(context: ServerRequestContext, params: CallToolRequestParams) -> CallToolResult:
        async def report(done: float, total: float) -> None:
            await context.session.report_progress(done, total)

        request = cast(Request, context.request)  # over HTTP every message comes with its own
        try:
            return CallToolResult(content=await tools.call(params.name, params.arguments or {}, request, report))
        except Refused as refused:
            return CallToolResult(content=[TextContent(text=refused.sentence)], is_error=True)

    return Server("Fooo", version=fooo.__version__, on_list_tools=list_tools, on_call_tool=call_tool)
