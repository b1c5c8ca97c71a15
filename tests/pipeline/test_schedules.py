import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.catalog import Schedule
from fooo.errors import ModelError
from fooo.pipeline.noise_levels import NoiseLevels, Prediction
from fooo.pipeline.schedules import ddim_uniform_sigmas, make_sigmas, simple_sigmas

SDXL = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "num_train_timesteps": 1000}
LEVELS = NoiseLevels.from_config(SDXL, Path("x"))


def test_sdxl_knows_noise_from_0_029_to_14_6():
    assert (round(LEVELS.lowest, 4), round(LEVELS.highest, 4)) == (0.0292, 14.6146)
    assert LEVELS.prediction is Prediction.EPSILON


@given(steps=st.integers(1, 200), schedule=st.sampled_from(Schedule))
def test_every_schedule_falls_strictly_from_within_the_known_levels_to_0(steps: int, schedule: Schedule):
    sigmas = make_sigmas(schedule, steps, LEVELS)
    assert len(sigmas) == steps + 1
    assert sigmas[-1] == 0
    assert all(above > below for above, below in itertools.pairwise(sigmas))
    assert sigmas[0] <= LEVELS.highest * (1 + 1e-9)
    assert sigmas[-2] >= LEVELS.lowest * (1 - 1e-9)


def test_ddim_uniform_visits_every_50th_step_from_1_when_there_are_20():
    times = [LEVELS.time(sigma) for sigma in ddim_uniform_sigmas(20, LEVELS)[:-1]]
    assert times == pytest.approx(list(range(951, 0, -50)))


def test_simple_visits_every_50th_step_from_the_last_when_there_are_20():
    times = [LEVELS.time(sigma) for sigma in simple_sigmas(20, LEVELS)[:-1]]
    assert times == pytest.approx(list(range(999, 0, -50)))


def test_simple_begins_in_nothing_but_noise_with_a_zero_terminal_snr_model():
    stretched = NoiseLevels.from_config({**SDXL, "rescale_betas_zero_snr": True}, Path("x"))
    assert simple_sigmas(7, stretched)[0] == pytest.approx(4096)


@given(time=st.integers(0, 999))
def test_a_training_step_and_its_noise_level_are_inverse(time: int):
    assert LEVELS.time(LEVELS.sigma(time)) == pytest.approx(time, abs=1e-6)


def test_between_two_levels_the_time_goes_by_the_logarithm():
    middle = math.sqrt(LEVELS.sigma(500) * LEVELS.sigma(501))
    assert LEVELS.time(middle) == pytest.approx(500.5)


def test_a_zero_terminal_snr_model_begins_in_nothing_but_noise_and_keeps_its_first_level():
    stretched = NoiseLevels.from_config({**SDXL, "rescale_betas_zero_snr": True}, Path("x"))
    assert stretched.highest == pytest.approx(4096)
    assert stretched.lowest == pytest.approx(LEVELS.lowest)
    assert np.all(np.diff([stretched.sigma(time) for time in range(1000)]) > 0)


@pytest.mark.parametrize(
    "change",
    [{"beta_schedule": "squaredcos_cap_v2"}, {"prediction_type": "sample"}, {"beta_start": "x"}, {"beta_end": 2}],
)
def test_an_unknown_noise_schedule_is_refused_by_its_field(change: dict[str, object]):
    with pytest.raises(ModelError, match=f"noise schedule that Fooo does not know \\({next(iter(change))}\\)"):
        NoiseLevels.from_config({**SDXL, **change}, Path("x"))
