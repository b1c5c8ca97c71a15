"""The owner of every loaded network: reads once, lends, lays on the device what there is room for, forgets the rest."""

import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from fooo.catalog import LocalModel
from fooo.weights.device import free_memory
from fooo.weights.held_network import HeldNetwork
from fooo.weights.load import load_network
from fooo.weights.loras import LoraUse, changes_of
from fooo.weights.memory_policy import DeviceKind, MemoryPolicy, Precision, more_exact
from fooo.weights.part import Part
from fooo.weights.sliced_attention import SlicedAttention
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

    @property
    def name(self) -> str:
        return f"{self.model.name} {self.part.value}" if self.file is None else self.file.name

    def states(self) -> tuple[FileState, ...]:
        """Of the files that it may be read from."""
        return _states_of(*self.source)

    @property
    def source(self) -> tuple[LocalModel, Path | None]:
        """What it is read from: a model, or a file beside it."""
        return self.model, self.file


def _states_of(model: LocalModel, file: Path | None) -> tuple[FileState, ...]:
    return tuple(file_state(each) for each in ((file,) if file else model.weight_files))


AppliedLoras = tuple[tuple[LoraUse, FileState], ...]


class Residency:
    """Holds networks as a policy says. The policy may change while nothing is lent; what is read stays."""

    def __init__(self, policy: MemoryPolicy) -> None:
        self.policy = policy
        self.device = torch.device(policy.device.value)
        self._tell_loading: Callable[[str], object] = str
        self._held: dict[NetworkKey, HeldNetwork] = {}
        """The one that was used last stands last."""
        self._states: dict[NetworkKey, tuple[FileState, ...]] = {}
        self._loras: dict[NetworkKey, AppliedLoras] = {}
        self._raised: dict[NetworkKey, Precision] = {}
        self._lent: Counter[NetworkKey] = Counter()
        self._lock = threading.RLock()

    def listen(self, tell_loading: Callable[[str], object]) -> None:
        """From now on call this with a network's name before it is read from its file."""
        self._tell_loading = tell_loading

    @contextmanager
    def use(self, key: NetworkKey, loras: Sequence[LoraUse] = ()) -> Generator[torch.nn.Module]:
        """The network, ready to compute on the device, with these LoRAs on it, for the length of the context.

        The LoRAs stay on it until it is wanted with others, so that many pictures with the same ones put them on once.

        Raises:
            ModelError: Its file, or that of a LoRA, is missing, damaged or of another kind.
        """
        with self._lock:
            network = self.load(key)
            self._put_on(key, loras)
            self._lent[key] += 1
        try:
            with self._lock:
                self._bring(key)
            with ExitStack() as slices:
                if self.policy.sliced_attention:
                    slices.enter_context(SlicedAttention())
                yield network
        finally:
            with self._lock:
                self._lent[key] -= 1
                if not self._lent[key] and not self._held[key].is_whole:
                    self._held[key].put_away()

    def load(self, key: NetworkKey) -> torch.nn.Module:
        """The network, read from its file unless it is here already; on the device where there is room beside others.

        Raises:
            ModelError: Its file is missing, damaged or of another kind.
        """
        with self._lock:
            if key not in self._held:
                self._tell_loading(key.name)
                states = key.states()
                network = load_network(key.model, key.part, file=key.file)
                channels_last = suits_channels_last(self.policy.device, key.part)
                held = HeldNetwork(network, self.device, DTYPES[self.precision(key)], channels_last=channels_last)
                has_room = held.bytes <= self._room()
                self._held[key], self._states[key] = held, states
                if has_room:
                    held.lay()
            return self._held[key].network

    def adopt(self, policy: MemoryPolicy) -> None:
        """Hold what is here as this policy says. Nothing may be lent."""
        with self._lock:
            self.policy = policy
            for key, held in self._held.items():
                if held.dtype is not DTYPES[self.precision(key)]:
                    self._compute_in(key, self.precision(key))
            self._make_room(0)

    def raise_precision(self, key: NetworkKey) -> bool:
        """Let a network that gave broken numbers compute with more exact ones; False where there are none."""
        with self._lock:
            precision = more_exact(self.precision(key))
            if precision is None:
                return False
            self._raised[key] = precision
            self._compute_in(key, precision)
            return True

    def put_all_away(self) -> None:
        """Take everything that is not lent off the device, and give its memory back."""
        with self._lock:
            for key, held in self._held.items():
                if not self._lent[key]:
                    held.put_away()
            free_memory(self.policy.device)

    def has_stale(self, models: Iterable[LocalModel]) -> bool:
        """Whether files of one of the models were exchanged since it was read."""
        asked = set(models)
        here = {key: states for key, states in self._states.items() if key.model in asked}
        # the networks of a model have their files in common, which are looked at once
        now = {source: _states_of(*source) for source in {key.source for key in here}}
        return any(states != now[key.source] for key, states in here.items())

    def keep_only(self, models: Iterable[LocalModel], files: Iterable[Path] = ()) -> None:
        """Forget the networks of every other model.

        Args:
            models: Those that are kept.
            files: Those of which networks are kept that stand in place of a model's own.
        """
        kept, beside = set(models), {None, *files}
        with self._lock:
            for key in [key for key in self._held if key.model not in kept or key.file not in beside]:
                for table in (self._held, self._states, self._loras, self._raised):
                    table.pop(key, None)

    def precision(self, key: NetworkKey) -> Precision:
        """What a network computes in."""
        planned = self.policy.vae_precision if key.part is Part.VAE else self.policy.precision
        return self._raised.get(key, planned)

    def _compute_in(self, key: NetworkKey, precision: Precision) -> None:
        held = self._held.get(key)
        if held is not None:
            held.put_away()
            held.dtype = DTYPES[precision]

    def _put_on(self, key: NetworkKey, loras: Sequence[LoraUse]) -> None:
        wanted = tuple((use, file_state(use.file)) for use in loras if use.weight)
        if self._loras.get(key, ()) == wanted:
            return
        if self._lent[key]:
            raise RuntimeError("a network is wanted with two sets of LoRAs at once")
        held = self._held[key]
        changes = changes_of([use for use, _ in wanted], key.model, key.part, held.network)
        self._loras.pop(key, None)
        held.change(changes)
        self._loras[key] = wanted

    def _bring(self, key: NetworkKey) -> None:
        """Put a network on the device, as a whole or, where it is larger than the room, layer by layer."""
        held = self._held[key] = self._held.pop(key)
        if held.is_whole or self._lent[key] > 1:
            return
        self._make_room(held.bytes)
        room = self._room()
        if held.bytes <= room:
            held.lay()
        else:
            held.stream(room)

    def _make_room(self, wanted: int) -> None:
        """Take networks that are not lent off the device, the one unused for longest first, until there is room."""
        for key, held in self._held.items():
            if self._room() >= wanted:
                return
            if held.is_whole and not self._lent[key]:
                held.put_away()

    def _room(self) -> float:
        """Bytes that are left for weights."""
        if self.policy.room is None:
            return float("inf")
        return self.policy.room - sum(held.bytes for held in self._held.values() if held.is_whole)


def suits_channels_last(device: DeviceKind, part: Part) -> bool:
    """Whether a network's convolutions are quicker with the channels of a pixel side by side.

    Measured on a processor: a VAE's are, by a seventh; a UNet's are not, for its attention has them the other way.
    """
    match device:
        case DeviceKind.CUDA | DeviceKind.XPU:
            return part in {Part.UNET, Part.VAE}
        case DeviceKind.CPU:
            return part is Part.VAE
        case DeviceKind.MPS:
            return False
