import pytest
import torch

from fooo.weights import is_out_of_memory

FAR_TOO_MUCH = 10**15
"""Numbers: four petabytes, which every system refuses at once."""


def test_a_refused_allocation_is_told_from_other_failures():
    with pytest.raises(RuntimeError) as refused:
        torch.empty(FAR_TOO_MUCH)
    assert is_out_of_memory(refused.value)
    assert is_out_of_memory(MemoryError())
    with pytest.raises(RuntimeError) as other:
        torch.dot(torch.zeros(2), torch.zeros(3))
    assert not is_out_of_memory(other.value)
