import importlib
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.catalog import Schedule
from fooo.catalog.model_files.contents import Base
from fooo.errors import ModelError
from fooo.pipeline.noise_levels import NoiseLevels, Prediction
from fooo.pipeline.schedules import (
    ALIGNED,
    Sigmas,
    align_your_steps_sigmas,
    ddim_uniform_sigmas,
    distilled_sigmas,
    edm_sigmas,
    exponential_sigmas,
    karras_sigmas,
    make_sigmas,
    normal_sigmas,
    sgm_uniform_sigmas,
    simple_sigmas,
    turbo_sigmas,
)
from fooo.pipeline.schedules.by_time import beta_sigmas, symmetric_beta_quantiles
from tests.pipeline.walking import LEVELS, SDXL, TO_PURE_NOISE


def test_sdxl_knows_noise_from_0_029_to_14_6():
    assert (round(LEVELS.lowest, 4), round(LEVELS.highest, 4)) == (0.0292, 14.6146)
    assert LEVELS.prediction is Prediction.EPSILON


# It has no type stubs.
stats: Any = importlib.import_module("scipy.stats")


def times(sigmas: Sigmas) -> list[float]:
    """The training steps of all levels but the last."""
    return [LEVELS.time(sigma) for sigma in sigmas[:-1]]


@pytest.mark.parametrize("levels", [LEVELS, TO_PURE_NOISE], ids=["to 14.6", "to 4096"])
@given(steps=st.integers(1, 200), schedule=st.sampled_from(Schedule))
def test_every_schedule_falls_strictly_from_within_the_known_levels_to_0(
    levels: NoiseLevels, steps: int, schedule: Schedule
):
    sigmas = make_sigmas(schedule, steps, levels)
    assert len(sigmas) == steps + 1
    assert sigmas[-1] == 0
    assert all(above > below for above, below in itertools.pairwise(sigmas))
    assert sigmas[0] <= levels.highest * (1 + 1e-9)
    assert sigmas[-2] >= levels.lowest * (1 - 1e-9)


@pytest.mark.parametrize("schedule", sorted(set(Schedule) - {Schedule.DDIM_UNIFORM, Schedule.EDM}))
def test_a_schedule_begins_in_nothing_but_noise_with_a_zero_terminal_snr_model(schedule: Schedule):
    assert make_sigmas(schedule, 7, TO_PURE_NOISE)[0] == pytest.approx(4096)


def test_ddim_uniform_visits_every_50th_step_from_1_when_there_are_20():
    assert times(ddim_uniform_sigmas(20, LEVELS)) == pytest.approx(list(range(951, 0, -50)))


def test_simple_visits_every_50th_step_from_the_last_when_there_are_20():
    assert times(simple_sigmas(20, LEVELS)) == pytest.approx(list(range(999, 0, -50)))


def test_normal_visits_both_ends_and_sgm_uniform_leaves_the_lower_one_out():
    assert times(normal_sigmas(4, LEVELS)) == pytest.approx([999, 666, 333, 0], abs=1e-6)
    assert times(sgm_uniform_sigmas(4, LEVELS)) == pytest.approx([999, 749.25, 499.5, 249.75])


def test_turbo_counts_down_by_a_tenth_and_by_less_when_there_are_more_steps():
    assert times(turbo_sigmas(4, LEVELS)) == pytest.approx([999, 899, 799, 699])
    assert turbo_sigmas(20, LEVELS) == simple_sigmas(20, LEVELS)


def test_distilled_picks_from_the_steps_of_the_teacher_and_has_more_where_there_are_more():
    assert times(distilled_sigmas(4, LEVELS)) == pytest.approx([999, 759, 499, 259])
    assert distilled_sigmas(60, LEVELS) == simple_sigmas(60, LEVELS)


def test_exponential_falls_by_one_factor_and_is_karras_of_a_large_rho():
    sigmas = exponential_sigmas(9, low=0.03, high=14.6)
    assert [below / above for above, below in itertools.pairwise(sigmas[:-1])] == pytest.approx([sigmas[1] / 14.6] * 8)
    assert sigmas == pytest.approx(karras_sigmas(9, low=0.03, high=14.6, rho=1e5), rel=1e-3)


def test_edm_keeps_its_own_ends_where_the_model_knows_them():
    assert edm_sigmas(9, LEVELS) == pytest.approx(karras_sigmas(9, low=LEVELS.lowest, high=LEVELS.highest))
    assert edm_sigmas(9, TO_PURE_NOISE)[0] == pytest.approx(80)


@pytest.mark.parametrize("base", Base)
def test_aligned_levels_are_the_table_at_ten_steps_and_between_it_by_the_logarithm_at_others(base: Base):
    table = ALIGNED[base]
    assert make_sigmas(Schedule.ALIGN_YOUR_STEPS, 10, LEVELS, base) == pytest.approx([*table[:-1], 0])
    twenty = align_your_steps_sigmas(20, LEVELS, table)
    assert twenty[:-1:2] == pytest.approx(table[:-1])
    assert twenty[1] == pytest.approx(math.sqrt(table[0] * table[1]))


def test_beta_is_dense_at_both_ends():
    gaps = -np.diff([*times(beta_sigmas(20, LEVELS)), 0])
    assert gaps[0] < gaps[9] > gaps[-1]
    assert gaps == pytest.approx(gaps[::-1], rel=1e-6)


@pytest.mark.parametrize("shape", [0.3, 0.6, 1.0, 2.5])
def test_beta_quantiles_are_those_of_scipy(shape: float):
    shares = np.concatenate([np.linspace(0, 1, 101), [1e-9, 1 - 1e-9]])
    ours = symmetric_beta_quantiles(shares, shape)
    # halved 60 times, 1e-18, from a series of float64
    assert np.allclose(ours, stats.beta.ppf(shares, shape, shape), rtol=0, atol=1e-13)


@given(time=st.integers(0, 999))
def test_a_training_step_and_its_noise_level_are_inverse(time: int):
    assert LEVELS.time(LEVELS.sigma(time)) == pytest.approx(time, abs=1e-6)


def test_between_two_levels_the_time_goes_by_the_logarithm():
    middle = math.sqrt(LEVELS.sigma(500) * LEVELS.sigma(501))
    assert LEVELS.time(middle) == pytest.approx(500.5)


def test_a_zero_terminal_snr_model_begins_in_nothing_but_noise_and_keeps_its_first_level():
    assert TO_PURE_NOISE.highest == pytest.approx(4096)
    assert TO_PURE_NOISE.lowest == pytest.approx(LEVELS.lowest)
    assert np.all(np.diff([TO_PURE_NOISE.sigma(time) for time in range(1000)]) > 0)


@pytest.mark.parametrize(
    "change",
    [{"beta_schedule": "squaredcos_cap_v2"}, {"prediction_type": "sample"}, {"beta_start": "x"}, {"beta_end": 2}],
)
def test_an_unknown_noise_schedule_is_refused_by_its_field(change: dict[str, object]):
    with pytest.raises(ModelError, match=f"noise schedule that Fooo does not know \\({next(iter(change))}\\)"):
        NoiseLevels.from_config({**SDXL, **change}, Path("x"))
