"""What failed for want of memory or of digits, tried again: with the pocket model on a device that says it is full."""

from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Any, cast

import numpy as np
import pytest
import torch

from fooo.catalog import Catalog
from fooo.engine.held_models import HeldModels
from fooo.engine.local import LocalEngine
from fooo.engine.retries import decode_soundly, raise_unets, with_enough_memory, with_sound_numbers
from fooo.errors import BadNumbers, OutOfMemory
from fooo.events import Event, MemoryChosen, Placement, PrecisionRaised, Step
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.pipeline import Networks, TextEncoders
from fooo.plan import Plan, make_plan
from fooo.request import Tiling, read_request
from fooo.weights import DeviceInfo, DeviceKind, MemoryPolicy, NetworkKey, Part, Precision, Residency
from fooo.weights.memory_policy import GIB

DEVICE = DeviceInfo(kind=DeviceKind.CPU, name="x", memory=16 * GIB, free=16 * GIB, quick_bfloat16=False)


def full(_: object = None) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        MemoryError(),
        OutOfMemory("The memory is not enough."),
    ],
)
def test_less_and_less_memory_is_taken_until_it_is_enough(error: Exception):
    tries = 0
    steps = [True, True]

    def do() -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise error
        return "drawn"

    assert with_enough_memory(do, steps.pop) == "drawn"
    assert steps == []


def test_the_least_memory_not_being_enough_is_a_sentence_and_any_other_failure_is_not_tried_again():
    with pytest.raises(OutOfMemory, match="choose a smaller size"):
        with_enough_memory(full, lambda: False)

    def broken() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        with_enough_memory(broken, lambda: True)


def test_nothing_is_held_of_the_call_that_failed_while_memory_is_given_back():
    class Large:
        pass

    alive: list[Large] = []

    def do() -> None:
        kept = Large()
        import weakref

        weakref.finalize(kept, alive.append, Large())
        full()

    with pytest.raises(OutOfMemory):
        with_enough_memory(do, lambda: not alive)
    assert alive


def test_numbers_that_stay_broken_are_told():
    more = [True, True]

    def broken() -> None:
        raise BadNumbers("broken")

    with pytest.raises(BadNumbers, match="broken"):
        with_sound_numbers(broken, lambda: bool(more) and more.pop())
    assert more == []


class Card:
    """A device that holds so many bytes of weights, and is full when a network computes while there are more."""

    def __init__(self, catalog: Catalog, plan: Plan) -> None:
        self.most: float = float("inf")
        self.held = HeldModels(DEVICE)
        shot = plan.shots[0].generate
        models = [catalog.models[name] for name in (shot.base, shot.refiner) if name]
        residency, _ = self.held.hold(models, None, pixels=128 * 128, monitor=Monitor(lambda event: None))
        self.networks = {key.part: residency.load(key) for key in (NetworkKey(models[0], part) for part in NETWORKS)}
        refiner = residency.load(NetworkKey(models[1], Part.UNET))
        self._all = [*self.networks.values(), refiner]
        for network in (self.networks[Part.UNET], refiner):
            network.register_forward_pre_hook(self._look)

    def weights(self, part: Part) -> int:
        return sum(4 * weight.numel() for weight in self.networks[part].parameters())

    def _look(self, *_call: object) -> None:
        weights = chain.from_iterable(network.parameters() for network in self._all)
        if sum(weight.nbytes for weight in weights if weight.dtype is torch.float32) > self.most:
            full()


NETWORKS = (Part.TEXT_ENCODER, Part.TEXT_ENCODER_2, Part.UNET, Part.VAE)


@pytest.fixture(scope="module")
def plan(catalog: Catalog) -> Plan:
    return make_plan(read_request({"prompt": "a cat", "sampling": {"steps": 3}}), catalog, fallback_seed=7)


def draw(catalog: Catalog, plan: Plan, card: Card) -> tuple[Picture, list[Event]]:
    told: list[Event] = []
    engine = LocalEngine(lambda: catalog, DEVICE, card.held)
    (made,) = engine.run(plan, Monitor(told.append))
    return made.picture, told


@pytest.fixture(scope="module")
def plain(catalog: Catalog, plan: Plan) -> Picture:
    return draw(catalog, plan, Card(catalog, plan))[0]


@pytest.mark.parametrize(
    ("share", "placements"),
    [
        (1.2, [Placement.ONE_AT_A_TIME]),
        (0.7, [Placement.ONE_AT_A_TIME, Placement.STREAMED]),
        (0.1, [Placement.ONE_AT_A_TIME, Placement.STREAMED, Placement.STREAMED]),
    ],
)
def test_a_full_card_draws_the_same_picture_with_less(
    catalog: Catalog, plan: Plan, plain: Picture, share: float, placements: list[Placement]
):
    """With less than all the weights of the base's UNet, or a share of them, at once."""
    card = Card(catalog, plan)
    card.most = share * card.weights(Part.UNET)
    picture, told = draw(catalog, plan, card)
    chosen = [event for event in told if isinstance(event, MemoryChosen)]
    assert [event.placement for event in chosen] == placements
    assert all(event.again for event in chosen)
    # the least asks for one guess at a time, which rounds otherwise
    assert np.abs(picture.pixels.astype(int) - plain.pixels).max() <= (1 if share < 0.5 else 0)
    assert [event.step for event in told if isinstance(event, Step)] == [1, 2, 3]

    again, told = draw(catalog, plan, card)
    assert np.array_equal(again.pixels, picture.pixels)
    assert not [event for event in told if isinstance(event, MemoryChosen)]  # it is remembered what was enough


def test_after_a_picture_that_was_too_much_the_next_one_is_drawn_as_planned(
    catalog: Catalog, plan: Plan, plain: Picture
):
    card = Card(catalog, plan)
    card.most = 0
    with pytest.raises(OutOfMemory, match="The memory is not enough for this picture"):
        draw(catalog, plan, card)
    card.most = float("inf")
    picture, told = draw(catalog, plan, card)
    assert np.array_equal(picture.pixels, plain.pixels)
    assert not [event for event in told if isinstance(event, MemoryChosen)]


def test_a_decoder_that_is_too_large_is_tried_again_without_drawing_again(catalog: Catalog, plan: Plan, plain: Picture):
    card = Card(catalog, plan)
    refusals = [True]

    def refuse_once(*_call: object) -> None:
        if refusals:
            refusals.pop()
            full()

    cast(Any, card.networks[Part.VAE]).decoder.register_forward_pre_hook(refuse_once)
    picture, told = draw(catalog, plan, card)
    assert np.array_equal(picture.pixels, plain.pixels)
    assert sum(isinstance(event, Step) for event in told) == 3
    assert refusals == []


def networks_in(precision: Precision, catalog: Catalog) -> Networks:
    residency = Residency(MemoryPolicy(device=DeviceKind.CPU, precision=precision, vae_precision=precision))
    base, refiner = catalog.models["pocket/base"], catalog.models["pocket/refiner"]
    return Networks(base=base, refiner=refiner, residency=residency, encoders=TextEncoders(residency))


LATENTS = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(0))


def nan(_decoder: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
    """Overflows in sixteen bits."""
    return output if output.dtype is torch.float32 else output * float("nan")


def black(_decoder: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
    return output if output.dtype is torch.float32 else torch.full_like(output, -1)


@pytest.mark.parametrize("overflow", [nan, black])
def test_a_decoder_that_overflows_decodes_again_in_float32(catalog: Catalog, overflow: Callable[..., torch.Tensor]):
    networks = networks_in(Precision.BFLOAT16, catalog)
    cast(Any, networks.residency.load(networks.decoder)).decoder.register_forward_hook(overflow)
    told: list[Event] = []
    picture = decode_soundly(networks, LATENTS, Tiling.NONE, Monitor(told.append))
    exact = decode_soundly(networks_in(Precision.FLOAT32, catalog), LATENTS, Tiling.NONE, Monitor(told.append))
    assert np.array_equal(picture.pixels, exact.pixels)
    assert told == [PrecisionRaised("pocket/base vae")]


def test_a_picture_that_is_black_in_float32_too_was_meant_so(catalog: Catalog):
    networks = networks_in(Precision.FLOAT32, catalog)

    def always_black(_decoder: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        return torch.full_like(output, -1)

    cast(Any, networks.residency.load(networks.decoder)).decoder.register_forward_hook(always_black)
    picture = decode_soundly(networks, LATENTS, Tiling.NONE, Monitor(lambda event: None))
    assert picture.pixels.max() == 0


def test_a_decoder_whose_numbers_stay_broken_is_a_sentence(catalog: Catalog):
    networks = networks_in(Precision.BFLOAT16, catalog)
    with pytest.raises(BadNumbers, match="decoder"):
        decode_soundly(networks, LATENTS * float("nan"), Tiling.NONE, Monitor(lambda event: None))


def test_unets_are_raised_out_of_float16_and_no_further(catalog: Catalog):
    told: list[Event] = []
    networks = networks_in(Precision.FLOAT16, catalog)
    assert raise_unets(networks, Monitor(told.append))
    keys = [NetworkKey(model, Part.UNET) for model in (networks.base, networks.refiner) if model]
    assert [networks.residency.precision(key) for key in keys] == [Precision.BFLOAT16] * 2
    assert [event.what for event in told if isinstance(event, PrecisionRaised)] == [
        "pocket/base unet", "pocket/refiner unet"
    ]  # fmt: skip
    assert not raise_unets(networks, Monitor(told.append))
    assert networks.residency.precision(replace(keys[0], part=Part.TEXT_ENCODER)) is Precision.FLOAT16
