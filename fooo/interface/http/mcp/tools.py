"""The tools: draw, upscale, describe_settings."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio.to_thread
from mcp_types import ContentBlock, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from fooo.catalog import BASES, Catalog, Sampler, Schedule
from fooo.errors import FoooError
from fooo.events import Step
from fooo.interface.http.foreign import Refused, drawn, keep_picture
from fooo.interface.http.mcp.asked import DescribeAsked, DrawAsked, UpscaleAsked
from fooo.interface.http.mcp.pictures import given_picture, shown
from fooo.interface.http.people import person_of
from fooo.plan.finish.upscalers import SHORT_NAMES
from fooo.record import parameters_text, read
from fooo.request import only_set_fields, read_request, wrong_field
from fooo.service import Fooo, Job

Asked = TypeVar("Asked", bound=BaseModel)

Report = Callable[[float, float], Awaitable[None]]
"""Tells the client how many steps are done, and of how many."""

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_DRAWS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)


class Tools:
    """What clients of the protocol may call; each answers with texts and pictures."""

    def __init__(self, program: Fooo) -> None:
        self._program = program

    def listed(self) -> list[Tool]:
        return [
            _tool("draw", "Draws pictures from words, or draws a picture anew in part.", DrawAsked, _DRAWS),
            _tool("upscale", "Makes a picture larger, with new fine detail.", UpscaleAsked, _DRAWS),
            _tool(
                "describe_settings",
                "Tells how a picture was made; without a picture, the names that `draw` knows.",
                DescribeAsked,
                _READS,
            ),
        ]

    async def call(self, name: str, arguments: dict[str, Any], request: Request, report: Report) -> list[ContentBlock]:
        """What the tool answers.

        Raises:
            Refused: There is no such tool, or it cannot do what is asked.
        """
        try:
            match name:
                case "draw":
                    return await self._draw(_read(DrawAsked, arguments), request, report)
                case "upscale":
                    return await self._upscale(_read(UpscaleAsked, arguments), request, report)
                case "describe_settings":
                    return await self._describe(_read(DescribeAsked, arguments), request)
                case _:
                    raise Refused(404, "Fooo has the tools draw, upscale and describe_settings.")
        except FoooError as error:
            raise Refused.because(error) from None

    async def _draw(self, asked: DrawAsked, request: Request, report: Report) -> list[ContentBlock]:
        said: dict[str, Any] = {
            "prompt": asked.prompt,
            "negative": asked.negative or None,
            "size": asked.size,
            "output": {"count": asked.count},
            "sampling": {"seed": asked.seed},
            "styles": asked.styles or None,
            "preset": asked.preset,
            "models": {"base": asked.model} if asked.model else None,
        }
        if asked.picture:
            picture = await keep_picture(
                self._program, await given_picture(self._program, asked.picture, person_of(request))
            )
            said["start"] = {"kind": "vary", "picture": picture, "strength": asked.strength}
        return await self._shown(said, request, report)

    async def _upscale(self, asked: UpscaleAsked, request: Request, report: Report) -> list[ContentBlock]:
        picture = await keep_picture(
            self._program, await given_picture(self._program, asked.picture, person_of(request))
        )
        said = {
            "start": {"kind": "keep", "picture": picture},
            "enlarge": {"by": asked.by, "upscaler": asked.upscaler, "repaint": 0.0},
        }
        return await self._shown(said, request, report)

    async def _shown(self, said: dict[str, Any], request: Request, report: Report) -> list[ContentBlock]:
        told = 0

        async def look(job: Job) -> None:
            nonlocal told
            last = job.events_so_far()[-1:]
            if last and isinstance(last[0], Step) and last[0].done > told:
                told = last[0].done
                await report(told, last[0].total)

        wish = read_request({name: value for name, value in said.items() if value is not None})
        job = await drawn(self._program, wish, person=person_of(request), gone=_never, look=look)
        return await shown(job, request)

    async def _describe(self, asked: DescribeAsked, request: Request) -> list[ContentBlock]:
        if asked.picture is None:
            return [TextContent(text=json.dumps(_names(self._program.catalog), ensure_ascii=False))]
        content = await given_picture(self._program, asked.picture, person_of(request))
        return [TextContent(text=await anyio.to_thread.run_sync(_how_made, content))]


async def _never() -> bool:
    """The protocol's server cancels a call whose client goes away."""
    return False


def _read(form: type[Asked], arguments: dict[str, Any]) -> Asked:
    """Raises: RequestError: An argument is wrong."""
    try:
        return form.model_validate(arguments)
    except ValidationError as error:
        raise wrong_field(error.errors()[0], form) from None


def _tool(name: str, description: str, asked: type[BaseModel], annotations: ToolAnnotations) -> Tool:
    schema = asked.model_json_schema()
    return Tool(name=name, description=description, input_schema=schema, annotations=annotations)


def _how_made(content: bytes) -> str:
    """Raises: UnreadableMetadata: What the picture says is broken."""
    found = read(content)
    if found is None:
        return "This picture does not say how it was made."
    if found.record:
        return parameters_text(found.record)
    return f"Made by {found.program.value}. {json.dumps(only_set_fields(found.request), ensure_ascii=False)}"


def _names(catalog: Catalog) -> dict[str, list[str]]:
    return {
        "models": [each.name for each in catalog.models.values() if each.kind in BASES],
        "presets": list(catalog.presets),
        "styles": list(catalog.styles),
        "samplers": [each.label for each in Sampler],
        "schedules": [each.label for each in Schedule],
        "upscalers": [*SHORT_NAMES, *catalog.upscalers],
        "loras": list(catalog.loras),
    }
