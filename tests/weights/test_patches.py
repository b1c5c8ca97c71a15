"""Changes to weights that undo themselves."""

import pytest
import torch
from torch import nn

from fooo.weights.patches import patched


class Constant:
    """Adds the same to every number of a weight."""

    def __init__(self, value: float) -> None:
        self.value = value

    def difference(self, shape: torch.Size, device: torch.device) -> torch.Tensor:
        return torch.full(shape, self.value, device=device)


class Stopping:
    def difference(self, shape: torch.Size, device: torch.device) -> torch.Tensor:
        raise KeyboardInterrupt


def network(dtype: torch.dtype = torch.float32) -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)).to(dtype).requires_grad_(requires_grad=False)


def weight(of: nn.Module, number: int) -> torch.Tensor:
    return of.get_parameter(f"{number}.weight")


def kept(of: nn.Module) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in of.state_dict().items()}


def same(of: nn.Module, before: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(weight, before[name]) for name, weight in of.state_dict().items())


def test_differences_of_one_weight_add_up_and_leave_no_trace():
    small = network()
    before = kept(small)
    with patched(small, {"0": [(Constant(2.0), 0.5), (Constant(1.0), -3.0)]}):
        assert torch.allclose(weight(small, 0), before["0.weight"] - 2)
        assert torch.equal(weight(small, 1), before["1.weight"])
    assert same(small, before)


def test_differences_are_added_up_before_they_are_rounded():
    """In bfloat16 a hundredth of a weight near 1 is lost, and three of them are not."""
    small = network(torch.bfloat16)
    weight(small, 0).fill_(1)
    with patched(small, {"0": [(Constant(0.003), 1.0)] * 3}):
        assert float(weight(small, 0)[0, 0]) == 1.0078125
    assert float(weight(small, 0)[0, 0]) == 1


def test_being_stopped_midway_leaves_no_trace_either():
    small = network()
    before = kept(small)
    with pytest.raises(KeyboardInterrupt), patched(small, {"0": [(Constant(1.0), 1.0)], "1": [(Stopping(), 1.0)]}):
        pass
    assert same(small, before)


def test_an_error_within_leaves_no_trace():
    small = network()
    before = kept(small)
    with pytest.raises(ValueError, match="within"), patched(small, {"0": [(Constant(1.0), 1.0)]}):
        raise ValueError("within")
    assert same(small, before)


def test_what_is_put_on_within_inference_mode_can_be_taken_off_outside_of_it():
    small = network()
    before = kept(small)
    patch = patched(small, {"0": [(Constant(1.0), 1.0)]})
    with torch.inference_mode():
        patch.__enter__()
        small(torch.ones(1, 3))
    patch.__exit__(None, None, None)
    assert same(small, before)
    assert not weight(small, 0).is_inference()
    small(torch.ones(1, 3, requires_grad=True)).sum().backward()


def test_the_network_may_change_its_precision_meanwhile():
    """A move to another device goes the same way, and there may be no other device here."""
    small = network()
    before = kept(small)
    with patched(small, {"0": [(Constant(1.0), 1.0)]}):
        small.to(torch.float64)
    assert torch.equal(weight(small, 0).float(), before["0.weight"])
