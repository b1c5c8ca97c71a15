"""Pictures of the webui and its kin: Forge, SD.Next, Fooocus in its `a1111` scheme."""

from collections.abc import Mapping
from typing import Any

from fooo.record import LossKind, Program
from tests.record.corpus.sample import Sample, commented, compressed_png, hidden, lost, of_fooocus, png

_PLAIN = (
    "a cat, (masterpiece:1.2), <lora:ink:0.5>\n"
    "Negative prompt: blurry, lowres\n"
    "Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 123456789, Size: 832x1216, "
    "Model hash: aeb7e9e689, Model: juggernautXL_v8, Clip skip: 2, Version: v1.10.1"
)
_WORDS = {
    "prompt": "a cat, (masterpiece:1.2), <lora:ink:0.5>",
    "negative": "blurry, lowres",
    "dialect": "webui",
    "exactly": True,
    "expansion": "off",
    "preset": None,
    "sampling.steps": 30,
    "sampling.sampler": "dpmpp_2m",
    "sampling.schedule": "karras",
    "sampling.guidance": 7.5,
    "sampling.seed": 123456789,
    "size": {"width": 832, "height": 1216},
    "models.base": "juggernautXL_v8",
    "models.clip_skip": 2,
}
_LINE = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x768, Model: m"
_SHORT = {"sampling.steps": 20, "sampling.sampler": "euler_ancestral", "sampling.seed": 1, "models.base": "m"}


def _of_webui(
    name: str, text: str, *, program: Program = Program.WEBUI, expects: Mapping[str, Any] | None = None, **others: Any
) -> Sample:
    """One with the line of fields above; `expects` are those that differ."""
    said = {**_SHORT, **(expects or {})}
    return Sample(name=name, program=program, file=png({"parameters": text}), expects=said, **others)


_FOOOCUS = (
    "cinematic still a cat . emotional, harmonious\n"
    "Negative prompt: anime, cartoon\n"
    "Steps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 42, Size: 1152x896, CFG scale: 4, Sharpness: 2, "
    'ADM Guidance: "(1.5, '
    '0.8, 0.3)", Model: juggernautXL_v8Rundiffusion, Model hash: aeb7e9e689, Performance: Speed, Scheduler: karras, '
    "VAE: Default (model), Raw prompt: a cat, Raw negative prompt: , Lora hashes: "
    '"sd_xl_offset_example-lora_1.0: 4852686128", Lora weights: "sd_xl_offset_example-lora_1.0: 0.1", '
    "Version: Fooocus v2.5.5"
)
_OF_FOOOCUS = {
    "prompt": "cinematic still a cat . emotional, harmonious",
    "negative": "anime, cartoon",
    "dialect": "fooocus",
    "size": {"width": 1152, "height": 896},
    "sampling.sampler": "dpmpp_2m_sde",
    "sampling.schedule": "karras",
    "sampling.sharpness": 2.0,
    "sampling.size_scale": {"positive": 1.5, "negative": 0.8, "end": 0.3},
    "sampling.performance": "Speed",
    "models.loras": [{"name": "sd_xl_offset_example-lora_1.0", "weight": 0.1, "text_weight": None}],
    "models.vae": None,
}

SAMPLES = (
    Sample(name="webui", program=Program.WEBUI, file=png({"parameters": _PLAIN}), expects=_WORDS),
    Sample(
        name="webui, iTXt", program=Program.WEBUI, file=png({"parameters": _PLAIN}, international=True), expects=_WORDS
    ),
    Sample(name="webui, zTXt", program=Program.WEBUI, file=compressed_png("parameters", _PLAIN), expects=_WORDS),
    Sample(
        name="webui, JPEG",
        program=Program.WEBUI,
        file=commented("JPEG", b"UNICODE\0" + _PLAIN.encode("utf-16-be")),
        expects=_WORDS,
    ),
    Sample(
        name="webui, WebP, the other order",
        program=Program.WEBUI,
        file=commented("WEBP", b"UNICODE\0" + _PLAIN.encode("utf-16-le")),
        expects=_WORDS,
    ),
    Sample(
        name="webui, JPEG, ASCII",
        program=Program.WEBUI,
        file=commented("JPEG", b"ASCII\0\0\0" + _PLAIN.encode()),
        expects=_WORDS,
    ),
    Sample(name="webui, hidden", program=Program.WEBUI, file=hidden(_PLAIN), expects=_WORDS),
    Sample(
        name="webui, hidden, not compressed",
        program=Program.WEBUI,
        file=hidden(_PLAIN, compressed=False),
        expects=_WORDS,
    ),
    Sample(
        name="webui, Chinese",
        program=Program.WEBUI,
        file=commented("JPEG", b"UNICODE\0" + f"一只猫\n{_LINE}".encode("utf-16-be")),
        expects={"prompt": "一只猫", "negative": "", **_SHORT},
    ),
    _of_webui(
        "webui before 1.9, the schedule in the sampler's name",
        "x\nSteps: 20, Sampler: DPM++ SDE Karras, CFG scale: 7, Seed: 1, Size: 512x768, Model: m",
        expects={"sampling.sampler": "dpmpp_sde", "sampling.schedule": "karras"},
    ),
    _of_webui("webui, no negative", f"a cat\n{_LINE}", expects={"prompt": "a cat", "negative": ""}),
    _of_webui("webui, no prompt", _LINE, expects={"prompt": ""}),
    _of_webui(
        "webui, several lines",
        f"a cat\nBREAK\na dog\nNegative prompt: blurry\nugly\n{_LINE}",
        expects={"prompt": "a cat\nBREAK\na dog", "negative": "blurry\nugly"},
    ),
    _of_webui(
        "webui, Windows' line ends",
        f"a cat\r\nNegative prompt: b\r\n{_LINE}",
        expects={"prompt": "a cat", "negative": "b"},
    ),
    _of_webui(
        "webui, variation",
        f"x\n{_LINE}, Variation seed: 77, Variation seed strength: 0.25",
        expects={"sampling.variation": {"seed": 77, "strength": 0.25}},
    ),
    _of_webui(
        "webui, image to image",
        f"x\n{_LINE}, Denoising strength: 0.6",
        losses=lost(LossKind.PICTURE, "Denoising strength"),
        strength=0.6,
    ),
    _of_webui(
        "webui, hires",
        f"x\n{_LINE}, Denoising strength: 0.4, Hires upscale: 2, Hires steps: 15, Hires upscaler: R-ESRGAN 4x+",
        expects={"enlarge.by": 2.0, "enlarge.repaint": 0.4, "enlarge.steps": 15, "enlarge.upscaler": "photo"},
    ),
    _of_webui(
        "webui, refiner, VAE",
        f"x\n{_LINE}, VAE hash: 235745af8d, VAE: sdxl_vae.safetensors, "
        "Refiner: refiner_1.0 [7440042bbd], Refiner switch at: 0.7",
        expects={"models.refiner": "refiner_1.0", "models.refiner_switch": 0.7, "models.vae": "sdxl_vae"},
    ),
    _of_webui(
        "webui, extensions",
        f'x\n{_LINE}, ADetailer model: face_yolov8n.pt, ControlNet 0: "Module: canny, Weight: 1, Pixel Perfect: True"',
        losses=lost(LossKind.FIELD, "ADetailer model", "ControlNet 0"),
    ),
    _of_webui(
        "webui, a sampler that is not here",
        "x\nSteps: 20, Sampler: PLMS, CFG scale: 7, Seed: 1, Size: 512x768, Model: m",
        expects={"sampling.sampler": "lms"},
        losses=lost(LossKind.SAMPLER, "Sampler"),
    ),
    _of_webui(
        "webui, values that cannot be",
        "x\nSteps: 20, Sampler: Euler a, CFG scale: 7000, Seed: 1, Size: 0x0, Clip skip: -3, Model: m",
        expects={"sampling.guidance": None, "size": None, "models.clip_skip": None},
        losses=lost(LossKind.VALUE, "CFG scale", "Size", "Clip skip"),
    ),
    _of_webui(
        "webui, quoted JSON behind",
        f'x\n{_LINE}, Lora hashes: "ink: 123456789012, \\"b\\": 1", '
        'Hashes: {{"model": "aeb7e9e689"}}, Tiling: True',
        expects={"sampling.tiling": "both"},
        losses=lost(LossKind.FIELD),
    ),
    _of_webui(
        "webui, templates behind the fields",
        f"a red cat\n{_LINE}\nTemplate: a {{red|blue}} cat",
        expects={"prompt": "a red cat"},
    ),
    Sample(
        name="webui's form, drawn by Civitai",
        program=Program.WEBUI,
        file=png(
            {
                "parameters": "x\nSteps: 25, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 832x1216, "
                'Civitai resources: [{"type":"checkpoint","modelVersionId":1,"modelName":"Big","baseModel":"SDXL"},'
                '{"type":"lora","weight":0.8,"modelVersionId":2,"modelName":"Ink"}], Civitai metadata: {"remixOfId":3}'
            }
        ),
        expects={
            "sampling.steps": 25,
            "models.base": "Big",
            "models.loras": [{"name": "Ink", "weight": 0.8, "text_weight": None}],
        },
    ),
    _of_webui(
        "Forge",
        f"x\n{_LINE}, Distilled CFG Scale: 3.5, Diffusion in Low Bits: Automatic, Version: f2.0.1v1.10.1-previous-659",
        program=Program.FORGE,
        losses=lost(LossKind.FIELD, "Distilled CFG Scale", "Diffusion in Low Bits"),
    ),
    _of_webui(
        "Forge, modules",
        f"x\n{_LINE}, Schedule type: Simple, Module 1: ae, Version: f1.0.0",
        program=Program.FORGE,
        expects={"sampling.schedule": "simple"},
        losses=lost(LossKind.FIELD, "Module 1"),
    ),
    _of_webui(
        "SD.Next",
        "x\nSteps: 20, Size: 512x768, Sampler: Euler a, Seed: 1, CFG scale: 6, CFG rescale: 0.7, Model: m, "
        "App: SD.Next, "
        "Version: 058a7f0, Operations: txt2img, Pipeline: StableDiffusionXLPipeline",
        program=Program.SD_NEXT,
        expects={"sampling.guidance": 6.0, "sampling.guidance_options.rescale": 0.7},
    ),
    Sample(
        name="Fooocus, a1111",
        program=Program.FOOOCUS,
        file=png({"parameters": _FOOOCUS, "fooocus_scheme": "a1111"}),
        expects=_OF_FOOOCUS,
    ),
    Sample(
        name="Fooocus, a1111, JPEG",
        program=Program.FOOOCUS,
        file=of_fooocus("JPEG", _FOOOCUS, "a1111"),
        expects=_OF_FOOOCUS,
    ),
    Sample(
        name="Fooocus, a1111, WebP",
        program=Program.FOOOCUS,
        file=of_fooocus("WEBP", _FOOOCUS, "a1111"),
        expects=_OF_FOOOCUS,
    ),
)
