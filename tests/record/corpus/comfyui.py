"""Pictures of ComfyUI: graphs as they are run, and as its page keeps them."""

from typing import Any

from fooo.record import LossKind, Program
from tests.record.corpus.sample import Sample, lost, png, with_graphs


def _node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


_GRAPH: dict[str, Any] = {
    "3": _node(
        "KSampler", seed=156680208700286, steps=20, cfg=8, sampler_name="dpmpp_2m_sde_gpu", scheduler="karras",
        denoise=1,
        model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0],
    ),
    "4": _node("CheckpointLoaderSimple", ckpt_name="v1-5-pruned-emaonly.safetensors"),
    "5": _node("EmptyLatentImage", width=512, height=768, batch_size=1),
    "6": _node("CLIPTextEncode", text="a (bottle:1.2) of (galaxies)", clip=["4", 1]),
    "7": _node("CLIPTextEncode", text="text, watermark", clip=["4", 1]),
    "8": _node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": _node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
}  # fmt: skip
_EXPECTS = {
    "prompt": "a (bottle:1.2) of (galaxies)",
    "negative": "text, watermark",
    "dialect": "fooocus",
    "size": {"width": 512, "height": 768},
    "sampling.seed": 156680208700286,
    "sampling.steps": 20,
    "sampling.guidance": 8.0,
    "sampling.sampler": "dpmpp_2m_sde",
    "sampling.schedule": "karras",
    "models.base": "v1-5-pruned-emaonly",
}
_DRAWING: dict[str, Any] = {
    "last_node_id": 9,
    "nodes": [
        {"id": 3, "type": "KSampler", "widgets_values": [156680208700286, "randomize", 20, 8, "dpmpp_2m_sde_gpu",
        "karras", 1],
         "inputs": [{"name": "model", "link": 1}, {"name": "positive", "link": 4}, {"name": "negative", "link": 6},
                    {"name": "latent_image", "link": 2}]},
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["v1-5-pruned-emaonly.safetensors"],
        "inputs": []},
        {"id": 5, "type": "EmptyLatentImage", "widgets_values": [512, 768, 1]},
        {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a (bottle:1.2) of (galaxies)"],
         "inputs": [{"name": "clip", "link": 3}]},
        {"id": 7, "type": "CLIPTextEncode", "widgets_values": ["text, watermark"], "inputs": [{"name": "clip",
        "link": 5}]},
    ],
    "links": [[1, 4, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [3, 4, 1, 6, 0, "CLIP"], [4, 6, 0, 3, 1,
    "CONDITIONING"],
              [5, 4, 1, 7, 0, "CLIP"], [6, 7, 0, 3, 2, "CONDITIONING"]],
    "version": 0.4,
}  # fmt: skip
_WITH_FILES = {
    **_GRAPH,
    "3": {**_GRAPH["3"], "inputs": {**_GRAPH["3"]["inputs"], "model": ["11", 0]}},
    "6": _node("CLIPTextEncode", text=["20", 0], clip=["12", 0]),
    "10": _node(
        "LoraLoader", lora_name="a/ink.safetensors", strength_model=0.7, strength_clip=1, model=["4", 0], clip=["4", 1]
    ),
    "11": _node("LoraLoaderModelOnly", lora_name="b.safetensors", strength_model=-0.5, model=["10", 0]),
    "12": _node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["10", 1]),
    "13": _node("VAELoader", vae_name="sdxl_vae.safetensors"),
    "20": _node("PrimitiveStringMultiline", value="a fox"),
}
_TWO_PASSES = {
    **_GRAPH,
    "1": _node(
        "KSampler", seed=1, steps=14, cfg=8, sampler_name="euler", scheduler="normal", denoise=0.5, model=["4", 0],
        positive=["6", 0], negative=["7", 0], latent_image=["14", 0],
    ),
    "14": _node("LatentUpscale", samples=["3", 0], width=1024, height=1536),
}  # fmt: skip
_REFINED = {
    "1": _node(
        "KSamplerAdvanced", add_noise="enable", noise_seed=721897303308196, steps=25, cfg=8, sampler_name="euler",
        scheduler="normal", start_at_step=0, end_at_step=20, return_with_leftover_noise="enable", model=["4", 0],
        positive=["6", 0], negative=["7", 0], latent_image=["5", 0],
    ),
    "4": _node("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors"),
    "5": _node("EmptyLatentImage", width=1024, height=1024, batch_size=1),
    "6": _node("CLIPTextEncodeSDXL", width=4096, height=4096, text_g="a lake", text_l="a lake", clip=["4", 1]),
    "7": _node("CLIPTextEncode", text="", clip=["4", 1]),
}  # fmt: skip
_CUSTOM = {
    "1": _node(
        "SamplerCustomAdvanced",
        noise=["25", 0],
        guider=["22", 0],
        sampler=["16", 0],
        sigmas=["17", 0],
        latent_image=["5", 0],
    ),
    "5": _node("EmptySD3LatentImage", width=1024, height=768, batch_size=1),
    "6": _node("CLIPTextEncode", text="a town", clip=["11", 0]),
    "7": _node("CLIPTextEncode", text="fog", clip=["11", 0]),
    "12": _node("UNETLoader", unet_name="m.safetensors", weight_dtype="default"),
    "16": _node("KSamplerSelect", sampler_name="euler"),
    "17": _node("BasicScheduler", scheduler="simple", steps=18, denoise=1, model=["12", 0]),
    "22": _node("CFGGuider", cfg=5.5, model=["12", 0], positive=["6", 0], negative=["7", 0]),
    "25": _node("RandomNoise", noise_seed=219670278747233),
}
_NAN: dict[str, Any] = {**_GRAPH, "30": {"class_type": "Random", "inputs": {}, "is_changed": [float("nan")]}}

SAMPLES = (
    Sample(
        name="ComfyUI", program=Program.COMFYUI, file=png({"prompt": _GRAPH, "workflow": _DRAWING}), expects=_EXPECTS
    ),
    Sample(
        name="ComfyUI, the drawing alone", program=Program.COMFYUI, file=png({"workflow": _DRAWING}), expects=_EXPECTS
    ),
    Sample(name="ComfyUI, WebP", program=Program.COMFYUI, file=with_graphs(_GRAPH, _DRAWING), expects=_EXPECTS),
    Sample(name="ComfyUI, NaN in it", program=Program.COMFYUI, file=png({"prompt": _NAN}), expects=_EXPECTS),
    Sample(
        name="ComfyUI, LoRAs and other files",
        program=Program.COMFYUI,
        file=png({"prompt": _WITH_FILES}),
        expects={
            "prompt": "a fox",
            "models.loras": [
                {"name": "a/ink", "weight": 0.7, "text_weight": None},
                {"name": "b", "weight": -0.5, "text_weight": None},
            ],
            "models.clip_skip": 2,
            "models.vae": "sdxl_vae",
        },
    ),
    Sample(
        name="ComfyUI, two passes",
        program=Program.COMFYUI,
        file=png({"prompt": _TWO_PASSES}),
        expects=_EXPECTS,
        losses=lost(LossKind.FIELD, "graph"),
    ),
    Sample(
        name="ComfyUI, advanced, SDXL's encoder",
        program=Program.COMFYUI,
        file=png({"prompt": _REFINED}),
        expects={
            "prompt": "a lake",
            "sampling.seed": 721897303308196,
            "sampling.steps": 25,
            "models.base": "sd_xl_base_1.0",
        },
    ),
    Sample(
        name="ComfyUI, the sampler in parts",
        program=Program.COMFYUI,
        file=png({"prompt": _CUSTOM}),
        expects={
            "prompt": "a town",
            "negative": "fog",
            "sampling.seed": 219670278747233,
            "sampling.steps": 18,
            "sampling.guidance": 5.5,
            "sampling.sampler": "euler",
            "sampling.schedule": "simple",
            "models.base": "m",
            "size": {"width": 1024, "height": 768},
        },
    ),
    Sample(
        name="ComfyUI, drawn over a picture",
        program=Program.COMFYUI,
        file=png({"prompt": {**_GRAPH, "3": {**_GRAPH["3"], "inputs": {**_GRAPH["3"]["inputs"], "denoise": 0.6}}}}),
        expects=_EXPECTS,
        losses=lost(LossKind.PICTURE, "denoise"),
        strength=0.6,
    ),
)
