"""DoRA and rank-stabilized LoRA against peft's own merging, on single layers."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from fooo.weights import Part
from fooo.weights.loras.lora_file import read_changes
from tests import model_files

peft: Any = importlib.import_module("peft")

ROUNDING = 1e-5
"""Both divide float32 sums of some hundred squares of size 1, and add them up in another order."""


class One(nn.Module):
    """A network of one layer."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.x = layer

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.x(inputs)


LAYERS: dict[str, Callable[[], nn.Module]] = {
    "a matrix": lambda: nn.Linear(24, 16),
    "a convolution": lambda: nn.Conv2d(8, 12, 3, padding=1),
    "a convolution of one pixel": lambda: nn.Conv2d(8, 12, 1),
}


@pytest.mark.parametrize("by_root", [False, True])
@pytest.mark.parametrize("dora", [False, True])
@pytest.mark.parametrize("layer", list(LAYERS))
def test_a_change_that_peft_wrote_moves_the_weight_as_far_as_peft_does(
    tmp_path: Path, layer: str, *, dora: bool, by_root: bool
):
    with model_files.random_from(0):
        network = One(LAYERS[layer]())
        plain = network.x.get_parameter("weight").detach().clone()
        config = peft.LoraConfig(r=4, lora_alpha=3, target_modules=["x"], use_dora=dora, use_rslora=by_root)
        adapted = peft.get_peft_model(network, config)
        for name, weight in adapted.named_parameters():
            if "lora_B" in name or "magnitude" in name:
                weight.data += torch.rand_like(weight) - 0.5
    file = tmp_path / "x.safetensors"
    said = f'{{"unet.lora_alpha": 3, "unet.use_rslora": {str(by_root).lower()}}}'
    tensors = peft.get_peft_model_state_dict(adapted)
    model_files.write(file, tensors, {"lora_adapter_metadata": said})
    ours = read_changes(file, Part.UNET)["x", "weight"].difference(plain)
    theirs = adapted.merge_and_unload().x.weight.detach() - plain
    assert torch.allclose(ours, theirs, atol=ROUNDING * float(plain.abs().max() + theirs.abs().max()))
    assert float(theirs.abs().max()) > 0.02  # of weights of size 0.1 to 0.3
