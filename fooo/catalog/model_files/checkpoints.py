"""Checkpoints: a UNet, mostly with its VAE and text encoders, in one file."""

import re
import struct
from pathlib import Path
from statistics import pstdev

from fooo.catalog.model_files.contents import (
    Base,
    Checkpoint,
    CheckpointPart,
    Layout,
    ModelKind,
    Prediction,
    Unknown,
)
from fooo.catalog.model_files.header import Header, read_numbers
from fooo.catalog.model_files.towers import require_clip, require_open_clip, require_vae
from fooo.catalog.model_files.unets import base_of_unet, read_diffusers_unet, read_unet
from fooo.request import Size

UNET = "model.diffusion_model."
VAE = "first_stage_model."

_KINDS = {
    (Base.SDXL, 4): ModelKind.SDXL_BASE,
    (Base.SDXL, 9): ModelKind.SDXL_INPAINT,
    (Base.SDXL_REFINER, 4): ModelKind.SDXL_REFINER,
    (Base.SD1, 4): ModelKind.SD1,
    (Base.SD1, 9): ModelKind.SD1_INPAINT,
    (Base.SD2, 4): ModelKind.SD2,
    (Base.SD2, 9): ModelKind.SD2_INPAINT,
}
_CLIP = {
    Base.SDXL: ("conditioner.embedders.0.transformer.text_model.",),
    Base.SD1: ("cond_stage_model.transformer.text_model.", "cond_stage_model.transformer."),
    Base.SD2: (),
    Base.SDXL_REFINER: (),
}
_OPEN_CLIP = {
    Base.SDXL: ("conditioner.embedders.1.model.",),
    Base.SDXL_REFINER: ("conditioner.embedders.0.model.",),
    Base.SD2: ("cond_stage_model.model.", "conditioner.embedders.0.model."),
    Base.SD1: (),
}
_OTHER_BUILD = "holds a UNet that is built otherwise than that of SD 1.x, SD 2.x or SDXL"


def identify_checkpoint(path: Path, header: Header) -> Checkpoint | Unknown | None:
    """The checkpoint that the file is; None where it holds no UNet.

    Raises:
        ModelError: A network in it lacks tensors.
    """
    prefix = next((each for each in (UNET, "") if header.has_any(each + "input_blocks.")), None)
    if prefix is not None:
        unet, layout = read_unet(path, header, prefix), Layout.ORIGINAL
    elif "conv_in.weight" in header.tensors and header.has_any("down_blocks.") and header.has_any("up_blocks."):
        unet, layout = read_diffusers_unet(header), Layout.DIFFUSERS
    else:
        return None
    base = base_of_unet(unet) if unet else None
    if unet is None or base is None:
        return Unknown(_OTHER_BUILD)
    kind = _KINDS.get((base, unet.in_channels))
    if kind is None:
        return Unknown(
            f"holds a UNet that takes {unet.in_channels} channels: Fooo draws with those of 4, inpaints with 9"
        )
    prediction = _prediction(path, header, kind, prefix or "")
    return Checkpoint(
        kind=kind,
        layout=layout,
        parts=_parts(path, header, base),
        unet=unet,
        prediction=prediction,
        zero_terminal_snr="ztsnr" in header.tensors or "edm_vpred.sigma_max" in header.tensors,
        native_size=_native_size(header, base, prediction),
    )


def _parts(path: Path, header: Header, base: Base) -> frozenset[CheckpointPart]:
    """Those that are there, each checked to be whole."""
    parts = {CheckpointPart.UNET}
    if header.has_any(VAE):
        require_vae(path, header, VAE)
        parts.add(CheckpointPart.VAE)
    if clip := _first(header, _CLIP[base]):
        require_clip(path, header, clip)
        parts.add(CheckpointPart.TEXT_ENCODER)
    if open_clip := _first(header, _OPEN_CLIP[base]):
        require_open_clip(path, header, open_clip)
        parts.add(CheckpointPart.TEXT_ENCODER if base is Base.SD2 else CheckpointPart.TEXT_ENCODER_2)
    return frozenset(parts)


def _first(header: Header, prefixes: tuple[str, ...]) -> str | None:
    return next((prefix for prefix in prefixes if header.has_any(prefix)), None)


def _native_size(header: Header, base: Base, prediction: Prediction) -> Size:
    """What the file says, else what its family was trained at: SD 2.x predicts v in its models for 768 pixels."""
    said = re.fullmatch(r"(\d{2,4})(?:x(\d{2,4}))?", header.metadata.get("modelspec.resolution", ""))
    if said and all(64 <= int(side) <= 2048 and int(side) % 8 == 0 for side in (said[1], said[2] or said[1])):
        return Size(width=int(said[1]), height=int(said[2] or said[1]))
    match base:
        case Base.SD1:
            side = 512
        case Base.SD2:
            side = 768 if prediction is Prediction.V else 512
        case Base.SDXL | Base.SDXL_REFINER:
            side = 1024
    return Size(width=side, height=side)


def _prediction(path: Path, header: Header, kind: ModelKind, prefix: str) -> Prediction:
    """By the marks in the file, by what it says, by a configuration beside it; else as is usual in its family."""
    if "edm_mean" in header.tensors and "edm_std" in header.tensors:
        return Prediction.EDM
    if "edm_vpred.sigma_max" in header.tensors:
        return Prediction.EDM_V
    said = header.metadata.get("modelspec.prediction_type", "")
    if "v_pred" in header.tensors or said in {"v", "v_prediction"} or _yaml_says_v(path):
        return Prediction.V
    if said == "epsilon" or kind is not ModelKind.SD2:
        return Prediction.EPSILON
    return _sd2_prediction(path, header, prefix)


def _yaml_says_v(path: Path) -> bool:
    """Whether the configuration beside it, as the webui wants one for SD 2.x, asks for v."""
    try:
        with path.with_suffix(".yaml").open("rb") as file:
            text = file.read(64 * 1024)
    except OSError:
        return False
    return re.search(rb"""^\s*parameterization:\s*["']?v["']?\s*$""", text, re.MULTILINE) is not None


def _sd2_prediction(path: Path, header: Header, prefix: str) -> Prediction:
    """SD 2.x says nowhere what it predicts, but one layer's biases spread wider in the models for v (over 0.09).

    Source of the layer and the threshold: ComfyUI, `supported_models.py`. Where the layer is not there in a format that
    can be read, v: of the two the usual one.
    """
    name = prefix + "output_blocks.11.1.transformer_blocks.0.norm1.bias"
    numbers = _unpack(header, name, read_numbers(path, header, name))
    return Prediction.V if not numbers or pstdev(numbers) > 0.09 else Prediction.EPSILON


def _unpack(header: Header, name: str, raw: bytes) -> list[float]:
    """float32, float16 or bfloat16, little-endian; empty of others."""
    match header.tensors[name]["dtype"] if raw else "":
        case "F32":
            return [number for (number,) in struct.iter_unpack("<f", raw)]
        case "F16":
            return [number for (number,) in struct.iter_unpack("<e", raw)]
        case "BF16":  # the upper half of a float32
            return [struct.unpack("<f", b"\0\0" + raw[at : at + 2])[0] for at in range(0, len(raw), 2)]
        case _:
            return []
