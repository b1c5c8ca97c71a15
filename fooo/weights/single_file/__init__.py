"""Networks out of one file in the layout of the models' publishers, as most models are handed around."""

from fooo.weights.single_file.build import build_network
from fooo.weights.single_file.tensors import read_tensors

__all__ = ["build_network", "read_tensors"]
