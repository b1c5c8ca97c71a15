"""R-ESRGAN's networks as ncnn keeps them, made from torch's."""

import struct

import numpy as np
import torch
from torch import nn

_HALF = 0x01306B47


def ncnn_of(network: nn.Module) -> tuple[str, bytes]:
    """A network of convolutions and PReLUs, in their order: the text, with one input and output each, and the bytes."""
    lines: list[str] = []
    numbers: list[bytes] = []
    for index, layer in enumerate(part for part in network.modules() if isinstance(part, nn.Conv2d | nn.PReLU)):
        ends = f"in{index} in{index + 1}"
        if isinstance(layer, nn.PReLU):
            lines.append(f"PReLU prelu{index} 1 1 {ends} 0={layer.num_parameters}")
            numbers.append(_bytes(layer.weight, "<f4"))
        else:
            weights = layer.weight.numel()
            lines.append(
                f"Convolution conv{index} 1 1 {ends} 0={layer.out_channels} 1=3 4=1 5=1 6={weights} -23310=1,2.0e-01"
            )
            half = _bytes(layer.weight, "<f2")
            assert layer.bias is not None
            numbers += [struct.pack("<I", _HALF), half, bytes(-len(half) % 4), _bytes(layer.bias, "<f4")]
    between = "Concat cat0 2 1 a b c"
    return "\n".join(["7767517", f"{len(lines) + 1} 1", *lines, between, ""]), b"".join(numbers)


def _bytes(tensor: torch.Tensor, kind: str) -> bytes:
    return tensor.detach().numpy().astype(np.dtype(kind)).tobytes()
