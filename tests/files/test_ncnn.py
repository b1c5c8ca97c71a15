"""Weights as ncnn keeps them come out as they were, under the names that they were published with."""

import numpy as np
import pytest
import torch
from torch import nn

from fooo.files.ncnn import read_ncnn
from tests.files.ncnn_files import ncnn_of
from tests.vision.enlarge.upscalers import compact, dense


# 9 weights of half precision need 2 bytes of padding
@pytest.mark.parametrize("network", [dense(blocks=2), dense(blocks=1, width=3, growth=1), compact(), compact(width=3)])
def test_every_tensor_is_there_under_its_name(network: nn.Module):
    tensors = read_ncnn(*ncnn_of(network))
    weights = network.state_dict()
    assert set(tensors) == set(weights)
    for name, tensor in weights.items():
        half = tensor.ndim == 4
        assert tensors[name].dtype == (np.float16 if half else np.float32)
        wanted = tensor.half() if half else tensor
        assert torch.equal(torch.tensor(tensors[name]), wanted), name


def test_weights_of_full_precision_are_read_too():
    network = compact(layers=0, width=2, scale=1)
    param, numbers = ncnn_of(network)
    first = network.get_parameter("body.0.weight").detach().numpy()
    halves = 4 + 2 * first.size
    full = bytes(4) + first.tobytes() + numbers[halves:]
    assert np.array_equal(read_ncnn(param, full)["body.0.weight"], first)


PARAM, NUMBERS = ncnn_of(dense(blocks=1))


@pytest.mark.parametrize(
    ("param", "numbers"),
    [
        ("no ncnn\n" + PARAM, NUMBERS),
        (PARAM, NUMBERS[:-8]),
        (PARAM, NUMBERS + bytes(4)),
        (PARAM, b"\x01" + NUMBERS[1:]),
        (PARAM.replace("5=1", "5=0", 1), NUMBERS),
        ("\n".join(PARAM.split("\n")[:4]), NUMBERS),
    ],
    ids=["no text of ncnn", "cut short", "too long", "of another kind", "without biases", "too few layers"],
)
def test_what_does_not_fit_together_is_refused(param: str, numbers: bytes):
    with pytest.raises(ValueError, match=r"."):
        read_ncnn(param, numbers)
