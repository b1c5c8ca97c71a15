"""Changes in every way in which they are written down, by hand on single layers."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from fooo.errors import ModelError
from fooo.weights import Part
from fooo.weights.loras.lora_file import read_changes
from tests import model_files

ROUNDING = 1e-6
"""Both sides multiply the same float32 numbers, of size 0.1 and less, and may add them up in another order."""


def numbers(*shape: int) -> torch.Tensor:
    with model_files.random_from(sum(shape)):
        return cast(Any, torch).randn(shape)


def difference(tmp_path: Path, shape: tuple[int, ...], **tensors: torch.Tensor) -> torch.Tensor:
    """What a file with one module's tensors, by their leaves with `_` for `.`, adds to a weight of that shape."""
    named = {f"lora_unet_x.{leaf.replace('__', '.')}": tensor for leaf, tensor in tensors.items()}
    file = model_files.write(tmp_path / "one.safetensors", named)
    return read_changes(file, Part.UNET)["x", "weight"].difference(torch.zeros(shape))


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, rtol=0, atol=ROUNDING * float(other.abs().max() + 1))


def test_a_lora_is_up_times_down_times_alpha_by_rank(tmp_path: Path):
    up, down = numbers(6, 2), numbers(2, 5)
    found = difference(tmp_path, (6, 5), lora_up__weight=up, lora_down__weight=down, alpha=torch.tensor(0.5))
    assert close(found, up @ down / 4)
    assert close(difference(tmp_path, (6, 5), lora_up__weight=up, lora_down__weight=down), up @ down)


def test_a_convolution_is_what_both_convolutions_do_one_after_the_other(tmp_path: Path):
    down, up = numbers(2, 3, 3, 3), numbers(4, 2, 1, 1)
    found = difference(tmp_path, (4, 3, 3, 3), lora_up__weight=up, lora_down__weight=down)
    picture = numbers(1, 3, 8, 8)
    conv: Any = torch.nn.functional.conv2d
    assert close(conv(picture, found), conv(conv(picture, down), up))


def test_a_convolution_in_three_parts_is_what_the_three_do_one_after_the_other(tmp_path: Path):
    down, mid, up = numbers(2, 3, 1, 1), numbers(2, 2, 3, 3), numbers(4, 2, 1, 1)
    found = difference(tmp_path, (4, 3, 3, 3), lora_up__weight=up, lora_mid__weight=mid, lora_down__weight=down)
    picture = numbers(1, 3, 8, 8)
    conv: Any = torch.nn.functional.conv2d
    # the rounding of three sums of some ten numbers of size 1 each
    assert torch.allclose(conv(picture, found), conv(conv(conv(picture, down), mid), up), atol=1e-4)


def test_a_change_of_a_matrix_may_be_written_as_a_convolution_of_one_pixel(tmp_path: Path):
    up, down = numbers(6, 2, 1, 1), numbers(2, 5, 1, 1)
    found = difference(tmp_path, (6, 5), lora_up__weight=up, lora_down__weight=down)
    assert close(found, up[..., 0, 0] @ down[..., 0, 0])


def test_a_loha_multiplies_two_loras_number_by_number(tmp_path: Path):
    a, b, c, d = numbers(6, 2), numbers(2, 5), numbers(6, 2) + 1, numbers(2, 5) - 1
    found = difference(tmp_path, (6, 5), hada_w1_a=a, hada_w1_b=b, hada_w2_a=c, hada_w2_b=d, alpha=torch.tensor(1.0))
    assert close(found, (a @ b) * (c @ d) / 2)


def test_a_loha_of_a_convolution_may_have_a_core(tmp_path: Path):
    core, a, b = numbers(2, 3, 3, 3), numbers(2, 6), numbers(3, 5)
    found = difference(
        tmp_path, (6, 5, 3, 3), hada_t1=core, hada_w1_a=a, hada_w1_b=b, hada_t2=core, hada_w2_a=a, hada_w2_b=b
    )
    by_hand = torch.zeros(6, 5, 3, 3)
    for i in range(2):
        for j in range(3):
            by_hand += a[i][:, None, None, None] * b[j][None, :, None, None] * core[i, j]
    assert close(found, by_hand**2)


def test_a_lokr_puts_the_second_factor_in_every_place_of_the_first(tmp_path: Path):
    first, second = numbers(2, 3), numbers(4, 5)
    found = difference(tmp_path, (8, 15), lokr_w1=first, lokr_w2=second, alpha=torch.tensor(7.0))
    assert found.shape == (8, 15)
    for row in range(2):
        for column in range(3):
            tile = found[4 * row : 4 * row + 4, 5 * column : 5 * column + 5]
            assert close(tile, first[row, column] * second)  # of whole factors alpha says nothing


def test_a_lokrs_factors_may_be_split_and_be_a_convolutions(tmp_path: Path):
    first, a, b = numbers(2, 3), numbers(4, 2), numbers(2, 5 * 9)
    found = difference(tmp_path, (8, 15, 3, 3), lokr_w1=first, lokr_w2_a=a, lokr_w2_b=b, alpha=torch.tensor(1.0))
    whole = difference(tmp_path, (8, 15, 3, 3), lokr_w1=first, lokr_w2=(a @ b).reshape(4, 5, 3, 3))
    assert close(found, whole / 2)
    core = difference(
        tmp_path,
        (8, 15, 3, 3),
        lokr_w1=first,
        lokr_t2=numbers(2, 2, 3, 3),
        lokr_w2_a=numbers(2, 4),
        lokr_w2_b=numbers(2, 5),
    )
    second = torch.einsum("ijkl,ip,jr->prkl", numbers(2, 2, 3, 3), numbers(2, 4), numbers(2, 5))
    assert close(core, difference(tmp_path, (8, 15, 3, 3), lokr_w1=first, lokr_w2=second))


def dora(tmp_path: Path, weight: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """What a file with the product of ones, and these lengths, makes of a weight."""
    rows, columns = weight.shape[0], weight[0].numel()
    ends = [1] * (weight.ndim - 2)
    tensors = {
        "lora_unet_x.lora_up.weight": torch.ones(rows, 2, *ends),
        "lora_unet_x.lora_down.weight": torch.ones(2, columns).reshape(2, *weight.shape[1:]),
        "lora_unet_x.alpha": torch.tensor(1.0),
        "lora_unet_x.dora_scale": lengths,
    }
    file = model_files.write(tmp_path / "one.safetensors", tensors)
    return weight + read_changes(file, Part.UNET)["x", "weight"].difference(weight)


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3, 3)])
def test_a_dora_gives_each_row_or_each_column_the_length_that_was_learnt(tmp_path: Path, shape: tuple[int, ...]):
    weight, ends = numbers(*shape), [1] * (len(shape) - 2)
    towards = weight + 1  # two ones, times alpha 1, by rank 2
    for axis, count in enumerate(shape[:2]):
        lengths = numbers(count).abs() + 0.1
        column = axis == 1
        found = dora(tmp_path, weight, lengths.reshape([1, count, *ends] if column else [count, 1, *ends]))
        for number in range(count):
            one, direction = (each.select(axis, number) for each in (found, towards))
            expected = direction / float((direction**2).sum()) ** 0.5 * lengths[number]
            assert close(one, expected)


def test_a_dora_of_a_square_matrix_tells_by_its_shape_what_has_the_lengths(tmp_path: Path):
    weight, lengths = numbers(5, 5), torch.arange(1.0, 6)
    rows, columns = (dora(tmp_path, weight, lengths.reshape(shape)) for shape in ((5, 1), (1, 5)))
    assert torch.allclose((rows**2).sum(1).sqrt(), lengths)
    assert torch.allclose((columns**2).sum(0).sqrt(), lengths)


def test_differences_may_be_whole_and_of_biases(tmp_path: Path):
    weight, bias = numbers(6, 5), numbers(6)
    for names in (("diff", "diff_b"), ("w_norm", "b_norm")):
        tensors = dict(zip((f"lora_unet_x.{name}" for name in names), (weight, bias), strict=True))
        changes = read_changes(model_files.write(tmp_path / "x.safetensors", tensors), Part.UNET)
        assert torch.equal(changes["x", "weight"].difference(torch.zeros(6, 5)), weight)
        assert torch.equal(changes["x", "bias"].difference(torch.zeros(6)), bias)


def test_lycoris_says_among_its_choices_that_strengths_go_by_the_root_of_the_rank(tmp_path: Path):
    tensors = {"lora_unet_x.lora_down.weight": numbers(4, 5), "lora_unet_x.lora_up.weight": numbers(6, 4)}
    for said, scale in (('{"rs_lora": "True"}', 1.0), ('{"rs_lora": "False"}', 0.5), ("null", 0.5), ("no JSON", 0.5)):
        file = model_files.write(
            tmp_path / "x.safetensors", tensors | {"lora_unet_x.alpha": torch.tensor(2.0)}, {"ss_network_args": said}
        )
        found = read_changes(file, Part.UNET)["x", "weight"].difference(torch.zeros(6, 5))
        assert close(found, numbers(6, 4) @ numbers(4, 5) * scale)


def test_diffusers_says_the_strength_of_all_changes_in_the_header(tmp_path: Path):
    tensors = {"unet.x.lora_A.weight": numbers(2, 5), "unet.x.lora_B.weight": numbers(6, 2)}

    def read(**said: object) -> torch.Tensor:
        metadata = {"lora_adapter_metadata": json.dumps({f"unet.{name}": value for name, value in said.items()})}
        file = model_files.write(tmp_path / "x.safetensors", tensors, metadata)
        return read_changes(file, Part.UNET)["x", "weight"].difference(torch.zeros(6, 5))

    assert close(read(lora_alpha=1, r=2), numbers(6, 2) @ numbers(2, 5) / 2)
    assert close(read(lora_alpha=1, r=2, use_rslora=True), numbers(6, 2) @ numbers(2, 5) / 2**0.5)
    odds: tuple[dict[str, object], ...] = (
        {"alpha_pattern": {"(x+)+": 3}},
        {"alpha_pattern": {"x": "much"}},
        {"lora_alpha": "much"},
    )
    for odd in odds:
        with pytest.raises(ModelError, match="does not know how strong"):
            read(**odd)


def test_peft_says_the_strength_of_single_changes_by_the_ends_of_their_names(tmp_path: Path):
    """As peft's `get_pattern_key` finds them: a whole name or an end behind a dot, the first that fits."""
    modules = ("a.b.to_k", "a.b.to_q", "a.out_to_k", "text_model.to_k")
    tensors = {f"unet.{name}.lora_A.weight": numbers(2, 5) for name in modules}
    tensors |= {f"unet.{name}.lora_B.weight": numbers(6, 2) for name in modules}
    said = {"unet.lora_alpha": 2, "unet.r": 2, "unet.alpha_pattern": {"^a.b.to_q": 8, "to_k": 4, "a.b.to_k": 16}}
    file = model_files.write(
        tmp_path / "x.safetensors",
        tensors | {"unet.text_model.to_k.alpha": torch.tensor(1.0)},
        {"lora_adapter_metadata": json.dumps(said | {"unet.rank_pattern": {"a.b.to_q": 2}})},
    )
    changes = read_changes(file, Part.UNET)
    alphas = {name: change.alpha for (name, _), change in changes.items()}
    # the last one has its own beside its factors, which counts most
    assert alphas == {"a_b_to_k": 4.0, "a_b_to_q": 8.0, "a_out_to_k": 2.0, "text_model_to_k": 1.0}
    assert close(changes["a_b_to_q", "weight"].difference(torch.zeros(6, 5)), numbers(6, 2) @ numbers(2, 5) * 4)
