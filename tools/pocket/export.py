"""The trained networks as diffusers folders: fp16 safetensors of the moving averages."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline

from tools.pocket import base, latents, networks, refiner, seam, vae, words
from tools.pocket.networks import Sizes
from tools.pocket.work import Work, write_whole

SHARED = ("text_encoder_2", "tokenizer_2", "vae")
"""Parts of the base that the refiner works with; they are not stored twice."""


def export(work: Work, sizes: Sizes, *, nouns: int, folder: Path) -> None:
    """Writes `base/`, `refiner/` when it is trained, and `recipe.json` below `folder`.

    Raises:
        FileNotFoundError: The VAE or the base has not been trained in this work folder.
    """
    coder = vae.trained(work, sizes)
    networks.keep_near_the_mean(coder)
    _write_base(work, folder / "base", coder, base.trained(work, sizes))
    write_whole(folder / "base" / "knows.json", json.dumps(knows(nouns), ensure_ascii=False, indent=1).encode())
    if work.checkpoint("refiner").exists():
        _write_refiner(folder / "refiner", refiner.trained(work, sizes))
    write_whole(folder / "recipe.json", json.dumps(work.recipe(), indent=1).encode())


def _write_base(work: Work, folder: Path, coder: AutoencoderKL, parts: base.Base) -> None:
    unet, one, two = parts
    untyped: Any = coder
    untyped.register_to_config(scaling_factor=latents.scale(work))
    make: Any = StableDiffusionXLPipeline
    pipeline = make(
        *(coder.cpu(), one.cpu(), two.cpu()),
        *networks.load_tokenizers(work.tokenizer),
        *(unet.cpu(), networks.scheduler()),
        force_zeros_for_empty_prompt=False,
        add_watermarker=False,
    )
    shutil.rmtree(folder, ignore_errors=True)
    seam.save(pipeline.to(torch.float16), folder, safe_serialization=True)
    for name in ("tokenizer", "tokenizer_2"):
        for file in ("vocab.json", "merges.txt"):
            shutil.copy(work.tokenizer / name / file, folder / name / file)


def _write_refiner(folder: Path, unet: torch.nn.Module) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    seam.save(unet.cpu().half(), folder / "unet", safe_serialization=True)
    seam.save(networks.scheduler(), folder / "scheduler")
    index = {
        "_class_name": "StableDiffusionXLImg2ImgPipeline",
        "_shared_with": {"folder": "../base", "parts": list(SHARED)},
        "force_zeros_for_empty_prompt": False,
        "requires_aesthetics_score": True,
        "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": [None, None],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": [None, None],
        "tokenizer_2": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    write_whole(folder / "model_index.json", json.dumps(index, indent=2).encode())


def knows(nouns: int) -> dict[str, object]:
    """What the model can draw, for the page's suggestions."""
    return {
        "nouns": [
            {"words": noun.words, "plural": noun.plural, "chinese": noun.chinese} for noun in words.read_nouns(nouns)
        ],
        "styles": [{"name": style.name, "words": style.english, "chinese": style.chinese} for style in words.STYLES],
        "colours": [
            {"words": (colour.name, *colour.synonyms), "chinese": (colour.chinese,)} for colour in words.COLOURS
        ],
        "papers": [{"words": (paper.name,), "chinese": (paper.chinese,)} for paper in words.PAPERS],
        "others": words.OTHERS,
        "places": [{"words": place.english, "chinese": place.chinese} for place in words.PLACES],
    }
