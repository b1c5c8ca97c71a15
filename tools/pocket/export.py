"""The trained networks as diffusers folders: fp16 safetensors of the moving averages."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline

from tools.pocket import base, keeping, latents, networks, refiner, seam, vae, words
from tools.pocket.networks import Sizes
from tools.pocket.work import Work

log = logging.getLogger(__name__)

SHARED = ("text_encoder_2", "tokenizer_2", "vae")
"""Parts of the base that the refiner works with; they are not stored twice."""


def export(work: Work, sizes: Sizes, *, nouns: int, folder: Path) -> None:
    """Writes `base/`, `refiner/` when it is trained, and `recipe.json` below `folder`.

    What is there stays until all of the new lies beside it, whole.

    Raises:
        FileNotFoundError: The VAE or the base has not been trained in this work folder.
        MadeOtherwise: The base has learnt from the latents of another VAE.
    """
    coder = vae.trained(work, sizes)
    latents.belong(work, coder)
    networks.keep_near_the_mean(coder)
    new = {"base": _beside(folder / "base")}
    _write_base(work, new["base"], coder, base.trained(work, sizes))
    keeping.write_whole(new["base"] / "knows.json", json.dumps(knows(nouns), ensure_ascii=False, indent=1).encode())
    if work.checkpoint("refiner").exists():
        new["refiner"] = _beside(folder / "refiner")
        _write_refiner(new["refiner"], refiner.trained(work, sizes))
    elif (folder / "refiner").exists():
        log.warning("%s stays, and belongs to another base: train a refiner, or delete it", folder / "refiner")
    for name, part in new.items():
        _put_in_place(part, folder / name)
    keeping.write_whole(folder / "recipe.json", json.dumps(work.recipe(), indent=1).encode())


def _beside(place: Path) -> Path:
    """An empty folder's path next to `place`."""
    new = place.with_name(place.name + ".part")
    shutil.rmtree(new, ignore_errors=True)
    return new


def _put_in_place(new: Path, place: Path) -> None:
    """Moves the folder there, what was there out of its way first."""
    old = place.with_name(place.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


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
    seam.save(pipeline.to(torch.float16), folder, safe_serialization=True)
    for name in ("text_encoder", "text_encoder_2"):
        _name_as_sdxl(folder / name / "model.safetensors")
    for name in ("tokenizer", "tokenizer_2"):
        for file in ("vocab.json", "merges.txt"):
            shutil.copy(work.tokenizer / name / file, folder / name / file)


def _name_as_sdxl(file: Path) -> None:
    """Puts SDXL's `text_model.` before a tower's weights where transformers left it out, as it does since 5.6."""
    weights = {
        name if name.startswith(("text_model.", "text_projection.")) else f"text_model.{name}": weight
        for name, weight in seam.read_weights(file).items()
    }
    keeping.write_whole(file, seam.safetensors(weights))


def _write_refiner(folder: Path, unet: torch.nn.Module) -> None:
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
    keeping.write_whole(folder / "model_index.json", json.dumps(index, indent=2).encode())


def knows(nouns: int) -> dict[str, object]:
    """What the model can draw, for the page's suggestions.

    A tenth of the captions are Chinese, and it draws what they name less surely (models/pocket/README.md): people who
    ask in Chinese are offered the English words.
    """
    return {
        "reads_chinese": False,
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
