"""Files into networks, of which nothing is copied; the one seam where loaders' errors become sentences."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, assert_never, cast

import diffusers.utils.logging
import torch
import transformers.utils.logging
from huggingface_hub.errors import StrictDataclassError

from fooo.catalog import LocalModel, part_files
from fooo.catalog.configs import config_folder
from fooo.catalog.model_files.contents import Prediction
from fooo.errors import ModelError
from fooo.weights.out_of_memory import is_out_of_memory, out_of_memory
from fooo.weights.part import Part
from fooo.weights.single_file import build_network, read_tensors, todays_name
from fooo.weights.tensor_file import open_tensors

_WITHOUT = {
    Part.VAE: "choose one to draw with beside it",
    **dict.fromkeys((Part.UNET, Part.TEXT_ENCODER, Part.TEXT_ENCODER_2), "choose a whole checkpoint"),
}
"""What to do about a file that holds no such network."""
_PUT = "put the right file there"


def silence_loaders() -> None:
    """Turn off the loaders' own progress bars: Fooo tells what is loaded by events."""
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()


def load_network(model: LocalModel, part: Part, *, file: Path | None = None) -> torch.nn.Module:
    """The network in evaluation mode on the processor, its weights in the file's own precision.

    They are views of the mapped file: nothing of them is read before it is computed with.

    Args:
        model: A folder, or one file.
        part: Which network.
        file: A file that holds this network in place of the model's own, such as another VAE.

    Raises:
        ModelError: A file is missing, damaged, or does not hold this network exactly.
    """
    source = file or model.file
    # weights that are made within inference mode could never be changed by a LoRA
    with torch.inference_mode(mode=False):
        network = _from_folder(model.folder / part, part) if source is None else _from_file(model, source, part)
    if part is Part.VAE and not isinstance(cast(Any, network).config.get("scaling_factor"), float):
        raise ModelError(config_folder(model) / part, "does not say how its latents are scaled", "copy the model again")
    return network.eval().requires_grad_(requires_grad=False)


def _from_folder(folder: Path, part: Part) -> torch.nn.Module:
    """Its files hold one network, under diffusers' and transformers' own names."""
    config = _read_json(folder / "config.json")
    files = part_files(folder)
    if not files:
        raise ModelError(folder, "has no .safetensors file", "copy the model again")
    tensors: dict[str, torch.Tensor] = {}
    for file in files:
        with open_tensors(file) as opened:
            tensors |= {todays_name(name.removeprefix("text_model.")): opened.read(name) for name in opened.names}
    with _sentences(folder):
        try:
            return build_network(part, config, tensors, files[0])
        except ModelError as error:
            raise ModelError(
                files[0], f"holds another network than its folder says: it {error.problem}", _PUT
            ) from None


def _from_file(model: LocalModel, file: Path, part: Part) -> torch.nn.Module:
    config = _read_json(config_folder(model) / part / "config.json")
    with _sentences(file):
        tensors = read_tensors(file, model.kind.base, part, config)
        if not tensors:
            raise ModelError(file, f"holds no {part.called}", _WITHOUT[part])
        if part is Part.UNET:
            # those for inpainting are told the mask and the picture under it too, and are the same otherwise
            config["in_channels"] = tensors["conv_in.weight"].shape[1]
        return build_network(part, config, tensors, file)


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


def _read_json(path: Path) -> dict[str, Any]:
    _check_there(path)
    with _sentences(path):
        content: object = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ModelError(path, "is no JSON object", "copy the model again")
    return cast(dict[str, Any], content)


def _check_there(path: Path) -> None:
    if not path.is_file():
        raise ModelError(path, "is missing", "copy the model again")


@contextmanager
def _sentences(path: Path) -> Generator[None]:
    try:
        yield
    except (MemoryError, RuntimeError, ValueError, KeyError, TypeError, StrictDataclassError) as error:
        if is_out_of_memory(error):
            raise out_of_memory() from error
        raise ModelError(path, f"cannot be read ({type(error).__name__})", "copy the model again") from error
    except OSError as error:
        raise ModelError(path, "cannot be read", "copy the model again, or look at its rights") from error
