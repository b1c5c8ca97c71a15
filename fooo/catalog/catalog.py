"""The catalog: every name that a request may use."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fooo.catalog.identify import ModelKind
from fooo.catalog.local_models import POCKET, LocalModel, find_models, models_on, part_files
from fooo.catalog.model_files.contents import Embedding
from fooo.catalog.performance import PERFORMANCES, Family, Performance, modes_by_name
from fooo.catalog.presets import Preset, read_presets
from fooo.catalog.sampler_names import SamplerName, ScheduleName, read_sampler_name, read_schedule_name
from fooo.catalog.shelf import Shelf, find_name, model_roots, read_shelf
from fooo.catalog.shelf.detectors import DetectorFile, find_detectors
from fooo.catalog.styles import (
    FooocusStyles,
    Style,
    find_pictures,
    fold,
    from_fooocus,
    in_families,
    known_names,
    read_aliases,
    read_styles,
)
from fooo.catalog.user_files import FileStates, states_of
from fooo.catalog.wildcards import Wildcards, read_wildcards
from fooo.errors import ModelError, RequestError, UnknownName

BASES = frozenset({ModelKind.SDXL_BASE, ModelKind.SD1, ModelKind.SD2})
"""The kinds of models that draw from nothing but words."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Written:
    """What people write into files: styles, and presets. Attributes: states: Of those files when they were read."""

    styles: Mapping[str, Style]
    style_names: Mapping[str, str]
    presets: Mapping[str, Preset]
    problems: tuple[str, ...]
    states: FileStates


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    styles: Mapping[str, Style]
    style_names: Mapping[str, str] = field(default_factory=dict[str, str])
    """The name of a style by every name that it is known by, as from `known_names`."""
    style_pictures: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Small pictures of styles that come with them, by the name of the style."""
    presets: Mapping[str, Preset]
    models: Mapping[str, LocalModel]
    wildcards: Wildcards
    loras: Mapping[str, Path] = field(default_factory=dict[str, Path])
    embeddings: Mapping[str, Path] = field(default_factory=dict[str, Path])
    embedding_lengths: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many tokens each embedding takes."""
    vaes: Mapping[str, Path] = field(default_factory=dict[str, Path])
    upscalers: Mapping[str, Path] = field(default_factory=dict[str, Path])
    detectors: tuple[DetectorFile, ...] = ()
    """Those of faces that a person has put there before the others."""
    shelf: Shelf = field(default_factory=Shelf)
    """The model files, what each holds and what is said about it."""
    written: Written | None = None
    """As it was read, for the next time."""
    prompt_expansion: Path | None = None
    """The folder of the language model that may write phrases."""
    preview_decoders: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Files of tiny decoders in `vae_approx`, by their names without ending."""
    problems: tuple[str, ...] = ()
    """What was wrong in files that people may write, a sentence each; everything else is there."""

    def style(self, name: str) -> Style:
        """The style of that name, in any capitals, or of Fooocus's or the webui's name for its like.

        Raises:
            UnknownName: There is none; `Random Style` is none either.
        """
        known = name if name in self.styles else self.style_names.get(fold(name), "")
        return _find(self.styles, known or name, "styles")

    def families(self) -> Mapping[str, tuple[Style, ...]]:
        """The styles by family, both in the order in which they are shown."""
        return in_families(self.styles.values())

    def styles_of_fooocus(self, names: Iterable[str]) -> FooocusStyles:
        """What a choice of styles in Fooocus, as a picture of it names them, comes to here."""
        return from_fooocus(names, self.style_names)

    def preset(self, name: str) -> Preset:
        return _find(self.presets, name, "preset")

    def performance(self, name: str, family: Family) -> Performance:
        """The mode of that name, in any capitals.

        Raises:
            RequestError: The family has none such; `UnknownName` where no family has.
        """
        own = {mode.name: mode for mode in PERFORMANCES[family]}
        try:
            return _find(own, name, "sampling.performance")
        except UnknownName:
            others = [each.value for each, modes in PERFORMANCES.items() if _is_one_of(modes, name)]
            if not others:
                raise
        problem = f"{name} is for {' and '.join(others)} models, not for {family.value} ones"
        raise RequestError("sampling.performance", problem, f"choose {' or '.join(own)}")

    def performance_name(self, name: str) -> str:
        """How a mode of any family is written.

        Raises:
            UnknownName: No family has it.
        """
        return _find(modes_by_name(), name, "sampling.performance").name

    def model(self, name: str, kinds: Collection[ModelKind], at: str) -> LocalModel:
        """The model of that name and of one of the kinds; its folders and its file's ending may be left out.

        Raises:
            UnknownName: None has that name, or the one that has it is of another kind.
        """
        paths = {each.name: each.path for each in self.models.values() if each.kind in kinds}
        return self.models[_file_name(paths, name, at)]

    def lora(self, name: str, at: str) -> str:
        """The LoRA's full name. Args: at: The field of the request that names it."""
        return _file_name(self.loras, name, at)

    def vae(self, name: str, at: str) -> str:
        """The VAE's full name. Args: at: The field of the request that names it."""
        return _file_name(self.vaes, name, at)

    def embedding(self, name: str, at: str) -> str:
        """The embedding's full name. Args: at: The field of the request that names it."""
        return _file_name(self.embeddings, name, at)

    def upscaler(self, name: str, at: str) -> str:
        """The upscaler's full name. Args: at: The field of the request that names it."""
        return _file_name(self.upscalers, name, at)

    def detector(self, name: str, at: str) -> str:
        """The detector's full name. Args: at: The field of the request that names it."""
        return _file_name({each.name: each.path for each in reversed(self.detectors)}, name, at)

    def face_detector(self) -> DetectorFile | None:
        """What finds faces: what a person has put there for it, else the one that Fooo fetches."""
        return next((each for each in self.detectors if each.finds_faces), None)

    def first_base(self) -> LocalModel | None:
        """The first base model by name: of SDXL, else of an older family, else the pocket one."""
        bases = (each for each in self.models.values() if each.kind in BASES)
        return min(
            bases,
            key=lambda model: (model.name.startswith(POCKET), model.kind is not ModelKind.SDXL_BASE, model.name),
            default=None,
        )

    def fitting_preset(self) -> str:
        """The preset of a request that names none: `pocket` while no full model is there."""
        base = self.first_base()
        return "pocket" if base is None or base.name.startswith(POCKET) else "default"

    def sampler(self, name: str) -> SamplerName:
        """The sampler of a name of ours or of another program's, and its schedule where the name holds one."""
        return read_sampler_name(name)

    def schedule(self, name: str) -> ScheduleName:
        return read_schedule_name(name)


def read_catalog(*, styles: Path, presets: Path, models: tuple[Path, ...], last: Catalog | None = None) -> Catalog:
    """What lies in the folders now; wildcards in the one below the styles.

    Args:
        styles: Folder of JSON files.
        presets: Folder of JSON files.
        models: Places to look for models in, as for `read_shelf`.
        last: That of the last time: only what has changed since is read again.

    Raises:
        ModelError: What a model says it has learnt is broken; the sentence names the file.
    """
    written = _read_written(styles, presets, last.written if last else None)
    wildcards, wrong_wildcards = read_wildcards([styles / "wildcards"])
    shelf = read_shelf(models, last.shelf if last else None)
    return Catalog(
        styles=written.styles,
        style_names=written.style_names,
        style_pictures=find_pictures(styles / "thumbnails", written.styles),
        presets=written.presets,
        models=models_on(shelf) | find_models(model_roots(models)),
        wildcards=wildcards,
        loras={name: file.path for name, file in shelf.loras.items()},
        embeddings={name: file.path for name, file in shelf.embeddings.items()},
        embedding_lengths={
            name: contents.vectors
            for name, file in shelf.embeddings.items()
            if isinstance(contents := file.identity.contents, Embedding)
        },
        vaes={name: file.path for name, file in shelf.vaes.items()},
        upscalers={name: file.path for name, file in shelf.upscalers.items()},
        detectors=find_detectors(models),
        shelf=shelf,
        written=written,
        prompt_expansion=_find_prompt_expansion(models),
        preview_decoders=_find_preview_decoders(model_roots(models)),
        problems=(*written.problems, *wrong_wildcards, *shelf.problems),
    )


def _read_written(styles: Path, presets: Path, last: Written | None) -> Written:
    files = [*styles.glob("*.json"), *styles.glob("*.csv"), *presets.glob("*.json")]
    states = states_of(sorted(files))
    if last and last.states == states:
        return last
    found, wrong = read_styles(styles)
    names = known_names(found, read_aliases())
    found_presets, wrong_presets = read_presets(presets, names)
    return Written(found, names, found_presets, (*wrong, *wrong_presets), states)


def still_here(table: Mapping[str, T], name: str) -> T:
    """What a plan names: what was there when it was made may be gone when its turn comes.

    Raises:
        ModelError: It is gone.
    """
    if name not in table:
        raise ModelError(Path(name), "is gone", "put it back, or choose another one")
    return table[name]


def _find_prompt_expansion(folders: Iterable[Path]) -> Path | None:
    """The first `prompt_expansion` in the model folders that holds a network and says which."""
    places = (folder / "prompt_expansion" for folder in folders)
    return next((place for place in places if part_files(place) and (place / "config.json").is_file()), None)


def _find_preview_decoders(folders: Iterable[Path]) -> dict[str, Path]:
    """Of two of one name, that in the first of the model folders."""
    files = [file for folder in folders for file in sorted((folder / "vae_approx").glob("*.safetensors"))]
    return {file.stem: file for file in reversed(files)}


def _find(table: Mapping[str, T], name: str, at: str) -> T:
    """By exact name, else by the name in other capitals."""
    return table[_name(table, name, at)]


def _is_one_of(modes: Iterable[Performance], name: str) -> bool:
    return any(mode.name.casefold() == name.casefold() for mode in modes)


def _name(table: Mapping[str, object], name: str, at: str) -> str:
    """The key of the table that a name stands for, in whatever capitals."""
    if name in table:
        return name
    same = [key for key in table if key.casefold() == name.casefold()]
    if len(same) != 1:
        raise UnknownName(at, name, table)
    return same[0]


def _file_name(paths: Mapping[str, Path], name: str, at: str) -> str:
    """The name of the file that is meant: other programs leave out folders, or the file's ending."""
    found = find_name(paths, name)
    if found is None:
        raise UnknownName(at, name, paths)
    return found
