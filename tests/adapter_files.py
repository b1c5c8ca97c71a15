"""LoRAs, embeddings, IP-Adapters, control-LoRAs and upscalers in the layouts in which they are handed around.

Small ones fit the small networks of `model_files.py` and hold small random numbers; of full ones there are shapes only.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, cast

import torch

from fooo.catalog import ModelKind
from tests.model_files import Weights, Widths, original_clip, random_from, shapes
from tests.single_file import original_unet

_TEXT = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "mlp.fc1", "mlp.fc2")


class Change(Enum):
    LORA = "lora"
    LOHA = "loha"
    LOKR = "lokr"
    """Both factors whole."""
    LOKR_SPLIT = "lokr split"
    """The second factor split again."""


@cache
def changed_modules(kind: ModelKind, widths: Widths = Widths.SMALL) -> Mapping[str, tuple[int, ...]]:
    """The modules that LoRAs change, with the shape of their weights; by diffusers' names.

    Those of every transformer in the UNet, `unet.`, and of each layer in the text encoders, `text_encoder.` and
    `text_encoder_2.`.
    """
    networks = shapes(kind, widths)
    modules: dict[str, tuple[int, ...]] = {}
    for name, weight in networks.unet.state_dict().items():
        module = name.removesuffix(".weight")
        if ".attentions." in name and name.endswith(".weight") and weight.ndim > 1:
            modules[f"unet.{module}"] = tuple(weight.shape)
    for part in ("text_encoder", "text_encoder_2"):
        tower = getattr(networks, part)
        weights: Mapping[str, torch.Tensor] = original_clip(tower.state_dict()) if tower is not None else {}
        for name, weight in weights.items():
            if name.removesuffix(".weight").endswith(_TEXT):
                modules[f"{part}.{name.removesuffix('.weight')}"] = tuple(weight.shape)
    return modules


@cache
def kohya_name(module: str, kind: ModelKind) -> str:
    """As kohya's scripts call a module: SDXL's UNet by the original layout, SD's by diffusers', dots as lines."""
    part, _, inside = module.partition(".")
    is_xl = kind.base.value.startswith("SDXL")
    if part == "unet":
        if is_xl:
            inside = next(iter(original_unet({f"{inside}.weight": torch.empty(0)}, layers=2))).removesuffix(".weight")
        return f"lora_unet_{inside}".replace(".", "_")
    number = "" if not is_xl else "2" if part == "text_encoder_2" else "1"
    return f"lora_te{number}_{inside}".replace(".", "_")


def lora(
    kind: ModelKind,
    widths: Widths = Widths.SMALL,
    *,
    change: Change = Change.LORA,
    rank: int = 4,
    alpha: float = 2.0,
    only: Callable[[str], bool] = lambda module: True,
    seed: int = 0,
) -> Weights:
    """In kohya's and LyCORIS' names. Args: only: Which of `changed_modules` it changes."""
    modules = {name: shape for name, shape in changed_modules(kind, widths).items() if only(name)}
    device = "meta" if widths is Widths.FULL else "cpu"
    with random_from(seed), torch.device(device):
        return {
            f"{kohya_name(module, kind)}.{leaf}": weight
            for module, shape in modules.items()
            for leaf, weight in {**_CHANGES[change](shape, rank), "alpha": torch.tensor(alpha)}.items()
        }


def diffusers_lora(kind: ModelKind, widths: Widths = Widths.SMALL, *, rank: int = 4, seed: int = 0) -> Weights:
    """In diffusers' names, as its training scripts save one."""
    with random_from(seed), torch.device("meta" if widths is Widths.FULL else "cpu"):
        return {
            f"{module}.{leaf.replace('lora_down', 'lora_A').replace('lora_up', 'lora_B')}": weight
            for module, shape in changed_modules(kind, widths).items()
            for leaf, weight in _lora(shape, rank).items()
        }


def _small(*shape: int) -> torch.Tensor:
    return cast(torch.Tensor, cast(Any, torch).randn(shape)).mul_(0.1)


def _lora(shape: tuple[int, ...], rank: int) -> Weights:
    """Of a convolution, `shape` has its pixels behind, and so have both factors: the second one of a single pixel."""
    out, into, *pixels = shape
    return {
        "lora_down.weight": _small(rank, into, *pixels),
        "lora_up.weight": _small(out, rank, *(1 for _ in pixels)),
    }


def _loha(shape: tuple[int, ...], rank: int) -> Weights:
    out, into = shape[0], torch.Size(shape[1:]).numel()
    names = ("hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")
    return {name: _small(out, rank) if name.endswith("a") else _small(rank, into) for name in names}


def _lokr(shape: tuple[int, ...], rank: int) -> Weights:
    """A factor of 4 x 4, and the rest."""
    return {"lokr_w1": _small(4, 4), "lokr_w2": _small(shape[0] // 4, shape[1] // 4, *shape[2:])}


def _lokr_split(shape: tuple[int, ...], rank: int) -> Weights:
    inside = torch.Size(shape[1:]).numel() // 4
    return {"lokr_w1": _small(4, 4), "lokr_w2_a": _small(shape[0] // 4, rank), "lokr_w2_b": _small(rank, inside)}


_CHANGES: dict[Change, Callable[[tuple[int, ...], int], Weights]] = {
    Change.LORA: _lora,
    Change.LOHA: _loha,
    Change.LOKR: _lokr,
    Change.LOKR_SPLIT: _lokr_split,
}


def embedding(kind: ModelKind, widths: Widths = Widths.SMALL, *, vectors: int = 2, seed: int = 0) -> Weights:
    """As the webui saves one; SDXL's has a table for each text encoder."""
    networks = shapes(kind, widths)
    towers = (networks.text_encoder, networks.text_encoder_2)
    sizes = [tower.config.hidden_size for tower in towers if tower is not None]
    with random_from(seed):
        names = ("clip_l", "clip_g") if len(sizes) == 2 else ("emb_params",)
        return {name: _small(vectors, size) for name, size in zip(names, sizes, strict=True)}


def ip_adapter(width: int = 2048, *, plus: bool = True) -> Weights:
    """Shapes of one, with two of its attentions. Args: width: Of the words that the base model hears."""
    with torch.device("meta"):
        projection = (
            {"image_proj.latents": torch.empty(1, 16, 1280), "image_proj.proj_in.weight": torch.empty(1280, 1280)}
            if plus
            else {"image_proj.proj.weight": torch.empty(4 * width, 1024), "image_proj.norm.weight": torch.empty(width)}
        )
        attention = {
            f"ip_adapter.{number}.to_{which}_ip.weight": torch.empty(640, width) for number in (1, 3) for which in "kv"
        }
        return projection | attention


def control_lora(rank: int = 128, width: int = 2048) -> Weights:
    """Shapes of some of the tensors of a control-LoRA, with the mark that all have."""
    block = "input_blocks.4.1.transformer_blocks.0"
    with torch.device("meta"):
        return {
            "lora_controlnet": torch.empty(0),
            "input_hint_block.0.weight": torch.empty(16, 3, 3, 3),
            "zero_convs.0.0.weight": torch.empty(320, 320, 1, 1),
            "label_emb.0.0.down": torch.empty(rank, 2816),
            "label_emb.0.0.up": torch.empty(1280, rank),
            f"{block}.attn2.to_k.down": torch.empty(rank, width),
            f"{block}.attn2.to_k.up": torch.empty(640, rank),
        }


def rrdb(*, blocks: int = 2, features: int = 64, doublings: int = 2, old: bool = True) -> Weights:
    """Shapes of an ESRGAN: in the names of its authors, or in those of Real-ESRGAN."""
    growth = features // 2
    dense = {
        f"{block}{step}": (growth if step < 5 else features, features + (step - 1) * growth)
        for block in (("RDB1.conv", "RDB2.conv", "RDB3.conv") if old else ("rdb1.conv", "rdb2.conv", "rdb3.conv"))
        for step in range(1, 6)
    }
    trunk, end = ("model.1.sub", ".0") if old else ("body", "")
    layers = {
        f"{trunk}.{block}.{name}{end}": shape for block in range(blocks) for name, shape in dense.items()
    } | _rrdb_ends(blocks, features, doublings, old=old)
    with torch.device("meta"):
        return {
            f"{name}.{leaf}": torch.empty(*shape, 3, 3) if leaf == "weight" else torch.empty(shape[0])
            for name, shape in layers.items()
            for leaf in ("weight", "bias")
        }


def _rrdb_ends(blocks: int, features: int, doublings: int, *, old: bool) -> dict[str, tuple[int, int]]:
    """Each doubling is followed by one convolution; in the authors' list it and its activation take three numbers."""
    wide = (features, features)
    if old:
        steps = {f"model.{3 * number}": wide for number in range(1, doublings + 1)}
        last = 3 * doublings + 2
        return {"model.0": (features, 3), f"model.1.sub.{blocks}": wide, **steps, f"model.{last}": wide} | {
            f"model.{last + 2}": (3, features)
        }
    steps = {f"conv_up{number}": wide for number in range(1, doublings + 1)}
    return {"conv_first": (features, 3), "conv_body": wide, **steps, "conv_hr": wide, "conv_last": (3, features)}
