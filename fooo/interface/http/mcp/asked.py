"""What a tool is asked for; the schemas that clients read are made from these."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Picture = Annotated[
    str,
    Field(description="A picture's address at this server, as `draw` answers it, or its PNG, JPEG or WebP as base64."),
]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DrawAsked(_Asked):
    prompt: Annotated[str, Field(min_length=1, description="What is to be seen, in plain words.")]
    negative: Annotated[str, Field(description="What is not to be seen.")] = ""
    size: Annotated[str | None, Field(description="`1024x1024`, `16:9`, `portrait 3:4`. Unset: the model's own.")] = (
        None
    )
    count: Annotated[int, Field(ge=1, le=10, description="How many pictures.")] = 1
    seed: Annotated[int, Field(ge=-1, lt=2**63, description="The same seed draws the same again; -1: any.")] = -1
    styles: Annotated[tuple[str, ...], Field(description="Names that `describe_settings` tells.")] = ()
    preset: Annotated[str | None, Field(description="A name that `describe_settings` tells.")] = None
    model: Annotated[str | None, Field(description="A name that `describe_settings` tells.")] = None
    picture: Annotated[Picture | None, Field(description="A picture to draw anew in part.")] = None
    strength: Annotated[float, Field(gt=0, le=1, description="How much of that picture is drawn anew.")] = 0.5


class UpscaleAsked(_Asked):
    picture: Picture
    by: Annotated[float, Field(gt=1, le=8, description="How many times as wide and high.")] = 2.0
    upscaler: Annotated[str | None, Field(description="`photo`, `drawing` or `quick`. Unset: the one that suits.")] = (
        None
    )


class DescribeAsked(_Asked):
    picture: Annotated[Picture | None, Field(description="Unset: what can be chosen here is described.")] = None
