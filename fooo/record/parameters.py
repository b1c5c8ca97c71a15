"""What our record says in the webui's words, as model sites and other programs read it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from fooo.plan import Generate
from fooo.record.infotext import Infotext, write_infotext
from fooo.record.record import Record
from fooo.request import Tiling

_AUTO_V2 = 10
"""Digits of a file's SHA-256 by which Civitai and the webui know it."""
_EMBEDDING = re.compile(r"(?<![\w\\])embedding:(\w(?:[\w./-]*[\w-])?)")
MODEL_ENDINGS = (".safetensors", ".ckpt", ".sft")


def parameters_text(record: Record) -> str:
    """The record in the webui's form: its keys in its order, ours behind them."""
    texts = record.shot.texts
    prompt = _with_loras(_EMBEDDING.sub(_stem_of, texts.positive), record)
    fields = {key: str(value) for key, value in _fields(record) if value not in (None, "")}
    return write_infotext(Infotext(prompt, _EMBEDDING.sub(_stem_of, texts.negative), fields))


def auto_v2(record: Record) -> Mapping[str, str]:
    """The hash of each file that drew the picture, as far as the record knows it; a folder has none."""
    return {
        used.name: used.sha256[:_AUTO_V2]
        for used in record.models
        if used.sha256 and len(used.sha256) == 64 and used.name.endswith(MODEL_ENDINGS)
    }


def stem(name: str) -> str:
    """A file's name as other programs say it: without folders and ending. A model that is a folder keeps its name."""
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in MODEL_ENDINGS else name


def _fields(record: Record) -> Iterator[tuple[str, object]]:
    generates = record.shot.generates
    if generates:
        yield from _of_drawing(generates[0], record)
    else:
        yield from (("Steps", 0), ("Sampler", "none"))
        yield "Size", record.shot.size
    yield "Version", f"Fooo {record.versions.get('fooo', '')}".strip()


def _of_drawing(drawn: Generate, record: Record) -> Iterator[tuple[str, object]]:
    hashes = auto_v2(record)
    yield "Steps", drawn.steps
    yield "Sampler", drawn.sampler.label
    yield "Schedule type", drawn.schedule.label
    yield "CFG scale", f"{drawn.guidance:g}"
    yield "Seed", record.shot.seed
    yield "Size", drawn.size
    yield "Model hash", hashes.get(drawn.base)
    yield "Model", stem(drawn.base)
    yield "VAE hash", hashes.get(drawn.vae or "")
    yield "VAE", stem(drawn.vae) if drawn.vae else None
    if drawn.variation:
        yield "Variation seed", drawn.variation.seed
        yield "Variation seed strength", f"{drawn.variation.strength:g}"
    yield from _of_strength(drawn, record)
    yield "Clip skip", drawn.clip_skip
    yield "Eta", None if drawn.sampler_options.eta is None else f"{drawn.sampler_options.eta:g}"
    yield "Tiling", True if drawn.tiling is Tiling.BOTH else None
    if drawn.refiner and drawn.refiner_step:
        yield "Refiner", _named_with_hash(drawn.refiner, hashes)
        yield "Refiner switch at", f"{drawn.refiner_step / drawn.steps:.4g}"
    yield (
        "Lora hashes",
        ", ".join(f"{stem(each.name)}: {hashes[each.name]}" for each in drawn.loras if each.name in hashes),
    )
    yield "Hashes", _as_json(drawn, hashes)
    yield "Sharpness", f"{drawn.sharpness:g}" if drawn.sharpness else None


def _of_strength(drawn: Generate, record: Record) -> Iterator[tuple[str, object]]:
    """Of a picture that was drawn over another, or was enlarged and drawn over once more."""
    if drawn.strength < 1:
        yield "Denoising strength", f"{drawn.strength:g}"
        return
    again = record.shot.generates[1:2]
    if again:
        yield "Denoising strength", f"{again[0].strength:g}"
        yield "Hires upscale", f"{again[0].size.width / drawn.size.width:.4g}"
        yield "Hires steps", again[0].steps


def _with_loras(prompt: str, record: Record) -> str:
    """The prompt with a tag for each LoRA that was put on without one: the webui knows no other place for them."""
    drawn = record.shot.generates[:1]
    missing = [
        f"<lora:{stem(each.name)}:{each.unet_weight:g}>"
        for generate in drawn
        for each in generate.loras
        if f"<lora:{each.name}" not in prompt and f"<lora:{stem(each.name)}" not in prompt
    ]
    return " ".join((prompt, *missing)).strip()


def _named_with_hash(name: str, hashes: Mapping[str, str]) -> str:
    return f"{stem(name)} [{hashes[name]}]" if name in hashes else stem(name)


def _as_json(drawn: Generate, hashes: Mapping[str, str]) -> str:
    named = {"model": drawn.base, **{f"lora:{stem(each.name)}": each.name for each in drawn.loras}}
    known = [f'"{key}": "{hashes[name]}"' for key, name in named.items() if name in hashes]
    return "{" + ", ".join(known) + "}" if known else ""


def _stem_of(said: re.Match[str]) -> str:
    return stem(said[1])
