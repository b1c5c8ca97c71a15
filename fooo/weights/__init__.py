"""Files into networks: find, check, load, hold."""

from fooo.weights.device import find_device
from fooo.weights.load import Part, read_scheduler_config, silence_loaders
from fooo.weights.memory_policy import DeviceInfo, DeviceKind, MemoryPolicy, Precision, choose_policy
from fooo.weights.out_of_memory import is_out_of_memory, out_of_memory
from fooo.weights.residency import NetworkKey, Residency

__all__ = [
    "DeviceInfo",
    "DeviceKind",
    "MemoryPolicy",
    "NetworkKey",
    "Part",
    "Precision",
    "Residency",
    "choose_policy",
    "find_device",
    "is_out_of_memory",
    "out_of_memory",
    "read_scheduler_config",
    "silence_loaders",
]
