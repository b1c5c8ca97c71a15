"""What a request may name: `/catalog`."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from fooo.catalog import BASES, PERFORMANCES, Catalog, Sampler, Schedule
from fooo.catalog.aspect_ratios import SHAPES, trained_sizes
from fooo.plan.finish.upscalers import SHORT_NAMES
from fooo.request import Expansion, FileFormat
from fooo.service import Fooo


class StyleTold(BaseModel):
    name: str
    name_zh: str = Field(description="In Chinese; empty where it has none.")
    family: str
    about: str
    about_zh: str
    prompt: str = Field(description="{prompt} stands for the person's words.")
    negative_prompt: str


class PresetTold(BaseModel):
    name: str
    about: str
    about_zh: str
    licence: str = Field(description="Of its models.")
    request: dict[str, object] = Field(description="The fields of a request that it sets.")


class Named(BaseModel):
    """A value of a request, and how people call it."""

    name: str
    label: str


class ModeTold(BaseModel):
    """A performance mode."""

    name: str
    family: str = Field(description="Of the models that it is for.")
    steps: int
    distilled: bool = Field(description="Whether it needs a network that was made for few steps.")


class SizeTold(BaseModel):
    width: int
    height: int


class ShapeTold(BaseModel):
    """A word for a size."""

    name: str
    ratio: str = Field(description="Width to height.", examples=["3:4"])


class CatalogTold(BaseModel):
    """Every name that a request may use, as it is now: files may come and go."""

    styles: list[StyleTold]
    presets: list[PresetTold]
    fitting_preset: str = Field(description="That of a request that names none.")
    models: list[str] = Field(description="For `models.base`.")
    loras: list[str]
    vaes: list[str]
    embeddings: list[str]
    upscalers: list[str] = Field(description="For `enlarge.upscaler`: short names, then files.")
    detectors: list[str]
    samplers: list[Named]
    schedules: list[Named]
    modes: list[ModeTold]
    sizes: list[SizeTold] = Field(description="That the model that draws without being named was trained at.")
    shapes: list[ShapeTold]
    wildcards: list[str] = Field(description="As in a prompt: __name__.")
    expansions: list[str]
    formats: list[str]
    problems: list[str] = Field(description="What is wrong in files that people may write, a sentence each.")


def catalog_routes(program: Fooo) -> APIRouter:
    router = APIRouter(tags=["catalog"])

    @router.get("/catalog")
    def see_catalog() -> CatalogTold:
        """Every name that a request may use."""
        return catalog_told(program.catalog)

    return router


def catalog_told(catalog: Catalog) -> CatalogTold:
    base = catalog.first_base()
    return CatalogTold(
        styles=_styles(catalog),
        presets=_presets(catalog),
        fitting_preset=catalog.fitting_preset(),
        models=[model.name for model in catalog.models.values() if model.kind in BASES],
        loras=[*catalog.loras],
        vaes=[*catalog.vaes],
        embeddings=[*catalog.embeddings],
        upscalers=[*SHORT_NAMES, *catalog.upscalers],
        detectors=[each.name for each in catalog.detectors],
        samplers=[Named(name=each.value, label=each.label) for each in Sampler],
        schedules=[Named(name=each.value, label=each.label) for each in Schedule],
        modes=_modes(),
        sizes=[SizeTold(width=s.width, height=s.height) for s in trained_sizes(base.native_size)] if base else [],
        shapes=[ShapeTold(name=name, ratio=f"{r.numerator}:{r.denominator}") for name, r in SHAPES.items()],
        wildcards=[*catalog.wildcards],
        expansions=[each.value for each in Expansion],
        formats=[each.value for each in FileFormat],
        problems=[*catalog.problems],
    )


def _styles(catalog: Catalog) -> list[StyleTold]:
    return [
        StyleTold(
            name=each.name,
            name_zh=each.name_zh,
            family=each.family,
            about=each.about.en,
            about_zh=each.about.zh,
            prompt=each.prompt,
            negative_prompt=each.negative_prompt,
        )
        for each in catalog.styles.values()
    ]


def _presets(catalog: Catalog) -> list[PresetTold]:
    return [
        PresetTold(
            name=each.name,
            about=each.about.en,
            about_zh=each.about.zh,
            licence=each.licence,
            request=dict(each.partial),
        )
        for each in catalog.presets.values()
    ]


def _modes() -> list[ModeTold]:
    return [
        ModeTold(name=mode.name, family=family.value, steps=mode.steps, distilled=mode.distilled is not None)
        for family, modes in PERFORMANCES.items()
        for mode in modes
    ]
