"""What there is, as the webui lists it. Files are said by their names, never by where they lie."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

import psutil

from fooo.catalog import BASES, Catalog, Sampler, Schedule
from fooo.plan.finish.upscalers import SHORT_NAMES

_NONE_OF = (
    "extensions",
    "face-restorers",
    "hypernetworks",
    "latent-upscale-modes",
    "realesrgan-models",
    "script-info",
)


def lists(catalog: Callable[[], Catalog]) -> dict[str, Callable[[], Any]]:
    """By the last part of its path what answers each list; clients ask some of them before anything else."""
    return {
        "samplers": samplers,
        "schedulers": schedulers,
        "upscalers": lambda: upscalers(catalog()),
        "sd-models": lambda: models(catalog()),
        "sd-vae": lambda: vaes(catalog()),
        "loras": lambda: loras(catalog()),
        "embeddings": lambda: embeddings(catalog()),
        "prompt-styles": lambda: prompt_styles(catalog()),
        "memory": memory,
        "cmd-flags": lambda: {"api": True},
        "scripts": lambda: {"txt2img": [], "img2img": []},
        **dict.fromkeys(_NONE_OF, list[Any]),
    }


def samplers() -> list[dict[str, Any]]:
    return [{"name": each.label, "aliases": [each.value, f"k_{each.value}"], "options": {}} for each in Sampler]


def schedulers() -> list[dict[str, Any]]:
    named = [("automatic", "Automatic"), *((each.value, each.label) for each in Schedule)]
    return [
        {"name": name, "label": label, "aliases": None, "default_rho": -1.0, "need_inner_model": False}
        for name, label in named
    ]


def models(catalog: Catalog) -> list[dict[str, Any]]:
    names = (each.name for each in catalog.models.values() if each.kind in BASES)
    return [
        {"title": name, "model_name": _stem(name), "hash": None, "sha256": None, "filename": name, "config": None}
        for name in names
    ]


def vaes(catalog: Catalog) -> list[dict[str, Any]]:
    return [{"model_name": name, "filename": name} for name in catalog.vaes]


def loras(catalog: Catalog) -> list[dict[str, Any]]:
    return [{"name": _stem(name), "alias": _stem(name), "path": name, "metadata": {}} for name in catalog.loras]


def embeddings(catalog: Catalog) -> dict[str, Any]:
    unknown = {"step": None, "sd_checkpoint": None, "sd_checkpoint_name": None, "shape": None}
    return {
        "loaded": {
            _stem(name): {**unknown, "vectors": catalog.embedding_lengths.get(name, 1)} for name in catalog.embeddings
        },
        "skipped": {},
    }


def upscalers(catalog: Catalog) -> list[dict[str, Any]]:
    """`None` first, as clients expect; short names only of those that are here."""
    here = {_stem(name) for name in catalog.upscalers}
    short = (name for name, file in SHORT_NAMES.items() if file in here)
    names: Iterable[str] = ("None", *short, *catalog.upscalers)
    return [{"name": name, "model_name": None, "model_path": None, "model_url": None, "scale": 4.0} for name in names]


def prompt_styles(catalog: Catalog) -> list[dict[str, Any]]:
    return [
        {"name": style.name, "prompt": style.prompt, "negative_prompt": style.negative_prompt}
        for style in catalog.styles.values()
    ]


def memory() -> dict[str, Any]:
    """The machine's; the accelerator's belongs to who draws, and is not asked here."""
    ram = psutil.virtual_memory()
    return {
        "ram": {"free": ram.available, "used": ram.total - ram.available, "total": ram.total},
        "cuda": {"error": "Fooo does not tell it here"},
    }


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in {".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".sft"} else name
