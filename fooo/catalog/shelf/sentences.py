"""What the person should know about the files on the shelf."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fooo.catalog.model_files.contents import (
    Base,
    Checkpoint,
    ClipVision,
    Contents,
    ControlLora,
    ControlNet,
    Embedding,
    IpAdapter,
    Lora,
    TextEncoder,
    Upscaler,
    Vae,
)
from fooo.catalog.shelf.entries import Refusal, RefusedFile, ShelfFile
from fooo.catalog.shelf.folders import FolderKind
from fooo.errors import ModelError


def bad_name(path: str) -> str:
    return f"The model file {path!r} has a letter in its name that cannot be written on a line; rename it."


def pickle(path: Path) -> str:
    hint = f'convert it with `python launch.py models convert "{path}"`'
    return str(ModelError(path, "is not loaded: it is a pickle, which can run programs when it is opened", hint))


def useless(path: Path, why: str) -> str:
    return str(ModelError(path, why, "put it elsewhere, or leave it: it is not used"))


def summary(refused: Iterable[RefusedFile]) -> Iterator[str]:
    """A sentence for each file that is damaged or badly named, one for all pickles, one for all that are of no use."""
    by_refusal: dict[Refusal, list[RefusedFile]] = {}
    for each in refused:
        by_refusal.setdefault(each.refusal, []).append(each)
    for refusal, files in by_refusal.items():
        match refusal:
            case Refusal.DAMAGED | Refusal.NAME:
                yield from (each.sentence for each in files)
            case Refusal.PICKLE | Refusal.UNKNOWN:
                more = f" So it is with {len(files) - 1:,} more." if len(files) > 1 else ""
                yield files[0].sentence + more


_BELONGING: Mapping[FolderKind, tuple[type[Contents], ...]] = {
    FolderKind.CHECKPOINTS: (Checkpoint, Vae),
    FolderKind.LORAS: (Lora,),
    FolderKind.EMBEDDINGS: (Embedding,),
    FolderKind.VAES: (Vae,),
    FolderKind.UPSCALERS: (Upscaler,),
    FolderKind.GUIDES: (ControlNet, ControlLora, IpAdapter, ClipVision),
    FolderKind.CLIP_VISION: (ClipVision,),
    FolderKind.TEXT_ENCODERS: (TextEncoder, ClipVision),
}


def misplaced(file: ShelfFile) -> str | None:
    """What to say of a file that is used as what it holds, and not as its folder or its name says; else None."""
    contents, kind = file.identity.contents, file.found.kind
    called = file.found.name.lower()
    is_called_vae = any(mark in called for mark in (".vae.", ".vae-")) or called.endswith(".vae")
    if is_called_vae and not isinstance(contents, Vae):
        problem, hint = f"is called a VAE and holds {described(contents)}", "give it another name"
    elif kind is not None and not isinstance(contents, _BELONGING[kind]):
        home = next((each for each, types in _BELONGING.items() if isinstance(contents, types)), FolderKind.CHECKPOINTS)
        problem = f"lies in a folder for {kind.value} and holds {described(contents)}"
        hint = f"move it to models/{home.value}"
    else:
        return None
    return str(ModelError(file.path, f"{problem}, as which it is used", hint))


_WORDS: Mapping[type[Contents], str] = {
    Checkpoint: "a checkpoint",
    Lora: "a LoRA",
    Embedding: "an embedding",
    ControlNet: "a ControlNet",
    ControlLora: "a control-LoRA",
    IpAdapter: "an IP-Adapter",
    Vae: "a VAE",
    ClipVision: "a CLIP vision network",
    TextEncoder: "a text encoder",
    Upscaler: "an upscaler",
}


def kind_of(contents: Contents) -> str:
    """What kind of file it is, as one word of a table."""
    word = _WORDS.get(type(contents))
    return word.partition(" ")[2] if word else "unknown"


def described(contents: Contents) -> str:
    """What a file holds, in a few words."""
    word = _WORDS.get(type(contents), "nothing known here")
    match contents:
        case Checkpoint(kind=kind):
            return f"{word} ({kind.value})"
        case Lora(base=Base() as base) | Embedding(base=base) | ControlNet(base=base) | IpAdapter(base=base):
            return f"{word} for {base.value}"
        case ControlLora(base=base):
            return f"{word} for {base.value}"
        case _:
            return word
