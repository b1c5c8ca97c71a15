"""Weights on the device and away again, as a whole and group by group, with changes that undo themselves."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

from fooo.weights.held_network import HeldNetwork
from tests import model_files

CPU = torch.device("cpu")


class Constant:
    """Adds the same to every number of a weight."""

    def __init__(self, value: float) -> None:
        self.value = value

    def difference(self, weight: torch.Tensor) -> torch.Tensor:
        return torch.full_like(weight, self.value)


class Misfit:
    def difference(self, weight: torch.Tensor) -> torch.Tensor:
        raise ValueError("does not fit")


class Stopping:
    """Fits, and is stopped while it is computed."""

    def difference(self, weight: torch.Tensor) -> torch.Tensor:
        if not weight.is_meta:
            raise KeyboardInterrupt
        return weight


class Level(nn.Module):
    """Two blocks and a small layer beside them, called by hand as UNets call theirs."""

    def __init__(self) -> None:
        super().__init__()
        self.small = nn.LayerNorm(32)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 32)) for _ in range(30)])

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            inputs = inputs + block(self.small(inputs))
        return inputs


def network(dtype: torch.dtype = torch.float32) -> Any:
    with model_files.random_from(0):
        made: Any = nn.Sequential(nn.Linear(32, 32), Level(), nn.Linear(32, 4))
    return made.to(dtype).requires_grad_(requires_grad=False)


def held(dtype: torch.dtype = torch.float32, stored: torch.dtype | None = None) -> HeldNetwork:
    return HeldNetwork(network(stored or dtype), CPU, dtype)


def weight(of: HeldNetwork, name: str) -> torch.Tensor:
    return of.network.get_parameter(name)


def kept(of: HeldNetwork) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in of.network.state_dict().items()}


def same(of: HeldNetwork, before: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(weight, before[name]) for name, weight in of.network.state_dict().items())


def test_a_weight_is_in_the_wanted_precision_while_it_is_there_and_as_stored_while_it_is_away():
    one = held(torch.bfloat16, stored=torch.float16)
    before = kept(one)
    assert not one.is_whole
    one.lay()
    assert one.is_whole
    assert {each.dtype for each in one.network.parameters()} == {torch.bfloat16}
    one.put_away()
    assert same(one, before)


def test_what_is_computed_with_as_it_is_stored_takes_no_memory_and_is_no_copy():
    one = held()
    before = weight(one, "0.weight").data_ptr()
    one.lay()
    assert one.bytes == 0
    assert weight(one, "0.weight").data_ptr() == before
    one.change({"0.weight": [(Constant(1.0), 1.0)]})
    assert one.bytes == 32 * 32 * 4


def test_differences_of_one_weight_add_up_and_leave_no_trace():
    one = held()
    before = kept(one)
    one.change({"0.weight": [(Constant(2.0), 0.5), (Constant(1.0), -3.0)]})
    one.lay()
    assert torch.equal(weight(one, "0.weight"), before["0.weight"] + 1 - 3)
    assert torch.equal(weight(one, "2.weight"), before["2.weight"])
    one.change({})
    one.lay()
    assert same(one, before)


def test_differences_are_added_up_before_they_are_rounded():
    """In bfloat16 a hundredth of a weight near 1 is lost, and three of them are not."""
    one = held(torch.bfloat16)
    weight(one, "0.weight").fill_(1)
    one.change({"0.weight": [(Constant(0.003), 1.0)] * 3})
    one.lay()
    assert float(weight(one, "0.weight")[0, 0]) == 1.0078125
    one.change({})
    one.lay()
    assert float(weight(one, "0.weight")[0, 0]) == 1


def test_one_difference_that_does_not_fit_leaves_all_as_it_was():
    one = held()
    one.change({"2.weight": [(Constant(1.0), 1.0)]})
    one.lay()
    before = kept(one)
    with pytest.raises(ValueError, match="does not fit"):
        one.change({"0.weight": [(Constant(1.0), 1.0)], "2.weight": [(Misfit(), 1.0)]})
    one.lay()
    assert same(one, before)


def test_being_stopped_midway_leaves_no_trace():
    one = held()
    before = kept(one)
    one.change({"0.weight": [(Constant(1.0), 1.0)], "2.weight": [(Stopping(), 1.0)]})
    with pytest.raises(KeyboardInterrupt):
        one.lay()
    one.change({})
    one.lay()
    assert same(one, before)


def test_what_is_laid_within_inference_mode_can_be_laid_anew_outside_of_it():
    one = held()
    before = kept(one)
    one.change({"0.weight": [(Constant(1.0), 1.0)]})
    with torch.inference_mode():
        one.lay()
        one.network(torch.ones(1, 32))
    one.change({})
    one.lay()
    assert same(one, before)
    assert not weight(one, "0.weight").is_inference()
    one.network(torch.ones(1, 32, requires_grad=True)).sum().backward()


class Account:
    """Counts the bytes on the device whenever a layer computes: there what is in the computing precision."""

    def __init__(self, one: HeldNetwork, dtype: torch.dtype) -> None:
        self.most = 0
        self._weights, self._dtype = list(one.network.parameters()), dtype
        for module in one.network.modules():
            if not list(module.children()):
                module.register_forward_hook(self._look)

    def _look(self, *_call: object) -> None:
        self.most = max(self.most, sum(each.nbytes for each in self._weights if each.dtype is self._dtype))


@pytest.fixture(params=[0.0, 0.4])
def share_of_room(request: pytest.FixtureRequest) -> Iterator[float]:
    return request.param


CHANGES = {"1.blocks.3.0.weight": [(Constant(0.01), 1.0)], "0.bias": [(Constant(-0.1), 2.0)]}


@pytest.mark.parametrize("changes", [{}, CHANGES])
def test_streamed_layers_compute_the_same_bits_as_those_that_stay(share_of_room: float, changes: Any):
    inputs = torch.linspace(-1, 1, 64).view(2, 32).to(torch.bfloat16)
    whole, streamed = (held(torch.bfloat16, stored=torch.float16) for _ in range(2))
    for each in (whole, streamed):
        each.change(changes)
    whole.lay()
    streamed.stream(streamed.bytes * share_of_room)
    for _ in range(2):
        assert torch.equal(streamed.network(inputs), whole.network(inputs))


def test_streamed_layers_take_their_room_and_one_group(share_of_room: float):
    one = held(torch.bfloat16, stored=torch.float16)
    before = kept(one)
    room, group = one.bytes * share_of_room, one.bytes / 25
    account = Account(one, torch.bfloat16)
    one.stream(room)
    one.network(torch.ones(1, 32, dtype=torch.bfloat16))
    small = 1000  # what is too small to come and go
    assert room * 0.9 < account.most <= room + group + small
    one.put_away()
    one.network.float()(torch.ones(1, 32))  # what would still come at its turn would come in bfloat16
    one.network.half()
    assert same(one, before)


def test_streamed_layers_are_away_again_after_an_error_too():
    one = held(torch.bfloat16, stored=torch.float16)
    before = kept(one)
    one.stream(0)
    with pytest.raises(RuntimeError):
        one.network(torch.ones(1, 31, dtype=torch.bfloat16))
    one.put_away()
    assert same(one, before)


def convolutions(of: HeldNetwork) -> list[bool]:
    """Of each convolution's weight, whether the channels of a pixel lie side by side and nothing else does."""
    weights = [parameter for parameter in of.network.parameters() if parameter.ndim == 4]
    return [each.is_contiguous(memory_format=torch.channels_last) and not each.is_contiguous() for each in weights]


def test_channels_lie_side_by_side_while_it_is_there_with_the_numbers_that_are_stored():
    layers = nn.Sequential(nn.Conv2d(4, 8, 3), nn.GroupNorm(2, 8), nn.Conv2d(8, 4, 3)).requires_grad_(
        requires_grad=False
    )
    one = HeldNetwork(layers, CPU, torch.float32, channels_last=True)
    before = kept(one)
    assert one.bytes == sum(weight.numel() * 4 for weight in layers.parameters() if weight.ndim == 4)
    one.lay()
    assert convolutions(one) == [True, True]
    assert same(one, before)
    one.change({"0.weight": [(Constant(0.5), 1.0)]})
    one.lay()
    assert convolutions(one) == [True, True]
    one.change({})
    one.put_away()
    assert convolutions(one) == [False, False]
    assert same(one, before)
