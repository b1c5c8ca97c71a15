"""The model files: those that are here, those that are missing, and how they get here."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request as Asking

from fooo.catalog import Catalog
from fooo.catalog.known_models import missing_files, preset_files
from fooo.catalog.shelf import kind_of
from fooo.interface.http.people import person_of
from fooo.interface.http.v1.jobs import AskedRequest
from fooo.interface.http.v1.problems import MissingFile, refuses
from fooo.interface.people import Deed, check_may
from fooo.service import Download, DownloadState, Fooo


class ModelTold(BaseModel):
    """A model file, or a folder of them."""

    name: str = Field(description="As a request names it.")
    kind: str = Field(examples=["sdxl base", "LoRA"])
    title: str | None = Field(default=None, description="What it calls itself.")
    bytes: int | None = Field(default=None, description="Null of a folder.")


class MissingTold(MissingFile):
    preset: str = Field(description="That needs it.")
    folder: str = Field(description="Below models/, where it belongs.")


class ModelList(BaseModel):
    models: list[ModelTold]
    missing: list[MissingTold] = Field(description="Published files that presets need and that are not here.")


class DownloadTold(BaseModel):
    """How far a file is."""

    name: str
    folder: str
    licence: str
    state: DownloadState
    done: int = Field(description="Bytes that are here.")
    total: int | None = Field(description="Bytes of the whole file; null while that is not known.")
    seconds_left: float | None
    error: str | None = Field(description="Why it failed, in a sentence.")


class DownloadList(BaseModel):
    downloads: list[DownloadTold]


class FileName(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200, description="Of a download.")]


def model_routes(program: Fooo) -> APIRouter:
    """Routes below `/models` and `/downloads`. Nothing can be fetched but what a preset or our table names."""
    router = APIRouter(tags=["models"])

    def listed() -> DownloadList:
        return DownloadList(downloads=[_download_told(each) for each in program.downloads.now()])

    @router.get("/models")
    def list_models() -> ModelList:
        """The model files that are here, and those that presets would need."""
        catalog = program.catalog
        return ModelList(models=_here(catalog), missing=_missing(catalog))

    @router.get("/downloads")
    def list_downloads() -> DownloadList:
        """The files that were asked for since the program began."""
        return listed()

    @router.post("/downloads", responses=refuses(400, 403, 413, 415, 422, 503))
    def fetch_files(asking: Asking, request: AskedRequest) -> DownloadList:
        """Fetch the published files that a request needs; POST /plan names them with their licences."""
        check_may(person_of(asking), Deed.FETCH_MODELS)
        program.downloads.start(program.needed_files(request))
        return listed()

    @router.post("/downloads/pause", responses=refuses(400, 403, 415, 422))
    def pause_download(asking: Asking, file: FileName) -> DownloadList:
        """Leave a file for now; what has come is kept."""
        check_may(person_of(asking), Deed.FETCH_MODELS)
        program.downloads.pause(file.name)
        return listed()

    @router.post("/downloads/resume", responses=refuses(400, 403, 415, 422))
    def resume_download(asking: Asking, file: FileName) -> DownloadList:
        """Go on with a file, or try again what failed."""
        check_may(person_of(asking), Deed.FETCH_MODELS)
        program.downloads.resume(file.name)
        return listed()

    return router


def _here(catalog: Catalog) -> list[ModelTold]:
    models = {model.path: model for model in catalog.models.values()}
    files = {file.path: file for file in catalog.shelf.files}
    told = [
        ModelTold(
            name=model.name,
            kind=model.kind.value,
            title=files[path].title if path in files else None,
            bytes=files[path].found.bytes if path in files else None,
        )
        for path, model in models.items()
    ]
    others = [
        ModelTold(name=file.name, kind=kind_of(file.identity.contents), title=file.title, bytes=file.found.bytes)
        for path, file in files.items()
        if path not in models
    ]
    return told + others


def _missing(catalog: Catalog) -> list[MissingTold]:
    here = [*catalog.models, *(file.name for file in catalog.shelf.files)]
    return [
        MissingTold(name=file.name, bytes=file.bytes, licence=file.licence, preset=preset.name, folder=file.folder)
        for preset in catalog.presets.values()
        for file in missing_files(preset_files(preset), here)
    ]


def _download_told(download: Download) -> DownloadTold:
    return DownloadTold(
        name=download.file.name,
        folder=download.file.folder,
        licence=download.file.licence,
        state=download.state,
        done=download.done,
        total=download.total or download.file.bytes,
        seconds_left=download.seconds_left,
        error=str(download.error) if download.error else None,
    )
