"""Pictures of programs that write JSON: Fooocus, RuinedFooocus, InvokeAI, NovelAI, Draw Things."""

import json
from typing import Any

from fooo.record import LossKind, Program
from tests.record.corpus.sample import Sample, commented, hidden, lost, of_fooocus, png, xmp_packet

_FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL_v8Rundiffusion",
    "base_model_hash": "aeb7e9e689",
    "full_negative_prompt": ["anime"],
    "full_prompt": ["cinematic still a cat"],
    "guidance_scale": 4.0,
    "loras": [["sd_xl_offset_example-lora_1.0", 0.1, "4852686128"]],
    "lora_combined_1": "sd_xl_offset_example-lora_1.0 : 0.1",
    "metadata_scheme": "fooocus",
    "negative_prompt": "blurry",
    "performance": "Speed",
    "prompt": "a (cat:1.2)",
    "prompt_expansion": "a cat, cinematic",
    "refiner_model": "None",
    "refiner_switch": 0.5,
    "resolution": "(1152, 896)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "42",
    "sharpness": 2.0,
    "steps": 30,
    "styles": "['Fooocus V2', 'Fooocus Sharp']",
    "vae": "Default (model)",
    "version": "Fooocus v2.5.5",
}
_OF_FOOOCUS = {
    "prompt": "a (cat:1.2)",
    "negative": "blurry",
    "dialect": "fooocus",
    "exactly": False,
    "expansion": "gentle",
    "styles": ["Fooocus Sharp"],
    "size": {"width": 1152, "height": 896},
    "models.base": "juggernautXL_v8Rundiffusion",
    "models.refiner": None,
    "models.loras": [{"name": "sd_xl_offset_example-lora_1.0", "weight": 0.1, "text_weight": None}],
    "sampling.performance": "Speed",
    "sampling.steps": 30,
    "sampling.guidance": 4.0,
    "sampling.sampler": "dpmpp_2m_sde",
    "sampling.schedule": "karras",
    "sampling.seed": 42,
    "sampling.sharpness": 2.0,
    "sampling.size_scale": {"positive": 1.5, "negative": 0.8, "end": 0.3},
}
_LOG = {
    "Prompt": "a cat", "Negative Prompt": "", "Fooocus V2 Expansion": "", "Styles": "[]", "Performance": "Quality",
    "Steps": 60, "Resolution": "(1024, 1024)", "Guidance Scale": 7, "Sharpness": 2, "ADM Guidance": "(1.5, 0.8, 0.3)",
    "Base Model": "m.safetensors", "Refiner Model": "None", "Refiner Switch": 0.8, "Sampler": "euler",
    "Scheduler": "normal", "Seed": "3", "LoRA 1": "ink.safetensors : 0.5", "FreeU": "(1.01, 1.02, 0.99, 0.95)",
    "Version": "Fooocus v2.3.0",
}  # fmt: skip
_RUINED = {
    "Prompt": "a sunflower field", "Negative": "anime", "steps": 30, "cfg": 8.5, "width": 1152, "height": 896,
    "seed": 38646,
    "sampler_name": "dpmpp_2m_sde_gpu", "scheduler": "karras", "base_model_name": "sd_xl_base_1.0.safetensors",
    "base_model_hash": "be9edd61", "loras": [["4852686128", "0.1 - offset.safetensors"]], "start_step": 0,
    "denoise": None, "clip_skip": 1, "software": "RuinedFooocus",
}  # fmt: skip
_OF_RUINED = {
    "prompt": "a sunflower field", "negative": "anime", "sampling.steps": 30, "sampling.guidance": 8.5,
    "size": {"width": 1152, "height": 896}, "sampling.seed": 38646, "sampling.sampler": "dpmpp_2m_sde",
    "models.base": "sd_xl_base_1.0", "models.clip_skip": 1,
    "models.loras": [{"name": "offset", "weight": 0.1, "text_weight": None}],
}  # fmt: skip
_INVOKE_5 = {
    "generation_mode": "sdxl_txt2img", "positive_prompt": "a (robot)1.3 reading++ a book", "negative_prompt": "blurry",
    "width": 1184, "height": 888, "seed": 591741300, "rand_device": "cpu", "cfg_scale": 5.0,
    "cfg_rescale_multiplier": 0.0, "steps": 30, "scheduler": "dpmpp_2m_sde_k",
    "model": {"key": "db73", "hash": "blake3:8967", "name": "dreamXL", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"key": "4430", "hash": "blake3:b7", "name": "light", "base": "sdxl"}, "weight": 1.5}],
    "vae": {"key": "v", "name": "sdxl-vae-fp16-fix", "base": "sdxl", "type": "vae"},
    "positive_style_prompt": "", "negative_style_prompt": "", "app_version": "5.4.2",
}  # fmt: skip
_OF_INVOKE_5 = {
    "prompt": "a (robot:1.3) (reading:1.21) a book", "negative": "blurry", "size": {"width": 1184, "height": 888},
    "sampling.seed": 591741300, "sampling.guidance": 5.0, "sampling.steps": 30,
    "sampling.sampler": "dpmpp_2m_sde", "sampling.schedule": "karras", "models.base": "dreamXL",
    "models.loras": [{"name": "light", "weight": 1.5, "text_weight": None}], "models.vae": "sdxl-vae-fp16-fix",
}  # fmt: skip
_INVOKE_3 = {
    "app_version": "3.1.0", "positive_prompt": "a cat", "negative_prompt": "", "width": 512, "height": 512, "seed": 9,
    "cfg_scale": 7.5, "steps": 50, "scheduler": "euler_a", "clip_skip": 1, "seamless_x": True, "seamless_y": True,
    "model": {"model_name": "stable-diffusion-v1-5", "base_model": "sd-1", "model_type": "main"},
    "loras": [{"lora": {"model_name": "old", "base_model": "sd-1"}, "weight": 0.75}],
    "generation_mode": "img2img", "strength": 0.6,
}  # fmt: skip
_INVOKE_2 = {
    "model": "stable diffusion", "model_weights": "analog", "model_hash": "a9a1c9", "app_id": "invoke-ai/InvokeAI",
    "app_version": "v2.2.4",
    "image": {
        "prompt": [{"prompt": "a lonely robot [blurry, text]", "weight": 1.0}], "steps": 50, "cfg_scale": 12,
        "threshold": 0, "perlin": 0, "height": 768, "width": 512, "seed": 2502935700, "seamless": False,
        "hires_fix": False, "type": "txt2img", "postprocessing": None, "sampler": "k_euler_a", "variations": [],
    },
}  # fmt: skip
_OF_INVOKE_2 = {
    "prompt": "a lonely robot", "negative": "blurry, text", "sampling.steps": 50, "sampling.guidance": 12.0,
    "size": {"width": 512, "height": 768}, "sampling.seed": 2502935700, "sampling.sampler": "euler_ancestral",
    "models.base": "analog",
}  # fmt: skip
_NOVELAI = {
    "prompt": "1girl, {silver hair}, [hat]", "steps": 28, "height": 1216, "width": 832, "scale": 5.0,
    "cfg_rescale": 0.2,
    "seed": 1234567890, "n_samples": 1, "noise_schedule": "karras", "sampler": "k_euler_ancestral", "uc": "lowres",
    "request_type": "PromptGenerateRequest", "signed_hash": "x", "uncond_scale": 1.0,
}  # fmt: skip
_OF_NOVELAI = {
    "prompt": "1girl, (silver hair:1.05), (hat:0.9524)", "negative": "lowres", "dialect": "webui", "sampling.steps": 28,
    "size": {"width": 832, "height": 1216}, "sampling.guidance": 5.0, "sampling.guidance_options.rescale": 0.2,
    "sampling.seed": 1234567890, "sampling.sampler": "euler_ancestral", "sampling.schedule": "karras",
    "models.base": None,
}  # fmt: skip
_NOVELAI_TEXTS = {
    "Title": "NovelAI generated image", "Description": _NOVELAI["prompt"], "Software": "NovelAI",
    "Source": "NovelAI Diffusion V3 AB12", "Comment": json.dumps(_NOVELAI),
}  # fmt: skip
_NOVELAI_4: dict[str, Any] = {
    **_NOVELAI, "prompt": "two people",
    "v4_prompt": {"caption": {"base_caption": "two people", "char_captions": [{"char_caption": "1.3::girl::"}]}},
    "v4_negative_prompt": {"caption": {"base_caption": "lowres", "char_captions": []}},
}  # fmt: skip
_NO_MODEL = lost(LossKind.MODEL, "Source")
_DRAW_THINGS = {
    "c": "a fox", "uc": "blurry", "steps": 28, "sampler": "DPM++ 2M Karras", "scale": 7.5, "seed": 424242,
    "size": "1024x1536", "model": "sd_xl_base_1.0_f16.ckpt", "strength": 1, "seed_mode": "Scale Alike",
    "refiner": "sd_xl_refiner_1.0_q6p_q8p.ckpt", "refiner_start": 0.85, "lora": [{"model": "detail_lora_f16.ckpt",
    "weight": 0.6}],
}  # fmt: skip
_OF_DRAW_THINGS = {
    "prompt": "a fox", "negative": "blurry", "sampling.steps": 28, "sampling.sampler": "dpmpp_2m",
    "sampling.schedule": "karras", "sampling.guidance": 7.5, "sampling.seed": 424242,
    "size": {"width": 1024, "height": 1536}, "models.base": "sd_xl_base_1.0", "models.refiner": "sd_xl_refiner_1.0",
    "models.refiner_switch": 0.85, "models.loras": [{"name": "detail_lora", "weight": 0.6, "text_weight": None}],
}  # fmt: skip
_EXPANDED = lost(LossKind.FIELD, "prompt_expansion")

SAMPLES = (
    Sample(
        name="Fooocus", program=Program.FOOOCUS, file=png({"parameters": _FOOOCUS, "fooocus_scheme": "fooocus"}),
        expects=_OF_FOOOCUS, losses=_EXPANDED,
    ),
    Sample(
        name="Fooocus, JPEG", program=Program.FOOOCUS, file=of_fooocus("JPEG", json.dumps(_FOOOCUS), "fooocus"),
        expects=_OF_FOOOCUS, losses=_EXPANDED,
    ),
    Sample(
        name="Fooocus, WebP, no scheme", program=Program.FOOOCUS, file=of_fooocus("WEBP", json.dumps(_FOOOCUS), ""),
        expects=_OF_FOOOCUS, losses=_EXPANDED,
    ),
    Sample(
        name="Fooocus, the labels of its log", program=Program.FOOOCUS, file=png({"parameters": _LOG}),
        expects={
            "prompt": "a cat", "expansion": "off", "sampling.performance": "Quality", "sampling.steps": 60,
            "models.base": "m", "models.loras": [{"name": "ink", "weight": 0.5, "text_weight": None}],
            "sampling.free_u": {"b1": 1.01, "b2": 1.02, "s1": 0.99, "s2": 0.95},
        },
    ),
    Sample(name="RuinedFooocus", program=Program.RUINED_FOOOCUS, file=png({"parameters": _RUINED}), expects=_OF_RUINED),
    Sample(
        name="RuinedFooocus, LoRAs as text", program=Program.RUINED_FOOOCUS,
        file=png({"parameters": {**_RUINED, "loras": "Loras:<offset.safetensors:0.1>"}}), expects=_OF_RUINED,
    ),
    Sample(
        name="InvokeAI 5", program=Program.INVOKEAI, file=png({"invokeai_metadata": _INVOKE_5}), expects=_OF_INVOKE_5,
    ),
    Sample(
        name="InvokeAI 3, image to image", program=Program.INVOKEAI, file=png({"invokeai_metadata": _INVOKE_3}),
        expects={
            "models.base": "stable-diffusion-v1-5", "models.clip_skip": 2, "sampling.tiling": "both",
            "sampling.sampler": "euler_ancestral", "models.loras": [{"name": "old", "weight": 0.75,
            "text_weight": None}],
        },
        losses=lost(LossKind.PICTURE, "strength"), strength=0.6,
    ),
    Sample(name="InvokeAI 2", program=Program.INVOKEAI, file=png({"sd-metadata": _INVOKE_2}), expects=_OF_INVOKE_2),
    Sample(
        name="InvokeAI 1", program=Program.INVOKEAI,
        file=png({"Dream": '"a lonely robot [blurry, text]" -s 50 -S 2502935700 -W 512 -H 768 -C 12 -A k_euler_a'}),
        expects={**_OF_INVOKE_2, "models.base": None},
    ),
    Sample(name="NovelAI", program=Program.NOVELAI, file=png(_NOVELAI_TEXTS), expects=_OF_NOVELAI, losses=_NO_MODEL),
    Sample(
        name="NovelAI, hidden", program=Program.NOVELAI, file=hidden(json.dumps(_NOVELAI_TEXTS)), expects=_OF_NOVELAI,
        losses=_NO_MODEL,
    ),
    Sample(
        name="NovelAI 4", program=Program.NOVELAI, file=png({**_NOVELAI_TEXTS, "Comment": json.dumps(_NOVELAI_4)}),
        expects={"prompt": "two people, (girl:1.3)", "negative": "lowres"}, losses=_NO_MODEL,
    ),
    Sample(
        name="NovelAI, the native schedule", program=Program.NOVELAI,
        file=png({**_NOVELAI_TEXTS, "Comment": json.dumps({**_NOVELAI, "noise_schedule": "native",
        "sampler": "ddim_v3"})}),
        expects={"sampling.sampler": None}, losses=_NO_MODEL | lost(LossKind.SAMPLER, "sampler"),
    ),
    Sample(
        name="Draw Things", program=Program.DRAW_THINGS,
        file=png({"XML:com.adobe.xmp": xmp_packet(json.dumps(_DRAW_THINGS))}, international=True),
        expects=_OF_DRAW_THINGS,
    ),
    Sample(
        name="Draw Things, JPEG", program=Program.DRAW_THINGS,
        file=commented("JPEG", b"ASCII\0\0\0" + json.dumps(_DRAW_THINGS).encode()), expects=_OF_DRAW_THINGS,
    ),
    Sample(
        name="Draw Things, a schedule of its own", program=Program.DRAW_THINGS,
        file=commented("JPEG", json.dumps({**_DRAW_THINGS, "sampler": "UniPC Trailing", "strength": 0.7}).encode()),
        expects={"sampling.sampler": "uni_pc", "sampling.schedule": "simple"},
        losses=lost(LossKind.PICTURE, "strength"), strength=0.7,
    ),
)  # fmt: skip
