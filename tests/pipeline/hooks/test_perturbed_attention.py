from dataclasses import replace
from typing import Any, cast

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.pipeline.guidance import constant, within
from fooo.pipeline.hooks import PERTURBED, PerturbedAttention
from fooo.pipeline.moment import Call, CallName
from tests.pipeline.hooks.parts import drawn, guess, moment_at, small_unet, words

LATENTS = drawn(1, 4, 12, 16)
HOOK = PerturbedAttention(constant(3.0))


@pytest.fixture(scope="module")
def unet() -> UNet2DConditionModel:
    return small_unet()


class _Alone:
    """An attention processor in which each place hears itself alone: every weight is at the own place."""

    def __call__(self, attention: Any, hidden_states: torch.Tensor, **_: object) -> torch.Tensor:
        return attention.to_out[0](attention.to_v(hidden_states))


def test_only_the_marked_row_attends_to_itself_alone(unet: UNet2DConditionModel):
    marked = replace(words(), perturbed=True)
    with HOOK.patch(unet):
        both = guess(unet, LATENTS, words(), marked)
    attention = cast(Any, unet).mid_block.attentions[0].transformer_blocks[0].attn1
    (plain,), own = guess(unet, LATENTS, words()), attention.processor
    attention.set_processor(_Alone())
    (alone,) = guess(unet, LATENTS, words())
    attention.set_processor(own)
    # two rows in one call or in two: float32 rounds differently
    assert torch.allclose(both[0], plain, atol=1e-4)
    assert torch.allclose(both[1], alone, atol=1e-4)
    assert not torch.allclose(plain, alone, atol=1e-2)


def test_it_asks_for_one_more_guess_with_the_first_prompt():
    positive, negative, other = (Call(name=name, conditioning=words(seed)) for seed, name in enumerate(
        (CallName.POSITIVE, CallName.NEGATIVE, "positive 2")
    ))  # fmt: skip
    *wanted, added = HOOK.calls([negative, positive, other], moment_at(1.0, LATENTS))
    assert wanted == [negative, positive, other]
    assert added.name == PERTURBED
    assert added.conditioning.perturbed
    assert added.conditioning.context is positive.conditioning.context
    assert not any(call.conditioning.perturbed for call in wanted)


def test_it_tells_the_same_thing_at_every_step():
    call, moment = Call(name=CallName.POSITIVE, conditioning=words()), moment_at(1.0, LATENTS)
    one, again = (HOOK.calls([call], moment)[-1].conditioning for _ in range(2))
    assert one is again


def test_where_its_scale_is_0_it_asks_for_nothing_and_changes_nothing():
    hook, moment = PerturbedAttention(within(constant(3.0), 0.5, 2.0, elsewhere=0.0)), moment_at(2.1, LATENTS)
    wanted = [Call(name=CallName.POSITIVE, conditioning=words())]
    guesses: dict[str, torch.Tensor] = {CallName.POSITIVE: LATENTS}
    assert hook.calls(wanted, moment) == wanted
    assert hook.guide(guesses, moment) == guesses
    assert len(hook.calls(wanted, moment_at(2.0, LATENTS))) == 2


@pytest.mark.parametrize("scale", [1.0, 7.5])
def test_the_guided_guess_is_led_away_from_it_once_whatever_the_guidance(scale: float):
    positive, negative, perturbed = (drawn(1, 4, 8, 8, seed=seed) for seed in range(3))
    guesses = HOOK.guide(
        {CallName.POSITIVE: positive, CallName.NEGATIVE: negative, PERTURBED: perturbed}, moment_at(1.0, LATENTS)
    )
    assert set(guesses) == {CallName.POSITIVE, CallName.NEGATIVE}
    guided = guesses[CallName.NEGATIVE] + scale * (guesses[CallName.POSITIVE] - guesses[CallName.NEGATIVE])
    wanted = negative + scale * (positive - negative) + 3.0 * (positive - perturbed)
    # rounding is multiplied by the scale
    assert torch.allclose(guided, wanted, atol=1e-4)


def test_it_works_without_a_negative_guess():
    positive, perturbed = drawn(1, 4, 8, 8), drawn(1, 4, 8, 8, seed=1)
    guesses = HOOK.guide({CallName.POSITIVE: positive, PERTURBED: perturbed}, moment_at(1.0, LATENTS))
    assert torch.allclose(guesses[CallName.POSITIVE], positive + 3.0 * (positive - perturbed))


def test_unmarked_rows_and_the_network_afterwards_are_as_without_it_bit_for_bit(unet: UNet2DConditionModel):
    before = guess(unet, LATENTS, words())
    with HOOK.patch(unet):
        assert torch.equal(guess(unet, LATENTS, words()), before)
    with pytest.raises(KeyboardInterrupt), HOOK.patch(unet):
        raise KeyboardInterrupt
    marked = replace(words(), perturbed=True)
    assert torch.equal(guess(unet, LATENTS, marked), before)
