from collections.abc import Sequence
from typing import cast

import pytest
import torch

from fooo.catalog import Catalog
from fooo.pipeline.hearing import Hearing, hear
from fooo.pipeline.texts import Encoded, TextEncoders
from fooo.plan import Said, Saying, Texts


class Words:
    """Stands in for the encoders: gives an empty encoding for each saying and remembers which it was."""

    def __init__(self) -> None:
        self.said: dict[int, str] = {}

    def encode(self, _model: object, sayings: Sequence[Saying], _added: object) -> list[Encoded]:
        nothing = torch.zeros(1, 77, 0)
        made = [Encoded(first=nothing, second=nothing, pooled=nothing) for _ in sayings]
        for each, saying in zip(made, sayings, strict=True):
            self.said[id(each)] = "".join(part.text for part in saying if isinstance(part, Said))
        return made


def heard(catalog: Catalog, positive: str, negative: str = "") -> tuple[list[tuple[float, list[str]]], list[str]]:
    """The weight and the words of each prompt, and the negative's words."""
    words = Words()
    hearing: Hearing = hear(
        cast(TextEncoders, words), catalog.models["pocket/base"], Texts.of(positive, negative), steps=10
    )
    parts = [(part.weight, [words.said[id(each.encoded)] for each in part.heard]) for part in hearing.positive]
    return parts, [words.said[id(each.encoded)] for each in hearing.negative]


@pytest.mark.parametrize(
    ("positive", "parts"),
    [
        ("a fox", [(1, ["a fox"])]),
        ("a fox AND snow:0.5", [(1, ["a fox"]), (0.5, ["snow"])]),
        ("a fox AND [snow:fog:0.5]", [(1, ["a fox"]), (1, ["snow", "fog"])]),
        ("a fox AND :-1", [(1, ["a fox"]), (-1, [""])]),
    ],
)
def test_each_prompt_is_heard_with_its_weight(catalog: Catalog, positive: str, parts: list[tuple[float, list[str]]]):
    assert heard(catalog, positive)[0] == parts


@pytest.mark.parametrize(
    ("positive", "parts"),
    [
        ("a fox:0.5 AND :0", [(0.5, ["a fox"])]),
        ("a fox:0 AND snow", [(1, ["snow"])]),
        ("a fox AND snow:0.0 AND fog:-0", [(1, ["a fox"])]),
        ("a fox:0 AND snow:0", [(0, ["a fox"])]),
    ],
)
def test_a_prompt_of_no_weight_costs_no_guess_but_one_is_left(
    catalog: Catalog, positive: str, parts: list[tuple[float, list[str]]]
):
    assert heard(catalog, positive)[0] == parts


@pytest.mark.parametrize("negative", ["dog AND cat:0.5", "dog:2", "AND", "dog AND"])
def test_a_negative_is_one_prompt_with_all_its_letters(catalog: Catalog, negative: str):
    assert heard(catalog, "a fox", negative)[1] == [negative]
