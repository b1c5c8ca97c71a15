"""Both sides of the benchmark draw the same picture, and what else is measured is measured."""

import numpy as np
import pytest
import torch

from benchmarks.batches import apart
from benchmarks.drawing import Ours, Theirs
from benchmarks.on_gpu import flops_a_second, measure_steps
from benchmarks.overhead import measure_overhead
from benchmarks.quality import find_judge, measure_quality, plain_prompts
from fooo.request import Size
from fooo.settings import ROOT
from fooo.weights import Part, Precision


@pytest.fixture(scope="module")
def pocket() -> Ours:
    return Ours(ROOT / "models", "pocket/base", {"sampling": {"steps": 3}})


def test_both_sides_draw_the_same_picture_with_the_same_networks(pocket: Ours):
    ours, theirs = pocket.draw("a red apple", 5), Theirs(pocket).draw("a red apple", 5)
    assert np.abs(ours.astype(int) - theirs).max() <= 1  # float32, rounded to whole numbers


def test_what_is_said_to_be_drawn_small_is_drawn_small_by_both():
    """Fooo alone would draw it at the model's own size, four times the work, and shrink it."""
    size = Size(width=64, height=64)
    small = Ours(ROOT / "models", "pocket/base", {"sampling": {"steps": 2}}, drawn=size)
    assert small.plan("a red apple", 5).shots[0].generate.size == size
    ours, theirs = small.draw("a red apple", 5), Theirs(small).draw("a red apple", 5)
    assert ours.shape == theirs.shape == (64, 64, 3)
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_theirs_lies_in_memory_as_it_was_read(pocket: Ours):
    pocket.draw("a red apple", 5)
    weight = pocket.network(Part.VAE).decoder.conv_in.weight
    assert not weight.is_contiguous()
    Theirs(pocket)
    assert not pocket.network(Part.VAE).decoder.conv_in.weight.is_contiguous()


def test_pictures_of_a_batch_are_those_drawn_alone(pocket: Ours):
    assert apart(pocket, Precision.FLOAT32).largest <= 1
    assert apart(pocket, Precision.BFLOAT16).mean < 2


def test_a_share_of_a_picture_is_no_networks(pocket: Ours):
    found = measure_overhead(pocket, jobs=2, warm_ups=1)
    assert 0 < found.share < 1
    assert found.low <= found.share <= found.high


def test_the_reference_itself_is_no_distance_from_it_and_fewer_steps_are_some(pocket: Ours):
    told: list[str] = []
    ways = [{"sampling": {"steps": 6}}, {"sampling": {"steps": 2}}]
    same, other = measure_quality(pocket, ways, plain_prompts(1), None, told.append, reference_steps=6)
    assert (same.distance, same.nouns) == (0.0, None)
    assert other.distance > 0
    assert len(told) == 3


def test_the_prompts_are_different_ones_of_nouns_and_styles():
    prompts = plain_prompts(64)
    assert len(set(prompts)) == 64


def test_without_an_examiner_there_is_no_judge(tmp_path_factory: pytest.TempPathFactory):
    assert find_judge(tmp_path_factory.mktemp("work"), 119, 64) is None


def test_steps_are_timed_and_products_counted(pocket: Ours):
    steps = measure_steps(pocket.engine_like(together=2), pocket.plan("", 1, {"output": {"count": 2}}), peak=lambda: 7)
    assert steps.seconds > 0
    assert steps.peak == 7
    assert flops_a_second(torch.device("cpu"), side=64, rounds=2) > 0
