from typing import Any

import torch
from torch.nn import functional

from fooo.weights.sliced_attention import SlicedAttention
from tests import model_files

attend: Any = functional.scaled_dot_product_attention


def some(*shape: int) -> torch.Tensor:
    with model_files.random_from(sum(shape)):
        random: Any = torch.randn
        return random(shape)


def test_the_answer_is_the_same_and_the_questions_are_asked_some_at_a_time():
    query, key, value = some(1, 2, 2500, 8), some(1, 2, 300, 8), some(1, 2, 300, 8)
    asked: list[int] = []

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func: Any, types: object, args: Any = (), kwargs: Any = None) -> Any:
            if func is attend:
                asked.append(args[0].shape[-2])
            return func(*args, **(kwargs or {}))

    with Watch(), SlicedAttention():
        sliced = attend(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False)
    assert asked == [1024, 1024, 452]
    # float32 sums of 300 numbers of size 1, in another order
    assert torch.allclose(sliced, attend(query, key, value), atol=1e-6)


def test_what_looks_at_other_questions_is_asked_at_once():
    query = some(1, 1, 2000, 4)
    mask = torch.ones(2000, 2000, dtype=torch.bool).tril()
    with SlicedAttention():
        masked, causal = attend(query, query, query, attn_mask=mask), attend(query, query, query, is_causal=True)
    assert torch.allclose(masked, causal, atol=1e-6)


def test_every_other_function_is_left_alone():
    with SlicedAttention():
        assert torch.equal(torch.ones(3).cumsum(0), torch.tensor([1.0, 2.0, 3.0]))
