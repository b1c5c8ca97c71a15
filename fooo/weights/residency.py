"""The owner of every loaded network: loads once, lends, moves between device and memory, forgets what is not needed."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from fooo.catalog import LocalModel
from fooo.weights.load import Part, load_network
from fooo.weights.memory_policy import MemoryPolicy, Precision

DTYPES = {
    Precision.FLOAT32: torch.float32,
    Precision.FLOAT16: torch.float16,
    Precision.BFLOAT16: torch.bfloat16,
}


FilesState = tuple[tuple[int, int], ...]
"""Size and time of each weight file of a model."""


def files_state(model: LocalModel) -> FilesState:
    return tuple((state.st_size, state.st_mtime_ns) for state in (file.stat() for file in model.weight_files))


@dataclass(frozen=True, slots=True)
class NetworkKey:
    """Which network: a part of a model."""

    model: LocalModel
    part: Part


class Residency:
    """Holds the networks of one policy."""

    def __init__(self, policy: MemoryPolicy) -> None:
        self.policy = policy
        self.device = torch.device(policy.device.value)
        self._tell_loading: Callable[[str], object] = str
        self._networks: dict[NetworkKey, torch.nn.Module] = {}
        self._states: dict[LocalModel, FilesState] = {}

    def listen(self, tell_loading: Callable[[str], object]) -> None:
        """From now on call this with a network's name before it is read from its file."""
        self._tell_loading = tell_loading

    def dtype(self, part: Part) -> torch.dtype:
        """What the part computes in."""
        return DTYPES[self.policy.vae_precision if part is Part.VAE else self.policy.precision]

    @contextmanager
    def use(self, key: NetworkKey) -> Generator[torch.nn.Module]:
        """The network on the device, for the length of the context.

        Raises:
            ModelError: Its file is missing, damaged or of another kind.
        """
        network = self.load(key)
        network.to(self.device)
        try:
            yield network
        finally:
            if self.policy.offload:
                network.to("cpu")

    def load(self, key: NetworkKey) -> torch.nn.Module:
        """The network, read from its file unless it is here already."""
        if key not in self._networks:
            self._tell_loading(f"{key.model.name} {key.part.value}")
            self._states.setdefault(key.model, files_state(key.model))
            self._networks[key] = load_network(key.model, key.part, self.dtype(key.part))
        return self._networks[key]

    def has_stale(self, models: Iterable[LocalModel]) -> bool:
        """Whether files of one of the models were exchanged since it was read."""
        return any(model in self._states and self._states[model] != files_state(model) for model in models)

    def keep_only(self, models: Iterable[LocalModel]) -> None:
        """Forget the networks of every other model."""
        kept = set(models)
        self._networks = {key: network for key, network in self._networks.items() if key.model in kept}
        self._states = {model: state for model, state in self._states.items() if model in kept}
