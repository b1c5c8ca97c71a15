import pytest
import torch
from torch.nn import functional

from fooo.pipeline.speed.block_attention import BlockAttention, in_blocks, suits_block_attention

Asked = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
attention = functional.scaled_dot_product_attention


def asked(queries: int, keys: int, *, heads: int = 3, width: int = 64, dtype: torch.dtype) -> Asked:
    """Queries, keys and values of two pictures, lying in memory as a UNet has them."""
    generator = torch.Generator().manual_seed(0)

    def made(length: int) -> torch.Tensor:
        return torch.randn((2, length, heads, width), generator=generator).to(dtype).transpose(1, 2)

    return made(queries), made(keys), made(keys)


# below, at and above a block's queries, and keys so many that a block takes one head
@pytest.mark.parametrize(("queries", "keys"), [(256, 77), (511, 256), (512, 512), (1025, 1025), (600, 1)])
def test_block_by_block_it_is_the_same_attention(queries: int, keys: int):
    told = asked(queries, keys, dtype=torch.float32)
    answer = in_blocks(*told)
    # float32: sums of up to a thousand products round otherwise in another order
    assert torch.allclose(answer, attention(*told), atol=1e-5)


def test_in_bfloat16_it_is_as_near_to_exact_attention_as_torch_is_but_for_one_more_rounding():
    told = asked(1024, 1024, dtype=torch.bfloat16)
    query, key, value = told
    exact = attention(query.float(), key.float(), value.float())
    blocks, torchs = ((made.float() - exact).abs().mean() for made in (in_blocks(*told), attention(*told)))
    # the table of scores is rounded to 8 bits before its exponential and behind it, where torch rounds once
    assert blocks < 4 * torchs


def test_its_answer_lies_in_memory_as_the_next_layer_reads_it():
    answer = in_blocks(*asked(256, 77, dtype=torch.bfloat16))
    assert answer.transpose(1, 2).is_contiguous()


def test_within_the_mode_attention_is_computed_in_blocks_and_behind_it_by_torch_again():
    told = asked(300, 300, dtype=torch.bfloat16)
    before = attention(*told)
    with BlockAttention():
        within = attention(*told, attn_mask=None, dropout_p=0.0, is_causal=False)
    assert torch.equal(within, in_blocks(*told))
    assert not torch.equal(within, before)
    assert torch.equal(attention(*told), before)


def test_what_is_small_or_masked_stays_torchs_own():
    small, large = asked(255, 255, dtype=torch.bfloat16), asked(300, 300, dtype=torch.bfloat16)
    mask = torch.ones(300, 300, dtype=torch.bool).tril()
    plain = [attention(*small), attention(*large, attn_mask=mask), attention(*large, is_causal=True)]
    with BlockAttention():
        within = [attention(*small), attention(*large, attn_mask=mask), attention(*large, is_causal=True)]
    assert all(torch.equal(one, other) for one, other in zip(plain, within, strict=True))


def test_float32_and_other_devices_keep_torchs_attention():
    assert not suits_block_attention(torch.device("cpu"), torch.float32)
    assert not suits_block_attention(torch.device("cuda"), torch.bfloat16)
