"""The catalog: every name that a request may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from fooo.catalog.identify import ModelKind
from fooo.catalog.local_models import POCKET, LocalModel, find_models
from fooo.catalog.performance import PERFORMANCES, Performance
from fooo.catalog.presets import Preset, read_presets
from fooo.catalog.sampler_names import Sampler, Schedule
from fooo.catalog.styles import Style, read_styles
from fooo.catalog.wildcards import Wildcards, read_wildcards
from fooo.errors import UnknownName

T = TypeVar("T")
Names = TypeVar("Names", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    styles: Mapping[str, Style]
    presets: Mapping[str, Preset]
    performances: Mapping[str, Performance]
    models: Mapping[str, LocalModel]
    wildcards: Wildcards
    problems: tuple[str, ...] = ()
    """What was wrong in files that people may write, a sentence each; everything else is there."""

    def style(self, name: str) -> Style:
        return _find(self.styles, name, "styles")

    def preset(self, name: str) -> Preset:
        return _find(self.presets, name, "preset")

    def performance(self, name: str) -> Performance:
        return _find(self.performances, name, "sampling.performance")

    def model(self, name: str, kind: ModelKind, field: str) -> LocalModel:
        """The model of that name and kind.

        Raises:
            UnknownName: None has that name, or the one that has it is of another kind.
        """
        return _find({each.name: each for each in self.models.values() if each.kind is kind}, name, field)

    def first_base(self) -> LocalModel | None:
        """The first base model by name, the pocket one last."""
        bases = (model for model in self.models.values() if model.kind is ModelKind.SDXL_BASE)
        return min(bases, key=lambda model: (model.name.startswith(POCKET), model.name), default=None)

    def fitting_preset(self) -> str:
        """The preset of a request that names none: `pocket` while no full model is there."""
        base = self.first_base()
        return "pocket" if base is None or base.name.startswith(POCKET) else "default"

    def sampler(self, name: str) -> Sampler:
        return _choice(Sampler, name, "sampling.sampler")

    def schedule(self, name: str) -> Schedule:
        return _choice(Schedule, name, "sampling.schedule")


def read_catalog(*, styles: Path, presets: Path, models: tuple[Path, ...]) -> Catalog:
    """What lies in the folders now; wildcards in the one below the styles.

    Raises:
        ModelError: What a model says it has learnt is broken; the sentence names the file.
    """
    found_styles, wrong_styles = read_styles(styles)
    found_presets, wrong_presets = read_presets(presets)
    found_presets, without_style = _with_known_styles(found_presets, found_styles)
    wildcards, wrong_wildcards = read_wildcards([styles / "wildcards"])
    return Catalog(
        styles=found_styles,
        presets=found_presets,
        performances={mode.name: mode for mode in PERFORMANCES},
        models=find_models(models),
        wildcards=wildcards,
        problems=(*wrong_styles, *wrong_presets, *without_style, *wrong_wildcards),
    )


def _with_known_styles(
    presets: Mapping[str, Preset], styles: Mapping[str, Style]
) -> tuple[dict[str, Preset], list[str]]:
    """The presets without the styles that are not there, and a sentence for each of those."""
    known = {name.casefold() for name in styles}
    kept: dict[str, Preset] = {}
    problems: list[str] = []
    for preset in presets.values():
        wanted = preset.partial.get("styles")
        missing = [name for name in wanted or () if name.casefold() not in known]
        problems += [
            f"The preset {preset.name!r} names the style {name!r}, which is not there; mend it or add the style."
            for name in missing
        ]
        partial = {**preset.partial, "styles": [name for name in wanted or () if name not in missing]}
        kept[preset.name] = Preset(preset.name, partial) if missing else preset
    return kept, problems


def _find(table: Mapping[str, T], name: str, field: str) -> T:
    """By exact name, else by the name in other capitals."""
    if name in table:
        return table[name]
    same = [key for key in table if key.casefold() == name.casefold()]
    if len(same) != 1:
        raise UnknownName(field, name, table)
    return table[same[0]]


def _choice(names: type[Names], name: str, field: str) -> Names:
    try:
        return names(name)
    except ValueError:
        raise UnknownName(field, name, list(names)) from None
