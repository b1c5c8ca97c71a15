"""What the text towers are asked in a job: each text once, whatever else changes."""

from collections.abc import Callable

import pytest
import torch

from fooo.catalog import Catalog
from fooo.engine.held_models import HeldModels
from fooo.engine.local import LocalEngine
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.weights import NetworkKey, Part, find_device

PlanOf = Callable[..., Plan]
Ask = Callable[..., list[int]]


@pytest.fixture
def ask(catalog: Catalog, plan_of: PlanOf) -> Ask:
    """Draws a plan; how many texts the first tower is asked to read in it, call by call."""
    device = find_device(always_cpu=True)
    held = HeldModels(device)
    engine = LocalEngine(lambda: catalog, device, held)
    rows: list[int] = []

    def count(_tower: object, _inputs: object, told: dict[str, torch.Tensor]) -> None:
        rows.append(len(told["input_ids"]))

    base = catalog.models["pocket/base"]
    residency, _ = held.hold([base], None, pixels=128 * 128, monitor=Monitor(lambda event: None))
    residency.load(NetworkKey(base, Part.TEXT_ENCODER)).register_forward_pre_hook(count, with_kwargs=True)

    def draw(**fields: object) -> list[int]:
        rows.clear()
        plan = plan_of(**{"sampling": {"steps": 2}, "models": {"refiner": None}, **fields})
        list(engine.run(plan, Monitor(lambda event: None)))
        return list(rows)

    return draw


def test_a_prompt_and_a_negative_are_read_once_each_for_all_pictures(ask: Ask):
    assert ask(prompt="a red apple", negative="a cat", output={"count": 3}) == [1, 1]


def test_nothing_is_read_again_for_another_seed_size_or_guidance(ask: Ask):
    ask(prompt="a red apple", negative="a cat")
    assert ask(prompt="a red apple", negative="a cat", sampling={"steps": 3, "seed": 9, "guidance": 7}) == []
    assert ask(prompt="a red apple", negative="a cat", size={"width": 64, "height": 128}) == []


def test_the_negative_is_not_read_again_with_other_words(ask: Ask):
    ask(prompt="a red apple", negative="a cat")
    assert ask(prompt="a blue car", negative="a cat") == [1]
    assert ask(prompt="a red apple", negative="") == [1]
    assert ask(prompt="a blue car", negative="") == []
