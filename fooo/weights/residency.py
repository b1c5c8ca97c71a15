"""The owner of every loaded network: loads once, lends, moves between device and memory, forgets what is not needed."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from fooo.catalog import LocalModel
from fooo.weights.load import load_network
from fooo.weights.loras import LoraUse, changes_of
from fooo.weights.memory_policy import MemoryPolicy, Precision
from fooo.weights.part import Part
from fooo.weights.patches import patched
from fooo.weights.tensor_file import FileState, file_state

DTYPES = {
    Precision.FLOAT32: torch.float32,
    Precision.FLOAT16: torch.float16,
    Precision.BFLOAT16: torch.bfloat16,
}


@dataclass(frozen=True, slots=True)
class NetworkKey:
    """Which network: a part of a model.

    Attributes:
        file: Holds it in place of the model's own, such as another VAE.
    """

    model: LocalModel
    part: Part
    file: Path | None = None

    def states(self) -> tuple[FileState, ...]:
        """Of the files that it may be read from."""
        return tuple(file_state(file) for file in ((self.file,) if self.file else self.model.weight_files))


AppliedLoras = tuple[tuple[LoraUse, FileState], ...]


class Residency:
    """Holds the networks of one policy."""

    def __init__(self, policy: MemoryPolicy) -> None:
        self.policy = policy
        self.device = torch.device(policy.device.value)
        self._tell_loading: Callable[[str], object] = str
        self._networks: dict[NetworkKey, torch.nn.Module] = {}
        self._states: dict[NetworkKey, tuple[FileState, ...]] = {}
        self._loras: dict[NetworkKey, tuple[AppliedLoras, ExitStack]] = {}
        self._lent: Counter[NetworkKey] = Counter()

    def listen(self, tell_loading: Callable[[str], object]) -> None:
        """From now on call this with a network's name before it is read from its file."""
        self._tell_loading = tell_loading

    def dtype(self, part: Part) -> torch.dtype:
        """What the part computes in."""
        return DTYPES[self.policy.vae_precision if part is Part.VAE else self.policy.precision]

    @contextmanager
    def use(self, key: NetworkKey, loras: Sequence[LoraUse] = ()) -> Generator[torch.nn.Module]:
        """The network on the device with these LoRAs on it, for the length of the context.

        The LoRAs stay on it until it is wanted with others, so that many pictures with the same ones put them on once.

        Raises:
            ModelError: Its file, or that of a LoRA, is missing, damaged or of another kind.
        """
        network = self.load(key)
        network.to(self.device)
        self._put_on(key, network, loras)
        self._lent[key] += 1
        try:
            yield network
        finally:
            self._lent[key] -= 1
            if self.policy.offload:
                network.to("cpu")

    def load(self, key: NetworkKey) -> torch.nn.Module:
        """The network, read from its file unless it is here already."""
        if key not in self._networks:
            self._tell_loading(f"{key.model.name} {key.part.value}" if key.file is None else key.file.name)
            self._states[key] = key.states()
            self._networks[key] = load_network(key.model, key.part, self.dtype(key.part), file=key.file)
        return self._networks[key]

    def has_stale(self, models: Iterable[LocalModel]) -> bool:
        """Whether files of one of the models were exchanged since it was read."""
        asked = set(models)
        return any(key.model in asked and states != key.states() for key, states in self._states.items())

    def keep_only(self, models: Iterable[LocalModel], files: Iterable[Path] = ()) -> None:
        """Forget the networks of every other model.

        Args:
            models: Those that are kept.
            files: Those of which networks are kept that stand in place of a model's own.
        """
        kept, beside = set(models), {None, *files}
        for key in [key for key in self._networks if key.model not in kept or key.file not in beside]:
            del self._networks[key]
            del self._states[key]
            self._loras.pop(key, None)

    def _put_on(self, key: NetworkKey, network: torch.nn.Module, loras: Sequence[LoraUse]) -> None:
        wanted = tuple((use, file_state(use.file)) for use in loras if use.weight)
        there, undo = self._loras.get(key, ((), ExitStack()))
        if there == wanted:
            return
        if self._lent[key]:
            raise RuntimeError("a network is wanted with two sets of LoRAs at once")
        undo.close()
        self._loras.pop(key, None)
        with ExitStack() as patch:
            changes = changes_of([use for use, _ in wanted], key.model, key.part, network)
            patch.enter_context(patched(network, changes))
            self._loras[key] = (wanted, patch.pop_all())
