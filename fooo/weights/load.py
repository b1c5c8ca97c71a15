"""Files into networks, in one stated precision; the one seam where loaders' errors become sentences."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, assert_never, cast

import diffusers.utils.logging
import torch
import transformers.utils.logging
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from safetensors import SafetensorError, safe_open
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from fooo.catalog import LocalModel, part_files
from fooo.catalog.configs import config_folder
from fooo.catalog.model_files.contents import Prediction
from fooo.errors import ModelError
from fooo.weights.out_of_memory import is_out_of_memory, out_of_memory
from fooo.weights.part import Part
from fooo.weights.single_file import build_network, read_tensors


class _Loader(Protocol):
    def from_pretrained(self, folder: Path, **options: Any) -> Any: ...


_NETWORKS: dict[Part, _Loader] = {
    Part.TEXT_ENCODER: cast(_Loader, CLIPTextModel),
    Part.TEXT_ENCODER_2: cast(_Loader, CLIPTextModelWithProjection),
    Part.UNET: cast(_Loader, UNet2DConditionModel),
    Part.VAE: cast(_Loader, AutoencoderKL),
}
_HARMLESS_KEYS = ("position_ids",)
"""Older files hold them; they are counted, not learnt."""
_WITHOUT = {
    Part.VAE: "choose one to draw with beside it",
    **dict.fromkeys((Part.UNET, Part.TEXT_ENCODER, Part.TEXT_ENCODER_2), "choose a whole checkpoint"),
}
"""What to do about a file that holds no such network."""


def silence_loaders() -> None:
    """Turn off the loaders' own progress bars: Fooo tells what is loaded by events."""
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()


def load_network(model: LocalModel, part: Part, dtype: torch.dtype, *, file: Path | None = None) -> torch.nn.Module:
    """The network in evaluation mode on the processor, every weight read from its file.

    Args:
        model: A folder, or one file.
        part: Which network.
        dtype: Of its weights.
        file: A file that holds this network in place of the model's own, such as another VAE.

    Raises:
        ModelError: A file is missing, damaged, or does not hold this network exactly.
    """
    source = file or model.file
    # weights that are made within inference mode could never be changed by a LoRA
    with torch.inference_mode(mode=False):
        if source is None:
            network = _from_folder(model.folder / part, part, dtype)
        else:
            network = _from_file(model, source, part, dtype)
    if part is Part.VAE and not isinstance(cast(Any, network).config.get("scaling_factor"), float):
        raise ModelError(config_folder(model) / part, "does not say how its latents are scaled", "copy the model again")
    return network.eval().requires_grad_(requires_grad=False)


def _from_folder(folder: Path, part: Part, dtype: torch.dtype) -> torch.nn.Module:
    files = _weight_files(folder)
    # transformers names the precision `dtype`, diffusers `torch_dtype`; left out, they would choose differently
    precision = {"torch_dtype" if part in {Part.UNET, Part.VAE} else "dtype": dtype}
    # hub folders often hold only `....fp16.safetensors`
    variant = {"variant": "fp16"} if all(".fp16" in file.name for file in files) else {}
    with _sentences(folder):
        network, told = _NETWORKS[part].from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True, **variant, **precision
        )
    if _wrong_keys(cast(dict[str, Any], told)):
        raise _another_network(files[0])
    return cast(torch.nn.Module, network)


def _from_file(model: LocalModel, file: Path, part: Part, dtype: torch.dtype) -> torch.nn.Module:
    config = _read_json(config_folder(model) / part / "config.json")
    with _sentences(file):
        tensors = read_tensors(file, model.kind.base, part, config)
        if not tensors:
            raise ModelError(file, f"holds no {part.called}", _WITHOUT[part])
        if part is Part.UNET:
            # those for inpainting are told the mask and the picture under it too, and are the same otherwise
            config["in_channels"] = tensors["conv_in.weight"].shape[1]
        return build_network(part, config, tensors, dtype, file)


def read_scheduler_config(model: LocalModel) -> dict[str, Any]:
    """How the model was trained to denoise, in diffusers' words.

    Raises:
        ModelError: The file is missing or damaged, or the model was trained in a way that Fooo does not know.
    """
    config = _read_json(config_folder(model) / "scheduler" / "scheduler_config.json")
    if model.checkpoint is None:
        return config
    match model.checkpoint.prediction:
        case Prediction.EPSILON:
            return config
        case Prediction.V:
            return config | {
                "prediction_type": "v_prediction",
                "rescale_betas_zero_snr": model.checkpoint.zero_terminal_snr,
            }
        case Prediction.EDM | Prediction.EDM_V:
            problem = "was trained at noise levels that Fooo does not draw with (EDM)"
            raise ModelError(model.path, problem, "choose another model")
        case _:
            assert_never(model.checkpoint.prediction)


def _weight_files(folder: Path) -> tuple[Path, ...]:
    """The network's weight files, each one's header read: a file cut short is found before it is loaded."""
    _check_there(folder / "config.json")
    files = part_files(folder)
    if not files:
        raise ModelError(folder, "has no .safetensors file", "copy the model again")
    for file in files:
        try:
            with safe_open(file, framework="pt"):
                pass
        except (SafetensorError, OSError):
            raise ModelError(file, "is damaged or cut short", "copy the model again") from None
    return files


def _read_json(path: Path) -> dict[str, Any]:
    _check_there(path)
    with _sentences(path):
        content: object = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ModelError(path, "is no JSON object", "copy the model again")
    return cast(dict[str, Any], content)


def _wrong_keys(told: dict[str, Any]) -> list[str]:
    keys = [str(key) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys") for key in told.get(kind) or ()]
    return [key for key in keys if not key.endswith(_HARMLESS_KEYS)]


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise ModelError(path, "is missing", "copy the model again")


def _another_network(path: Path) -> ModelError:
    return ModelError(path, "holds another network than its folder says", "put the right file there")


@contextmanager
def _sentences(path: Path) -> Generator[None]:
    try:
        yield
    except (MemoryError, RuntimeError, ValueError, KeyError, TypeError) as error:
        if is_out_of_memory(error):
            raise out_of_memory() from error
        if any(word in str(error) for word in ("shape", "mismatched")):
            raise _another_network(path) from error
        raise ModelError(path, f"cannot be read ({type(error).__name__})", "copy the model again") from error
    except OSError as error:
        raise ModelError(path, "cannot be read", "copy the model again, or look at its rights") from error
