"""A preset: a partial request with a name, and the files that it needs."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass as checked_dataclass

from fooo.catalog.about import About
from fooo.catalog.user_files import shortened
from fooo.request import Partial


def _within(path: str) -> str:
    """The path, where it stays in its folder on every system: presets are handed around, and files go where they say.

    Raises:
        ValueError: It does not.
    """
    if (
        any(part in {"", ".", ".."} for part in path.split("/"))
        or set(path) & set('\\:*?"<>|')
        or not path.isprintable()
    ):
        raise ValueError(f"{shortened(path)} is not a file's name")
    return path


SafePath = Annotated[str, Field(max_length=200), AfterValidator(_within)]


@checked_dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class PresetFile:
    """A file that a preset needs, and where it can be had.

    That is at `url`, as `path` in a hub's `repository`, or as `path` in a `package` of the package index.

    Attributes:
        folder: Below `models/`, such as "loras".
        name: What it is called there.
        bytes, sha256: As published; None where that is not known.
        licence: Of the model that it holds.
    """

    folder: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    name: SafePath
    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+/\S+$", max_length=2000)] | None = None
    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$", max_length=200)] | None = None
    package: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$")] | None = None
    path: SafePath | None = None
    bytes: Annotated[int, Field(gt=0)] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    licence: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _has_one_source(self) -> "PresetFile":
        sources = [self.url, self.repository, self.package]
        if sources.count(None) != 2 or (self.url is None) != (self.path is not None):
            raise ValueError("needs either a url, or a path in a repository or in a package")
        return self


@dataclass(frozen=True, slots=True)
class Preset:
    """What a preset file says.

    Attributes:
        partial: The fields of a request that it sets.
        about: For people, a sentence.
        licence: Of its models.
        files: What it needs; they may be missing.
        ignored: What of another program's preset means nothing here, a sentence each.
    """

    name: str
    partial: Partial
    about: About = field(default_factory=About)
    licence: str = ""
    files: tuple[PresetFile, ...] = ()
    ignored: tuple[str, ...] = ()
