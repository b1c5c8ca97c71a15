"""The places where torch, diffusers and transformers say less of their types than is true: `Any` stays in here."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import numpy.typing as npt
import safetensors.torch as safetensors_torch
import torch
import torch.nn.attention as torch_attention
from torch import nn

Network = TypeVar("Network", bound=nn.Module)
Kept = TypeVar("Kept")

_torch: Any = torch
_attention: Any = torch_attention
_safetensors: Any = safetensors_torch


def seed_everything(seed: int) -> None:
    """Begins torch's own generators anew, on every device."""
    _torch.manual_seed(seed)


def as_tensor(array: npt.NDArray[Any]) -> torch.Tensor:
    """A tensor on the array's own memory."""
    return _torch.from_numpy(array)


def pieces(tensor: torch.Tensor, size: int) -> tuple[torch.Tensor, ...]:
    """The tensor cut along its first axis, `size` rows each, the last one maybe fewer."""
    return _torch.split(tensor, size)


def placed(network: Network, where: torch.device, *, channels_last: bool = False) -> Network:
    """The network, moved; with `channels_last` its convolutions' weights in the order that processors like best."""
    untyped: Any = network
    return untyped.to(where, memory_format=torch.channels_last) if channels_last else untyped.to(where)


def compiled(network: nn.Module) -> nn.Module:
    """A faster way to call the network, on the same weights."""
    return _torch.compile(network)


def attention_by_products() -> AbstractContextManager[None]:
    """Attention as products of matrices and a softmax, for what runs within."""
    return _attention.sdpa_kernel(_attention.SDPBackend.MATH)


def descend(loss: torch.Tensor, optimizer: torch.optim.Optimizer, parameters: Sequence[nn.Parameter]) -> bool:
    """One step of the optimizer down the gradient of `loss`, whose norm is held at 1.

    Returns:
        Whether loss and gradient were finite numbers; where they were not, no step was made.
    """
    untyped_loss: Any = loss
    untyped: Any = optimizer
    untyped.zero_grad(set_to_none=True)
    untyped_loss.backward()
    norm = nn.utils.clip_grad_norm_(parameters, 1.0)
    finite = bool((loss.detach() + norm).isfinite())
    if finite:
        untyped.step()
    return finite


def draw_near(kept: Sequence[torch.Tensor], new: Sequence[torch.Tensor], share: float) -> None:
    """Moves each of `kept` a `share` of the way to its partner, in place; one call for all is the quick way."""
    _torch._foreach_lerp_(kept, new, share)


def load(kind: type[Kept], folder: Path, **options: Any) -> Kept:
    """What was saved there in diffusers' or transformers' layout."""
    untyped: Any = kind
    return untyped.from_pretrained(folder, **options)


def read_weights(file: Path) -> dict[str, torch.Tensor]:
    """Of a safetensors file, by name."""
    return _safetensors.load_file(file)


def safetensors(weights: Mapping[str, torch.Tensor]) -> bytes:
    """A safetensors file that transformers takes."""
    return _safetensors.save(dict(weights), metadata={"format": "pt"})


def save(part: object, folder: Path, **options: Any) -> None:
    """As a folder in diffusers' or transformers' layout."""
    untyped: Any = part
    untyped.save_pretrained(folder, **options)
