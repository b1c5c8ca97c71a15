"""What clients of OpenAI may ask for, as JSON or as a form with files."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from fooo.interface.http.foreign import Refused
from fooo.interface.http.foreign.given import checked

_MOST_FILES, _MOST_FIELDS = 16, 64
_NO_URL = "Fooo fetches no address; send the picture's file in a multipart form"


class ImagesAsked(BaseModel):
    """What is unknown here is passed over: most of it is about safety, billing and whose account it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt: str | None = None
    model: str | None = None
    n: Annotated[int, Field(ge=1, le=10)] | None = 1
    size: str | None = None
    quality: str | None = None
    response_format: Literal["url", "b64_json"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    background: str | None = None
    stream: bool | None = None


async def read_form(request: Request) -> tuple[ImagesAsked, bytes]:
    """What a form asks for, and the one picture in it.

    Raises:
        Refused: It is no such form, has none or several pictures, or a mask.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Refused(415, f"{_NO_URL}.", "image")
    try:
        async with request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS) as form:
            return _fields(form), await _picture(form)
    except (MultiPartException, KeyError):
        raise Refused(400, "This is no form with files.") from None


def _fields(form: FormData) -> ImagesAsked:
    texts = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    try:
        return ImagesAsked.model_validate(texts)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in detail["loc"])
        raise Refused(422, f"{field}: {detail['msg'][0].lower()}{detail['msg'][1:]}.", field) from None


async def _picture(form: FormData) -> bytes:
    if form.get("mask"):
        raise Refused(501, "mask: Fooo cannot inpaint yet; send the picture without a mask to vary all of it.", "mask")
    given = [*form.getlist("image"), *form.getlist("image[]")]
    if len(given) != 1:
        raise Refused(422, "image: send one picture in it.", "image")
    if not isinstance(given[0], UploadFile):
        raise Refused(422, f"image: {_NO_URL}.", "image")
    return checked(await given[0].read(), "image")
