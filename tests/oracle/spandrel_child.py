"""Run as a process of its own: what spandrel, and Fooo with it, give of upscaler files in a folder.

spandrel imports torchvision, of which there is no build for every torch. What it takes from there, two of its
architectures use, neither of them here, so that a stand-in does. It stands in for one process only.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from fooo.vision.enlarge import load_upscaler
from tests.model_files import random_from

# untyped
_safetensors: Any = importlib.import_module("safetensors.torch")

PICTURE = torch.linspace(0, 1, 3 * 16 * 24).reshape(1, 3, 16, 24)


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"BILINEAR": 0, "NEAREST": 0})


def import_spandrel() -> Any:
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional"):
        sys.modules[name] = _StandIn(name)
    return importlib.import_module("spandrel")


def main(folder: Path) -> None:
    """Put the answers into `answers.safetensors`, by the files' names."""
    spandrel = import_spandrel()
    answers: dict[str, torch.Tensor] = {}
    with torch.inference_mode():
        for path in sorted(folder.glob("*.safetensors")):
            described = spandrel.ModelLoader("cpu").load_from_state_dict(_safetensors.load_file(path))
            answers[path.name] = described.model.float().eval()(PICTURE)
        with random_from(0):
            other = importlib.import_module("spandrel.architectures.SwinIR").SwinIR(
                img_size=16, embed_dim=12, depths=[2], num_heads=[2], window_size=4, mlp_ratio=2, upscale=2,
                upsampler="pixelshuffle",
            ).eval()  # fmt: skip
        weights = {name: tensor.contiguous() for name, tensor in other.state_dict().items()}
        _safetensors.save_file(weights, folder / "swinir.safetensors")
        loaded = load_upscaler(folder / "swinir.safetensors")
        answers["swinir by hand"] = other(PICTURE)
        answers["swinir by Fooo"] = loaded.network(PICTURE)
        answers["swinir scale"] = torch.tensor(loaded.scale)
    answers = {name: answer.contiguous() for name, answer in answers.items()}
    _safetensors.save_file(answers, folder / "answers.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
