import pytest
import torch

from fooo.events import LegName
from fooo.pipeline.hooks import PERTURBED, SizeScale
from fooo.pipeline.moment import Call, CallName
from tests.pipeline.hooks.parts import drawn, moment_at, words

HOOK = SizeScale(positive=1.5, negative=0.85, until=3.0)
LATENTS = drawn(1, 4, 12, 16)


@pytest.mark.parametrize(
    ("name", "told"),
    [(CallName.POSITIVE, [144, 192]), (PERTURBED, [144, 192]), (CallName.NEGATIVE, [81, 108])],
)
def test_the_original_size_is_scaled_and_cut_to_whole_pixels(name: str, told: list[int]):
    call = HOOK.condition(Call(name=name, conditioning=words()), moment_at(3.1, LATENTS))
    assert torch.equal(call.conditioning.numbers[0], torch.tensor([*told, 0.0, 0.0, 96.0, 128.0]))


def test_at_little_noise_and_to_the_refiner_the_truth_is_told():
    call = Call(name=CallName.POSITIVE, conditioning=words())
    assert HOOK.condition(call, moment_at(3.0, LATENTS)) is call
    assert HOOK.legs == {LegName.BASE}


def test_it_tells_the_same_thing_at_every_step():
    call = Call(name=CallName.POSITIVE, conditioning=words())
    one, again = (HOOK.condition(call, moment_at(sigma, LATENTS)).conditioning for sigma in (9.0, 5.0))
    assert one is again


def test_the_words_are_not_changed_on_the_way():
    own = words()
    told = HOOK.condition(Call(name=CallName.POSITIVE, conditioning=own), moment_at(5.0, LATENTS)).conditioning
    assert told.context is own.context
    assert torch.equal(own.numbers[0], torch.tensor([96.0, 128.0, 0.0, 0.0, 96.0, 128.0]))
