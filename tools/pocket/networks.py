"""The networks in SDXL's layout, small; the tokenizer in CLIP's format; the noise schedule."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from tools.pocket import seam

POSITIONS = 77
SCALE_DOWN = 8
"""Pixels to a latent cell, each way."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Widths of every part; SDXL's are named beside them."""

    vae: tuple[int, ...] = (24, 48, 96, 128)
    """SDXL: 128, 256, 512, 512."""
    base: tuple[int, ...] = (64, 128, 192)
    """SDXL: 320, 640, 1280."""
    refiner: tuple[int, ...] = (64, 128, 64, 64)
    """SDXL: 384, 768, 1536, 1536. Ours is wide where detail is, and its outer widths are the base's."""
    text: tuple[int, int] = (128, 160)
    """SDXL: 768, 1280."""
    text_layers: int = 4
    pooled: int = 160
    """SDXL: 1280."""
    number: int = 32
    """Width of one size number's embedding; SDXL: 256."""
    tokens: int = 2500
    """Learnt from captions, letters counted in; Chinese characters come on top."""
    captions: int = 60_000
    """That the tokenizer is learnt from."""
    characters_of: int = 300
    """Nouns whose Chinese characters are tokens of their own."""


TINY = Sizes(
    vae=(8, 8, 16, 16),
    base=(16, 32, 32),
    refiner=(16, 32, 32, 32),
    text=(32, 64),
    text_layers=2,
    pooled=32,
    number=8,
    tokens=800,
    captions=2000,
    characters_of=10,
)
"""For a run of all steps in a minute or two."""


def vae(sizes: Sizes) -> AutoencoderKL:
    widths: dict[str, Any] = {
        "block_out_channels": sizes.vae,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    network = AutoencoderKL(
        **widths, layers_per_block=1, latent_channels=4, norm_num_groups=8, sample_size=128, force_upcast=False
    )
    keep_near_the_mean(network)
    return network


@torch.no_grad()
def keep_near_the_mean(network: AutoencoderKL) -> None:
    """Fixes the posterior's spread at a small value: sampling it, as image-to-image does, then stays near its mean."""
    last = cast(nn.Conv2d, network.quant_conv)
    last.weight[4:] = 0
    cast(torch.Tensor, last.bias)[4:] = -6.0


def base_unet(sizes: Sizes) -> UNet2DConditionModel:
    return _unet(sizes, sizes.base, sum(sizes.text), 6, ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"))


def refiner_unet(sizes: Sizes) -> UNet2DConditionModel:
    """Told the second tower's words alone, and an aesthetic score in place of the target size."""
    kinds = ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D")
    return _unet(sizes, sizes.refiner, sizes.text[1], 5, kinds)


def _unet(
    sizes: Sizes, widths: tuple[int, ...], context: int, numbers: int, kinds: tuple[str, ...]
) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=16,
        norm_num_groups=16,
        block_out_channels=widths,
        layers_per_block=1,
        down_block_types=kinds,
        up_block_types=tuple(kind.replace("Down", "Up") for kind in reversed(kinds)),
        transformer_layers_per_block=1,
        attention_head_dim=cast(Any, tuple(max(1, width // 32) for width in widths)),
        cross_attention_dim=context,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=sizes.number,
        projection_class_embeddings_input_dim=sizes.pooled + numbers * sizes.number,
    )


def with_released(unet: UNet2DConditionModel, folder: Path) -> UNet2DConditionModel:
    """It, with the weights of a released one of its widths. Args: folder: Of the model that has it as `unet`."""
    unet.load_state_dict(seam.load(UNet2DConditionModel, folder / "unet", torch_dtype=torch.float32).state_dict())
    return unet


def towers(sizes: Sizes, tokenizer: CLIPTokenizer) -> tuple[CLIPTextModel, CLIPTextModelWithProjection]:
    begin, end = cast(int, tokenizer.bos_token_id), cast(int, tokenizer.eos_token_id)

    def config(width: int, activation: str, pad: int) -> CLIPTextConfig:
        return CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=sizes.text_layers,
            num_attention_heads=width // 32,
            projection_dim=sizes.pooled,
            max_position_embeddings=POSITIONS,
            hidden_act=activation,
            # The pooled vector is taken at the end token: its id must stand here.
            bos_token_id=begin,
            eos_token_id=end,
            pad_token_id=pad,
        )

    first, second = config(sizes.text[0], "quick_gelu", end), config(sizes.text[1], "gelu", 0)
    return CLIPTextModel(first), CLIPTextModelWithProjection(second)


@dataclass(frozen=True, slots=True)
class Words:
    """Captions as numbers for both towers."""

    first: torch.Tensor
    """Shape (captions, 77), padded with the end token."""
    second: torch.Tensor
    """Shape (captions, 77), padded with "!", as SDXL's second tokenizer does."""


def tokens(tokenizers: tuple[CLIPTokenizer, CLIPTokenizer], captions: Sequence[str]) -> Words:
    def numbers(tokenizer: Any) -> torch.Tensor:
        told = tokenizer(
            list(captions), padding="max_length", max_length=POSITIONS, truncation=True, return_tensors="pt"
        )
        return told.input_ids

    first, second = tokenizers
    return Words(numbers(first), numbers(second))


@dataclass(frozen=True, slots=True)
class Understood:
    """SDXL's text conditioning: the last hidden layers but one, and the second tower's pooled words."""

    first: torch.Tensor
    second: torch.Tensor
    pooled: torch.Tensor


def understand(one: CLIPTextModel, two: CLIPTextModelWithProjection, words: Words) -> Understood:
    a = one(words.first, output_hidden_states=True)
    b = two(words.second, output_hidden_states=True)
    return Understood(a.hidden_states[-2], b.hidden_states[-2], b.text_embeds)


def train_tokenizer(captions: Iterable[str], characters: Iterable[str], size: int, folder: Path) -> None:
    """Byte-level BPE in CLIP's file format; both tokenizers, with `vocab.json` and `merges.txt` beside.

    `size` tokens are learnt from `captions`, letters and the two marks counted in; the same captions give the same
    files. Each of `characters` becomes a token of its own and never part of a longer one: Chinese is written without
    spaces, and pieces learnt from whole phrases would not be found again in other phrases.
    """
    clip = CLIPTokenizer()
    learner = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    learner.normalizer, learner.pre_tokenizer = clip.backend_tokenizer.normalizer, clip.backend_tokenizer.pre_tokenizer
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    last_letters = [letter + "</w>" for letter in alphabet]
    learner.train_from_iterator(
        captions,
        trainers.BpeTrainer(
            vocab_size=size - 2,
            min_frequency=2,
            initial_alphabet=alphabet,
            end_of_word_suffix="</w>",
            continuing_subword_prefix="",
            # Of pairs equally common, that of the lower numbers is merged first. Letters at a word's end would get
            # theirs in the order of a hash table, which is another one in each process: so all are numbered before.
            special_tokens=last_letters,
        ),
    )
    learnt = json.loads(learner.to_str())["model"]
    merges = [(first, second) for first, second in learnt["merges"]]
    for character in sorted(set(characters)):
        merges += _whole_character(character)
    merges = list(dict.fromkeys(merges))
    vocabulary: dict[str, int] = {}
    letters = ["!", *alphabet, *last_letters]
    pieces = [first + second for first, second in merges]
    for token in [*letters, *pieces, "<|startoftext|>", "<|endoftext|>"]:
        vocabulary.setdefault(token, len(vocabulary))
    for name, pad in (("tokenizer", "<|endoftext|>"), ("tokenizer_2", "!")):
        clip_like: Any = CLIPTokenizer
        seam.save(clip_like(vocab=vocabulary, merges=merges, model_max_length=POSITIONS, pad_token=pad), folder / name)
        (folder / name / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
        (folder / name / "merges.txt").write_text(
            "#version: 0.2\n" + "\n".join(" ".join(merge) for merge in merges) + "\n", "utf-8"
        )


def _whole_character(character: str) -> list[tuple[str, str]]:
    """Merges that join the bytes of a character, within a word and at its end."""
    [(written, _)] = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(character)
    merges: list[tuple[str, str]] = []
    joined = written[0]
    for place, letter in enumerate(written[1:], 2):
        if place == len(written):
            merges.append((joined, letter + "</w>"))
        merges.append((joined, letter))
        joined += letter
    return merges


def load_tokenizers(folder: Path) -> tuple[CLIPTokenizer, CLIPTokenizer]:
    return seam.load(CLIPTokenizer, folder / "tokenizer"), seam.load(CLIPTokenizer, folder / "tokenizer_2")


def scheduler() -> EulerDiscreteScheduler:
    """SDXL's betas stretched to end in pure noise, steps counted from there; the network predicts v.

    Lin et al. 2024, "Common Diffusion Noise Schedules and Sample Steps are Flawed", sections 3.1 and 3.3.
    """
    return EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        num_train_timesteps=1000,
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
        steps_offset=1,
    )


def alphas_cumprod() -> torch.Tensor:
    """Share of the picture's variance at each of the 1000 training steps; the last is nothing."""
    roots = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64)
    kept = torch.cumprod(1 - roots**2, 0).sqrt()
    return (((kept - kept[-1]) * kept[0] / (kept[0] - kept[-1])) ** 2).float()
