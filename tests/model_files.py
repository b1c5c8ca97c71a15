"""Checkpoints, VAEs and ControlNets in the layouts in which they are handed around, with every key, and random weights.

Each network is built by diffusers or transformers and its names are turned back into the original layout's, which
diffusers' own reading undoes (`test_model_files.py`). `SMALL` ones have narrow layers and draw in seconds; of `FULL`
ones only the header is made, and the file behind it is one hole: they take no room on the disk.
"""

import importlib
import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, cast

import torch

from fooo.catalog import ModelKind
from tests.single_file import original_unet, original_vae, second_tower

diffusers: Any = importlib.import_module("diffusers")
transformers: Any = importlib.import_module("transformers")
safetensors: Any = importlib.import_module("safetensors.torch")

Weights = dict[str, torch.Tensor]

UNET = "model.diffusion_model."
VAE = "first_stage_model."

_VOCABULARY = 49408


class Widths(Enum):
    SMALL = "small"
    FULL = "full"


@dataclass(frozen=True)
class Networks:
    """Those of one checkpoint, by the names of diffusers' pipelines; None where the kind has none."""

    kind: ModelKind
    unet: Any
    vae: Any
    text_encoder: Any
    text_encoder_2: Any


@dataclass(frozen=True)
class _Build:
    """A UNet. Args: channels: small and full; heads: how many, by full channels; clip, open_clip: text encoders."""

    channels: Mapping[Widths, tuple[int, ...]]
    depths: tuple[int, ...]
    attention: tuple[bool, ...]
    clip: bool
    open_clip: str | None
    linear: bool
    size_numbers: int = 0

    def heads(self, channels: tuple[int, ...]) -> tuple[int, ...]:
        """SD 1.x has eight everywhere, the others one for each 64 channels."""
        return tuple(width // 64 if self.linear else 8 for width in channels)


_SD_CHANNELS = {Widths.SMALL: (32, 64, 96, 96), Widths.FULL: (320, 640, 1280, 1280)}
_SD2_CHANNELS = {Widths.SMALL: (64, 128, 64, 64), Widths.FULL: (320, 640, 1280, 1280)}
_SD = (True, True, True, False)
_XL = _Build(
    {Widths.SMALL: (64, 128, 64), Widths.FULL: (320, 640, 1280)},
    (1, 2, 10), (False, True, True), clip=True, open_clip="bigG", linear=True, size_numbers=6,
)  # fmt: skip
_REFINER = _Build(
    {Widths.SMALL: (64, 128, 64, 64), Widths.FULL: (384, 768, 1536, 1536)},
    (4, 4, 4, 4), (False, True, True, False), clip=False, open_clip="bigG", linear=True, size_numbers=5,
)  # fmt: skip
_SD1 = _Build(_SD_CHANNELS, (1, 1, 1, 1), _SD, clip=True, open_clip=None, linear=False)
_SD2 = _Build(_SD2_CHANNELS, (1, 1, 1, 1), _SD, clip=False, open_clip="H", linear=True)
_BUILDS = {
    ModelKind.SDXL_BASE: _XL,
    ModelKind.SDXL_INPAINT: _XL,
    ModelKind.SDXL_REFINER: _REFINER,
    ModelKind.SD1: _SD1,
    ModelKind.SD1_INPAINT: _SD1,
    ModelKind.SD2: _SD2,
    ModelKind.SD2_INPAINT: _SD2,
}
_INPAINT = {ModelKind.SDXL_INPAINT, ModelKind.SD1_INPAINT, ModelKind.SD2_INPAINT}

_TOWERS = {"L": (768, 3072, 12, 768), "H": (1024, 4096, 24, 1024), "bigG": (1280, 5120, 32, 1280)}
"""Width, width inside, layers, width of the pooled words."""
_SMALL_TOWERS = {"L": (32, 64, 12, 32), "H": (64, 128, 24, 64), "bigG": (64, 128, 32, 64)}
_PREFIXES = {
    ModelKind.SDXL_BASE: ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."),
    ModelKind.SDXL_INPAINT: ("conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."),
    ModelKind.SDXL_REFINER: ("", "conditioner.embedders.0.model."),
    ModelKind.SD1: ("cond_stage_model.transformer.", ""),
    ModelKind.SD1_INPAINT: ("cond_stage_model.transformer.", ""),
    ModelKind.SD2: ("", "cond_stage_model.model."),
    ModelKind.SD2_INPAINT: ("", "cond_stage_model.model."),
}


@contextmanager
def random_from(seed: int) -> Generator[None]:
    """Within it random numbers are those of the seed; behind it, what they would have been."""
    with cast(Any, torch).random.fork_rng(devices=[]):
        cast(Any, torch).manual_seed(seed)
        yield


def build(kind: ModelKind, widths: Widths = Widths.SMALL, *, seed: int = 0) -> Networks:
    """Networks of that kind with random weights; full ones have shapes only."""
    if widths is Widths.FULL:
        return shapes(kind, widths)
    with random_from(seed):
        return _networks(kind, widths)


@cache
def shapes(kind: ModelKind, widths: Widths) -> Networks:
    """Networks of that kind without weights."""
    with torch.device("meta"):
        return _networks(kind, widths)


def _networks(kind: ModelKind, widths: Widths) -> Networks:
    made = _BUILDS[kind]
    first = "L" if made.clip else "H" if made.open_clip == "H" else None
    return Networks(
        kind=kind,
        unet=unet(kind, widths),
        vae=vae(widths),
        text_encoder=tower(first, widths) if first else None,
        text_encoder_2=tower("bigG", widths) if made.open_clip == "bigG" else None,
    )


def unet(kind: ModelKind, widths: Widths) -> Any:
    return diffusers.UNet2DConditionModel(**unet_config(kind, widths)).eval()


def unet_config(kind: ModelKind, widths: Widths) -> dict[str, Any]:
    made = _BUILDS[kind]
    channels, towers = made.channels[widths], _TOWERS if widths is Widths.FULL else _SMALL_TOWERS
    words = [towers[name] for name in ("L" if made.clip else None, made.open_clip) if name]
    number = 256 if widths is Widths.FULL else 8
    config: dict[str, Any] = {
        "sample_size": {ModelKind.SD1: 64, ModelKind.SD1_INPAINT: 64, ModelKind.SD2: 96}.get(kind, 128),
        "in_channels": 9 if kind in _INPAINT else 4,
        "block_out_channels": channels,
        "down_block_types": tuple("CrossAttnDownBlock2D" if each else "DownBlock2D" for each in made.attention),
        "up_block_types": tuple("CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(made.attention)),
        "transformer_layers_per_block": made.depths,
        "attention_head_dim": made.heads(channels),
        "cross_attention_dim": sum(width for width, *_ in words),
        "use_linear_projection": made.linear,
    }
    if made.size_numbers:
        config |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": number,
            "projection_class_embeddings_input_dim": words[-1][3] + made.size_numbers * number,
        }
    return config


def vae(widths: Widths) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(128, 256, 512, 512) if widths is Widths.FULL else (32, 64, 96, 96),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
    ).eval()


def tower(name: str, widths: Widths) -> Any:
    """A text encoder: `L` of SD 1.x and SDXL, `H` of SD 2.x, `bigG` of SDXL; the last gives pooled words too."""
    width, inside, layers, pooled = (_TOWERS if widths is Widths.FULL else _SMALL_TOWERS)[name]
    config = transformers.CLIPTextConfig(
        vocab_size=_VOCABULARY,
        hidden_size=width,
        intermediate_size=inside,
        num_hidden_layers=layers,
        num_attention_heads=max(2, width // 64),
        hidden_act="quick_gelu" if name == "L" else "gelu",
        projection_dim=pooled,
    )
    kind = transformers.CLIPTextModel if name == "L" else transformers.CLIPTextModelWithProjection
    return kind(config).eval()


def original(networks: Networks) -> Weights:
    """The checkpoint's tensors under the original layout's names, as wide as they are."""
    clip, open_clip = _PREFIXES[networks.kind]
    second = networks.text_encoder_2 if networks.text_encoder_2 is not None else networks.text_encoder
    parts = [
        (UNET, original_unet(networks.unet.state_dict(), layers=2)),
        (VAE, original_vae(networks.vae.state_dict())),
        (clip, original_clip(networks.text_encoder.state_dict()) if clip else {}),
        (open_clip, original_open_clip(second.state_dict()) if open_clip else {}),
    ]
    return {prefix + name: weight for prefix, part in parts for name, weight in part.items()}


def original_clip(weights: Mapping[str, torch.Tensor]) -> Weights:
    """As transformers wrote it in SD's days: behind `text_model.`, and with the positions' numbers."""
    named = {name.removeprefix("text_model."): weight for name, weight in weights.items()}
    positions = named["embeddings.position_embedding.weight"]
    named["embeddings.position_ids"] = torch.arange(len(positions), device=positions.device)[None]
    return {f"text_model.{name}": weight for name, weight in named.items()}


def original_open_clip(weights: Mapping[str, torch.Tensor]) -> Weights:
    """With the scale between words and pictures, which drawing does not need."""
    scale = torch.tensor(4.6052, device=next(iter(weights.values())).device)
    return second_tower(weights) | {"logit_scale": scale}


def checkpoint(kind: ModelKind, widths: Widths = Widths.SMALL, *, dtype: torch.dtype = torch.float16) -> Weights:
    """A whole checkpoint of that kind, in the original layout."""
    return as_dtype(original(build(kind, widths)), dtype)


def control_net(kind: ModelKind, widths: Widths = Widths.SMALL) -> Any:
    """diffusers' ControlNet for a base model of that kind."""
    config = unet_config(kind, widths)
    for name in ("sample_size", "up_block_types"):
        config.pop(name)
    with torch.device("meta" if widths is Widths.FULL else "cpu"):
        return diffusers.ControlNetModel(**config)


_CONTROL_NET = (
    (r"^controlnet_cond_embedding\.conv_in\.", "input_hint_block.0."),
    (r"^controlnet_cond_embedding\.conv_out\.", "input_hint_block.14."),
    (r"^controlnet_mid_block\.", "middle_block_out.0."),
    (r"^controlnet_down_blocks\.(\d+)\.", r"zero_convs.\1.0."),
)


def original_control_net(weights: Mapping[str, torch.Tensor]) -> Weights:
    """Under the names of ControlNet's authors; between the guide's layers stand seven that have no weights."""

    def rename(name: str) -> str:
        name = re.sub(
            r"^controlnet_cond_embedding\.blocks\.(\d+)\.",
            lambda match: f"input_hint_block.{2 * int(match[1]) + 2}.",
            name,
        )
        for pattern, instead in _CONTROL_NET:
            name = re.sub(pattern, instead, name)
        return name

    own = {name: weight for name, weight in weights.items() if name.startswith("controlnet_")}
    shared = {name: weight for name, weight in weights.items() if name not in own}
    renamed = {rename(name): weight for name, weight in own.items()} | original_unet(shared, layers=2)
    return {f"control_model.{name}": weight for name, weight in renamed.items()}


def as_dtype(weights: Mapping[str, torch.Tensor], dtype: torch.dtype) -> Weights:
    """The same with every fraction in that format; whole numbers stay."""
    return {name: weight.to(dtype) if weight.is_floating_point() else weight for name, weight in weights.items()}


_NAMES = {
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2",
}  # fmt: skip


def write(file: Path, weights: Mapping[str, torch.Tensor], metadata: Mapping[str, str] | None = None) -> Path:
    """Writes a safetensors file, with the folders above it; of shapes alone, the header and a hole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if any(weight.is_meta for weight in weights.values()):
        write_header(
            file, {name: (_NAMES[weight.dtype], tuple(weight.shape)) for name, weight in weights.items()}, metadata
        )
    else:
        whole = {name: weight.detach().clone().contiguous() for name, weight in weights.items()}
        safetensors.save_file(whole, file, metadata={"format": "pt", **(metadata or {})})
    return file


def write_header(
    file: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]], metadata: Mapping[str, str] | None = None
) -> Path:
    """Writes a file of which only the header is filled. Args: tensors: Kind of numbers and shape of each."""
    sizes = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8, "F8_E4M3": 1, "F8_E5M2": 1}
    entries: dict[str, object] = {"__metadata__": {"format": "pt", **(metadata or {})}}
    at = 0
    for name, (dtype, shape) in sorted(tensors.items()):
        end = at + torch.Size(shape).numel() * sizes[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        stream.truncate(8 + len(text) + at)
    return file


def copies(file: Path, count: int) -> None:
    """Puts as many files with the same header beside one, `1` and so on in place of its name; each is a hole too."""
    with file.open("rb") as stream:
        length = stream.read(8)
        header = length + stream.read(int.from_bytes(length, "little"))
    for number in range(1, count + 1):
        with file.with_name(f"{number}{file.suffix}").open("wb") as stream:
            stream.write(header)
            stream.truncate(file.stat().st_size)


def fill(file: Path, name: str, weight: torch.Tensor) -> None:
    """Writes the numbers of one tensor into the hole behind a header."""
    with file.open("r+b") as stream:
        length = int.from_bytes(stream.read(8), "little")
        begin, end = json.loads(stream.read(length))[name]["data_offsets"]
        raw = weight.contiguous().view(torch.uint8).numpy().tobytes()
        assert len(raw) == end - begin
        stream.seek(8 + length + begin)
        stream.write(raw)
