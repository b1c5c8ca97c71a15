"""Keys and values of the words on the pocket model's UNet: computed once, and the same numbers."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, cast

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

from fooo.catalog import Catalog
from fooo.pipeline.speed.words_once import words_once
from fooo.weights import NetworkKey, Part
from tests.oracle.conftest import networks_of


@pytest.fixture(scope="module")
def unet(catalog: Catalog) -> UNet2DConditionModel:
    base = catalog.models["pocket/base"]
    return cast(UNet2DConditionModel, networks_of(base, None).residency.load(NetworkKey(base, Part.UNET)))


def words(seed: int) -> torch.Tensor:
    return torch.randn(2, 77, 288, generator=torch.Generator().manual_seed(seed))


def guess(unet: UNet2DConditionModel, context: torch.Tensor, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    latents, pooled = torch.randn(2, 4, 8, 8, generator=generator), torch.randn(2, 160, generator=generator)
    told = {"text_embeds": pooled, "time_ids": torch.ones(2, 6)}
    with torch.inference_mode():
        network = cast(Callable[..., tuple[torch.Tensor]], unet)
        return network(latents, 500.0, encoder_hidden_states=context, added_cond_kwargs=told, return_dict=False)[0]


def layers(unet: UNet2DConditionModel) -> list[tuple[str, Any]]:
    """Those that make keys and values of the words."""
    modules = cast(Iterable[tuple[str, Any]], unet.named_modules())
    return [(name, module) for name, module in modules if name.endswith(("attn2.to_k", "attn2.to_v"))]


def test_within_it_each_layer_is_asked_once_for_the_same_words(unet: UNet2DConditionModel):
    asked: list[str] = []

    def note(name: str) -> Callable[..., None]:
        def call(_layer: object, _inputs: object) -> None:
            asked.append(name)

        return call

    one, two = words(1), words(2)
    with ExitStack() as undo:
        for name, layer in layers(unet):
            undo.callback(layer.register_forward_pre_hook(note(name)).remove)
        names = [name for name, _ in layers(unet)]
        with words_once(unet):
            for context in (one, one, one):
                guess(unet, context)
            assert sorted(asked) == sorted(names)
            for context in (two, one, two, one):
                guess(unet, context)
            assert len(asked) == 2 * len(names)
        guess(unet, one)
        assert len(asked) == 3 * len(names)


def test_the_numbers_are_the_same_bit_for_bit(unet: UNet2DConditionModel):
    asked = [(words(seed % 2), seed) for seed in range(4)]
    plain = [guess(unet, *each) for each in asked]
    with words_once(unet):
        once = [guess(unet, *each) for each in asked]
    assert all(torch.equal(one, other) for one, other in zip(plain, once, strict=True))


def test_equal_words_in_another_tensor_are_other_words(unet: UNet2DConditionModel):
    """What is written into a tensor of its own is heard: nothing is taken for the same that might be changed."""
    with words_once(unet):
        first = guess(unet, words(1))
        assert not torch.equal(guess(unet, words(2)), first)
        assert torch.equal(guess(unet, words(1)), first)


def test_behind_it_the_network_is_made_of_its_own_layers_again(unet: UNet2DConditionModel):
    before = layers(unet)
    with words_once(unet):
        assert not {id(module) for _, module in layers(unet)} & {id(module) for _, module in before}
    assert [(name, id(module)) for name, module in layers(unet)] == [(name, id(module)) for name, module in before]
