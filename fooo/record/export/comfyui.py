"""A picture as a graph that ComfyUI runs, of nodes that it has by itself."""

import json
from collections.abc import Mapping
from typing import Any

from fooo.catalog import Sampler, Schedule
from fooo.plan import Enlarge, Fit, Generate, Shot
from fooo.plan.plan import Lora
from fooo.record.export.words import Export, left_out_of, weighted_words
from fooo.record.parameters import MODEL_ENDINGS
from fooo.record.record import Record

_SAMPLERS: Mapping[Sampler, str] = {Sampler.RESTART: "heun", Sampler.TCD: "lcm"}
"""What comes nearest where ComfyUI has not the same of itself."""
_SCHEDULES: Mapping[Schedule, str] = {
    Schedule.ALIGN_YOUR_STEPS: "karras",
    Schedule.TURBO: "sgm_uniform",
    Schedule.LCM: "sgm_uniform",
    Schedule.TCD: "sgm_uniform",
    Schedule.EDM: "karras",
}

Link = list[str | int]


def as_comfyui(record: Record) -> Export:
    """The graph in the form of ComfyUI's API, as JSON; its page opens such a file too.

    Models go by their names here: ComfyUI finds those that lie in its folders under the same ones.
    """
    shot = record.shot
    words = weighted_words(shot.texts.positive), weighted_words(shot.texts.negative)
    nodes = _Nodes()
    picture: Link | None = None
    for each in shot.passes:
        match each:
            case Generate():
                picture = _drawn(nodes, each, shot, (words[0].text, words[1].text), picture)
            case Enlarge() if picture:
                loader = nodes.add("UpscaleModelLoader", model_name=each.upscaler)
                larger = nodes.add("ImageUpscaleWithModel", upscale_model=[loader, 0], image=picture)
                picture = _fitted(nodes, [larger, 0], each.size.width, each.size.height)
            case Fit() if picture:
                picture = _fitted(nodes, picture, each.size.width, each.size.height)
            case _:
                pass  # told below
    if picture:
        nodes.add("SaveImage", images=picture, filename_prefix="fooo")
    told = (*left_out_of(shot), *words[0].left_out, *words[1].left_out, *_nearest(shot))
    return Export(json.dumps(nodes.graph, indent=2, ensure_ascii=False), tuple(dict.fromkeys(told)))


class _Nodes:
    """A graph that grows; nodes are numbered in order."""

    def __init__(self) -> None:
        self.graph: dict[str, Any] = {}

    def add(self, kind: str, **inputs: Any) -> str:
        name = str(len(self.graph) + 1)
        self.graph[name] = {"class_type": kind, "inputs": inputs}
        return name


def _drawn(nodes: _Nodes, drawn: Generate, shot: Shot, words: tuple[str, str], picture: Link | None) -> Link:
    """The picture that a pass draws from noise, or over the one that is there."""
    loader = _loader(nodes, drawn.base)
    vae: Link = [nodes.add("VAELoader", vae_name=drawn.vae), 0] if drawn.vae else [loader, 2]
    model, clip = _with_loras(nodes, drawn.loras, [loader, 0], [loader, 1])
    if drawn.clip_skip:
        clip = [nodes.add("CLIPSetLastLayer", clip=clip, stop_at_clip_layer=-drawn.clip_skip), 0]
    if picture is None:
        latent = nodes.add("EmptyLatentImage", width=drawn.size.width, height=drawn.size.height, batch_size=1)
    else:
        fitting = _fitted(nodes, picture, drawn.size.width, drawn.size.height)
        latent = nodes.add("VAEEncode", pixels=fitting, vae=vae)
    base = {"model": model, **_encoded(nodes, clip, words)}
    if drawn.refiner and drawn.refiner_step:
        sampled = _refined(nodes, drawn, shot, words, base, latent)
    else:
        sampled = nodes.add(
            "KSampler", seed=shot.seed, steps=drawn.steps, cfg=drawn.guidance, **_sampler(drawn),
            denoise=drawn.strength, latent_image=[latent, 0], **base,
        )  # fmt: skip
    return [nodes.add("VAEDecode", samples=[sampled, 0], vae=vae), 0]


def _refined(
    nodes: _Nodes, drawn: Generate, shot: Shot, words: tuple[str, str], base: Mapping[str, Any], latent: str
) -> str:
    """The base's steps, then the refiner's, which takes over the noise that is left."""
    common = {"noise_seed": shot.seed, "steps": drawn.steps, "cfg": drawn.guidance, **_sampler(drawn)}
    first = nodes.add(
        "KSamplerAdvanced", **common, **base, latent_image=[latent, 0], add_noise="enable",
        start_at_step=0, end_at_step=drawn.refiner_step, return_with_leftover_noise="enable",
    )  # fmt: skip
    loader = _loader(nodes, drawn.refiner or "")
    refiner = {"model": [loader, 0], **_encoded(nodes, [loader, 1], words)}
    return nodes.add(
        "KSamplerAdvanced", **common, **refiner, latent_image=[first, 0], add_noise="disable",
        start_at_step=drawn.refiner_step, end_at_step=drawn.steps, return_with_leftover_noise="disable",
    )  # fmt: skip


def _loader(nodes: _Nodes, model: str) -> str:
    """A model is a file, or a folder in diffusers' layout."""
    if model.endswith(MODEL_ENDINGS):
        return nodes.add("CheckpointLoaderSimple", ckpt_name=model)
    return nodes.add("DiffusersLoader", model_path=model)


def _with_loras(nodes: _Nodes, loras: tuple[Lora, ...], model: Link, clip: Link) -> tuple[Link, Link]:
    for lora in loras:
        name = nodes.add(
            "LoraLoader", lora_name=lora.name, strength_model=lora.unet_weight, strength_clip=lora.text_weight,
            model=model, clip=clip,
        )  # fmt: skip
        model, clip = [name, 0], [name, 1]
    return model, clip


def _encoded(nodes: _Nodes, clip: Link, words: tuple[str, str]) -> dict[str, Link]:
    positive, negative = (nodes.add("CLIPTextEncode", text=text, clip=clip) for text in words)
    return {"positive": [positive, 0], "negative": [negative, 0]}


def _fitted(nodes: _Nodes, picture: Link, width: int, height: int) -> Link:
    scaled = nodes.add(
        "ImageScale", image=picture, upscale_method="lanczos", width=width, height=height, crop="center"
    )  # fmt: skip
    return [scaled, 0]


def _sampler(drawn: Generate) -> dict[str, str]:
    return {
        "sampler_name": _SAMPLERS.get(drawn.sampler, drawn.sampler.value),
        "scheduler": _SCHEDULES.get(drawn.schedule, drawn.schedule.value),
    }


def _nearest(shot: Shot) -> list[str]:
    samplers = [(each.sampler.label, _SAMPLERS.get(each.sampler)) for each in shot.generates]
    schedules = [(each.schedule.label, _SCHEDULES.get(each.schedule)) for each in shot.generates]
    return [
        f"{label} is not in ComfyUI; {near}, the nearest to it, is used."
        for label, near in samplers + schedules
        if near
    ]
