"""How far a change moves a weight, for each way in which changes are written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from fooo.errors import ModelError
from fooo.weights.out_of_memory import is_out_of_memory

Factors = Mapping[str, torch.Tensor]


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """The change of one weight.

    Attributes:
        file: Where it comes from, for the sentence.
        module: What it changes, by the file's name for it.
        factors: Its tensors by their short names, such as `up` and `down`.
        alpha: Together with the rank it says how strongly the product counts: alpha / rank. Unset: the rank itself.
        by_root: Whether it is alpha / sqrt(rank) instead (Kalajdzievski 2023, "A Rank Stabilization Scaling Factor for
            Fine-Tuning with LoRA", definition 3.1).
    """

    file: Path
    module: str
    factors: Factors
    alpha: float | None = None
    by_root: bool = False

    def difference(self, weight: torch.Tensor) -> torch.Tensor:
        """What is added to a weight; see `Difference`."""
        factors = {name: tensor.to(weight.device).float() for name, tensor in self.factors.items()}
        try:
            product, rank = _product(factors)
        except (RuntimeError, KeyError) as error:
            if is_out_of_memory(error):
                raise
            raise self._does_not_fit_itself() from None
        if product.numel() != weight.numel():
            problem = f"changes {self.module} in another size than the model has it"
            raise ModelError(self.file, problem, "leave it out, or choose a model that it is made for")
        moved = product.reshape(weight.shape) * self._scale(rank)
        lengths = factors.get("lengths", factors.get("output_lengths"))
        return moved if lengths is None else self._at_length(weight + moved, lengths) - weight

    def _scale(self, rank: int | None) -> float:
        if self.alpha is None or rank is None:
            return 1.0
        return self.alpha / (rank**0.5 if self.by_root else rank)

    def _at_length(self, changed: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """The changed weight with each of its rows, or of its columns, at the length that was learnt for it.

        Which of both the shape of the lengths tells, (rows, 1) or (1, columns), but where they are called outputs'.

        Source: Liu et al. 2024, "DoRA: Weight-Decomposed Low-Rank Adaptation", eq. 5.
        """
        rows, columns = changed.shape[0], changed.shape[1:2].numel()
        of_columns = "lengths" in self.factors and lengths.shape[:1] == (1,) and lengths.numel() == columns
        axis = 1 if of_columns and columns > 1 else 0
        if changed.ndim < 2 or lengths.numel() != (columns if axis else rows):
            raise self._does_not_fit_itself()
        others = tuple(each for each in range(changed.ndim) if each != axis)
        found = (changed**2).sum(dim=others, keepdim=True).sqrt()
        return changed * lengths.reshape(found.shape) / found.clamp(min=torch.finfo(torch.float32).tiny)

    def _does_not_fit_itself(self) -> ModelError:
        problem = f"is damaged: the parts of its change of {self.module} do not fit each other"
        return ModelError(self.file, problem, "copy it again")


def _product(factors: Factors) -> tuple[torch.Tensor, int | None]:
    """What the factors come to, and their rank; no rank where alpha means nothing."""
    if "whole" in factors:
        return factors["whole"], None
    if "up" in factors:
        return _lora(factors), len(factors["down"])
    if "hada_w1_a" in factors:
        return _loha(factors), len(factors["hada_w1_b"])
    return _lokr(factors), _lokr_rank(factors)


def _lora(factors: Factors) -> torch.Tensor:
    """Up x down; of a convolution that was split in three, up x mid x down.

    Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models", eq. 3.
    """
    up, down = factors["up"].flatten(1), factors["down"].flatten(1)
    if "mid" in factors:
        return torch.einsum("oa,abkl,bi->oikl", up, factors["mid"], down)
    return up @ down


def _loha(factors: Factors) -> torch.Tensor:
    """The products of two pairs, multiplied number by number.

    Source: Hyeon-Woo et al. 2021, "FedPara: Low-Rank Hadamard Product", proposition 1; with a core, proposition 3.
    """
    first, second = (_pair(factors, f"hada_w{number}", f"hada_t{number}") for number in (1, 2))
    return first * second


def _pair(factors: Factors, name: str, core: str) -> torch.Tensor:
    a, b = factors[f"{name}_a"], factors[f"{name}_b"]
    return torch.einsum("abkl,ao,bi->oikl", factors[core], a, b) if core in factors else a @ b


def _lokr(factors: Factors) -> torch.Tensor:
    """The Kronecker product of two factors, each whole or itself a product.

    Source: Yeh et al. 2023, "Navigating Text-To-Image Customization: From LyCORIS Fine-Tuning to Model Evaluation",
    section 3.2.
    """
    first = factors["lokr_w1"] if "lokr_w1" in factors else factors["lokr_w1_a"] @ factors["lokr_w1_b"]
    second = factors["lokr_w2"] if "lokr_w2" in factors else _pair(factors, "lokr_w2", "lokr_t2")
    return torch.kron(first.reshape(*first.shape, *[1] * (second.ndim - 2)), second.contiguous())


def _lokr_rank(factors: Factors) -> int | None:
    """None where both factors are whole."""
    return next((len(factors[name]) for name in ("lokr_w1_b", "lokr_w2_b") if name in factors), None)
