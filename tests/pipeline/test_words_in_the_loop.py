"""Words that change on the way, and several prompts at once, with small functions in place of networks."""

from collections.abc import Sequence

import pytest
import torch

from fooo.events import LegName
from fooo.pipeline.denoise import denoise
from fooo.pipeline.hooks import Composition, Hook, PromptSchedule, Voice
from fooo.pipeline.latents import Latents
from fooo.pipeline.moment import CallName, Moment
from tests.pipeline.test_denoise import NEGATIVE, POSITIVE, Lender, conditioning, leg_of, run_of


class Noted(Hook):
    """Notes what each settled guess is."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def settle(self, clean: Latents, moment: Moment) -> Latents:
        self.values.append(float(clean.mean()))
        return clean


def guesses_with(
    hooks: Sequence[Hook], *, scale: float = 1.0, legs: Sequence[tuple[LegName, float]] = ()
) -> list[float]:
    """The guess of each of the 6 steps."""
    noted = Noted()
    made = [leg_of(Lender(name, []), name, until) for name, until in legs or [(LegName.BASE, 0.0)]]
    denoise(run_of(*made, hooks=[*hooks, noted], scale=scale))
    return [round(value, 4) for value in noted.values]


def voices(*weighted: tuple[float, float]) -> list[Voice]:
    return [
        Voice(f"positive {number}", weight, {LegName.BASE: conditioning(value)})
        for number, (weight, value) in enumerate(weighted, 2)
    ]


def test_each_step_hears_the_words_of_its_time():
    timetable = [(2, conditioning(5.0)), (3, conditioning(6.0)), (6, conditioning(7.0))]
    hook = PromptSchedule({(LegName.BASE, CallName.POSITIVE): timetable})
    assert guesses_with([hook]) == [5, 5, 6, 7, 7, 7]


def test_a_call_without_a_timetable_keeps_its_words():
    hook = PromptSchedule({(LegName.BASE, CallName.NEGATIVE): [(1, conditioning(0.0)), (6, conditioning(NEGATIVE))]})
    # negative + 3 x (positive - negative)
    assert guesses_with([hook], scale=3) == [6, 4, 4, 4, 4, 4]


def test_the_refiner_goes_on_in_its_own_timetable_at_the_same_step():
    hook = PromptSchedule(
        {
            (LegName.BASE, CallName.POSITIVE): [(5, conditioning(1.0)), (6, conditioning(2.0))],
            (LegName.REFINER, CallName.POSITIVE): [(5, conditioning(3.0)), (6, conditioning(4.0))],
        }
    )
    legs = [(LegName.BASE, 0.5), (LegName.REFINER, 0.0)]
    assert guesses_with([hook], legs=legs)[-2:] == [3, 4]


def test_directions_of_several_prompts_add_up():
    hook = Composition(1.0, voices((0.5, 4.0)))
    # from the negative 1: (2 - 1) + 0.5 x (4 - 1) = 2.5, times the scale 3
    assert guesses_with([hook], scale=3)[0] == pytest.approx(NEGATIVE + 3 * 2.5)


def test_a_weight_on_the_only_prompt_scales_its_direction():
    assert guesses_with([Composition(0.5, [])], scale=3)[0] == pytest.approx(NEGATIVE + 3 * 0.5 * (POSITIVE - NEGATIVE))


def test_without_a_negative_several_prompts_are_averaged_by_weight():
    assert guesses_with([Composition(1.0, voices((3.0, 6.0)))])[0] == pytest.approx((POSITIVE + 3 * 6) / 4)


def test_a_further_prompt_changes_with_its_own_timetable():
    schedule = PromptSchedule({(LegName.BASE, "positive 2"): [(1, conditioning(4.0)), (6, conditioning(6.0))]})
    first, second, *_ = guesses_with([Composition(1.0, voices((1.0, 0.0))), schedule])
    assert (first, second) == (pytest.approx((POSITIVE + 4) / 2), pytest.approx((POSITIVE + 6) / 2))


def test_a_weight_of_nothing_at_all_is_no_broken_picture():
    assert torch.isfinite(torch.tensor(guesses_with([Composition(0.0, voices((0.0, 6.0)))]))).all()
