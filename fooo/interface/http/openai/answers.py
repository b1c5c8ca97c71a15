"""What OpenAI answers, and how it says no."""

import time
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fooo.events import ShotDone
from fooo.image.picture_files import read_picture
from fooo.interface.http.foreign import Refused, as_base64, own_address
from fooo.interface.http.openai.asked import ImagesAsked
from fooo.interface.http.pictures import picture_address
from fooo.record import picture_bytes
from fooo.request import FileFormat
from fooo.service import Job

_CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}
_OURS = 500


def say_no(refused: Refused) -> Response:
    """The error as its clients read it.

    What cannot be done is told as 400, as there; and nobody is to try again by himself: the job would be drawn anew.
    """
    status = 400 if refused.status in {422, 501, 424, 410} else refused.status
    kind = "server_error" if status >= _OURS else "invalid_request_error"
    code = "model_not_found" if status == 404 and refused.field == "model" else _CODES.get(status)
    told = {"message": refused.sentence, "type": kind, "param": refused.field, "code": code}
    headers = {"x-should-retry": "false"} | ({"WWW-Authenticate": 'Basic realm="Fooo"'} if status == 401 else {})
    return JSONResponse({"error": told}, status, headers)


def images_answer(job: Job, asked: ImagesAsked, request: Request) -> dict[str, Any]:
    """The finished pictures of a job, as a client wants them: who does not say how gets the address and the file.

    Raises:
        Refused: A file was moved or removed.
    """
    file_format = FileFormat(asked.output_format or "png")
    data: list[dict[str, str]] = []
    for number, done in enumerate(job.pictures):
        one: dict[str, str] = {}
        if asked.response_format != "b64_json" and file_format is FileFormat.PNG:
            one["url"] = own_address(request, picture_address(job, number)[0])
        if asked.response_format != "url":
            one["b64_json"] = as_base64(_in_format(done, file_format))
        data.append(one)
    return {"created": int(time.time()), "data": data, "output_format": file_format.value}


def model_answer(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "fooo"}


def _in_format(done: ShotDone, file_format: FileFormat) -> bytes | Path:
    """The kept file, or the same picture in another format."""
    if file_format is FileFormat.PNG or not done.path.is_file():
        return done.path
    return picture_bytes(read_picture(done.path).picture, done.record, file_format)
