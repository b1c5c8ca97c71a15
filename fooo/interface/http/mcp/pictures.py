"""Pictures as they come and go over the protocol."""

import base64
import re
from pathlib import Path

import anyio.to_thread
from mcp_types import ContentBlock, ImageContent, TextContent
from starlette.requests import Request

from fooo.errors import BadPicture
from fooo.events import ShotDone
from fooo.image.picture_files import read_picture
from fooo.interface.http.foreign import kept_file, own_address, picture_content
from fooo.interface.http.pictures import picture_address
from fooo.interface.people import Person
from fooo.record import picture_bytes
from fooo.request import FileFormat
from fooo.service import Fooo, Job

_ADDRESS = re.compile(
    r"(?:https?://[^/\s]{1,255})?/pictures/(?P<job>[0-9a-f]{32})/(?P<number>\d{1,4})\.(?:png|jpg|webp)"
)


async def given_picture(program: Fooo, said: str, person: Person) -> bytes:
    """The file that is meant. An address is looked up among the jobs that the person sees, and never fetched.

    Raises:
        Refused: It is neither a picture of this run nor one as base64.
    """
    if found := _ADDRESS.fullmatch(said.strip()):
        path = kept_file(program, found["job"], int(found["number"]), person)
        return await anyio.to_thread.run_sync(path.read_bytes)
    return picture_content(said, "picture")


async def shown(job: Job, request: Request) -> list[ContentBlock]:
    """The finished pictures: each small enough for a conversation, with the address of the file itself."""
    told: list[ContentBlock] = []
    for number, done in enumerate(job.pictures):
        address = own_address(request, picture_address(job, number)[0])
        told.append(TextContent(text=f"{address} (seed {done.record.shot.seed}, {done.record.shot.size})"))
        told.append(await anyio.to_thread.run_sync(_as_jpeg, done))
    return told or [TextContent(text="It was stopped before the first picture was finished.")]


def _as_jpeg(done: ShotDone) -> ContentBlock:
    try:
        content = picture_bytes(read_picture(done.path).picture, done.record, FileFormat.JPEG)
    except BadPicture:
        return TextContent(text=f"The file {Path(done.path).name} was moved or removed.")
    return ImageContent(data=base64.b64encode(content).decode(), mime_type="image/jpeg")
