"""Networks out of one file in the layout of the models' publishers, as most models are handed around."""

from fooo.weights.single_file.build import build_network
from fooo.weights.single_file.tensors import network_prefix, read_tensors, todays_name

__all__ = ["build_network", "network_prefix", "read_tensors", "todays_name"]
