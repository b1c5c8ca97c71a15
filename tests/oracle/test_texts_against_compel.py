"""What the towers hear, against compel 2.5 where it means the same; where it does not, that it does not.

| | compel | Fooo, as the webui |
|---|---|---|
| plain words, pooled | the hidden layer before the last; pooled of the second tower | the same |
| where a long text is cut | behind any `.`, `,`, `;`, `:`, however far back | behind a comma of the last 20; at 75 |
| pooled of a long text | of its first 75 tokens, however the chunks are cut | of the first chunk |
| a weight above 1 | times the distance from the empty prompt | times the value, then back to the chunk's mean |
| a weight below 1 | blends with the prompt without these words | as above 1 |
| `(red:1.4)` | letters: its own way to write it is `(red)1.4` | a weight |
| `!` to the second tower | token 0, which is also the padding | the mark at a word's end, as in training |

Each is true to itself. compel seeks what draws best, whatever it was written as; the webui is what the community's
prompts were tried with. The last row is no wish of compel's: transformers takes the mark for the padding.
"""

import importlib
from collections.abc import Sequence
from typing import Any

import pytest
import torch

from fooo.catalog import Catalog
from fooo.pipeline.texts import Encoded
from tests.oracle.text_towers import TOLERANCE, Kind, Tower, Towers, towers_of

# untyped, and it says so
compel: Any = importlib.import_module("compel.embeddings_provider")
prompt_parser: Any = importlib.import_module("compel.prompt_parser")

SEEN = 100 * TOLERANCE
"""How far off the two are, at least, where they mean different things."""

Fragments = Sequence[tuple[str, float]]


@pytest.fixture(scope="module", params=list(Kind))
def towers(request: pytest.FixtureRequest, catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Towers:
    return towers_of(request.param, catalog, tmp_path_factory.mktemp("models"))


def provider(tower: Tower, *, cut: str = "BRUTAL") -> Any:
    """compel for a tower of SDXL. Args: cut: How it cuts what is longer than 75 tokens; `BRUTAL` is at 75."""
    return compel.EmbeddingsProvider(
        tower.tokenizer,
        tower.network,
        truncate=False,
        returned_embeddings_type=compel.ReturnedEmbeddingsType.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED,
        split_long_text_mode=compel.SplitLongTextMode[cut],
    )


@torch.no_grad()
def hear(tower: Tower, fragments: Fragments, *, cut: str = "BRUTAL") -> torch.Tensor:
    """What compel gives for words with weights."""
    texts, weights = ([fragment[n] for fragment in fragments] for n in (0, 1))
    return provider(tower, cut=cut).get_embeddings_for_weighted_prompt_fragments([texts], [weights])


@torch.no_grad()
def by_compel(towers: Towers, text: str, *, cut: str = "BRUTAL") -> Encoded:
    """What compel gives for plain words; the pooled is its own, not derived from the rest."""
    return Encoded(
        first=hear(towers.first, [(text, 1)], cut=cut),
        second=hear(towers.second, [(text, 1)], cut=cut),
        pooled=provider(towers.second).get_pooled_embeddings([text]),
    )


def distances(one: Encoded, other: Encoded) -> dict[str, float]:
    return {
        part: float((getattr(one, part) - getattr(other, part)).abs().max()) for part in ("first", "second", "pooled")
    }


def words(count: int) -> str:
    return " ".join(["cat"] * count)


@pytest.mark.parametrize(
    "text", ["", "a red cat", "a red cat, a blue dog. It's 3 o'clock: now?", words(75), words(76), words(160) + " dog"]
)
def test_plain_words_of_any_length_are_heard_alike_pooled_too(towers: Towers, text: str):
    found = distances(towers.encode(text), by_compel(towers, text))
    assert max(found.values()) <= TOLERANCE, found


def test_a_mark_that_is_also_the_padding_is_another_one_to_compel(towers: Towers):
    found = distances(towers.encode("a red cat!"), by_compel(towers, "a red cat!"))
    assert found["first"] <= TOLERANCE
    assert found["second"] >= SEEN


@pytest.mark.parametrize("before", [55, 60, 74])
def test_a_text_is_cut_alike_behind_a_comma_near_the_end(towers: Towers, before: int):
    text = f"{words(before)}, {words(40)}"
    ours, theirs = towers.encode(text), by_compel(towers, text, cut="PHRASES")
    found = distances(ours, theirs)
    assert max(found["first"], found["second"]) <= TOLERANCE, found
    # theirs reads 75 tokens across the cut
    assert (found["pooled"] >= SEEN) == (before < 74)
    alone = by_compel(towers, f"{words(before)},")
    assert float((ours.pooled - alone.pooled).abs().max()) <= TOLERANCE


@pytest.mark.parametrize("text", [f"{words(40)}, {words(40)}", f"{words(65)}. {words(40)}"])
def test_elsewhere_compel_cuts_earlier(towers: Towers, text: str):
    ours, theirs = towers.encode(text), by_compel(towers, text, cut="PHRASES")
    assert distances(ours, theirs)["first"] >= SEEN
    assert distances(ours, by_compel(towers, text))["first"] <= TOLERANCE


HEAVY: dict[str, Fragments] = {
    "a (red:1.4) cat": [("a", 1), ("red", 1.4), ("cat", 1)],
    "((a red)) (cat)": [("a red", 1.21), ("cat", 1.1)],
    f"a (red:2) cat {words(90)} (dog:1.5)": [("a", 1), ("red", 2), (f"cat {words(90)}", 1), ("dog", 1.5)],
}


def with_means_of(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """Each chunk of `after` scaled to the mean of that of `before`; shapes (1, 77 * chunks, width)."""
    old, new = (each.reshape(-1, 77, each.shape[-1]) for each in (before, after))
    return (new * (old.mean((1, 2)) / new.mean((1, 2)))[:, None, None]).reshape(after.shape)


@pytest.mark.parametrize("prompt", HEAVY)
def test_a_weight_above_1_is_compels_from_another_origin_and_with_the_mean_kept(towers: Towers, prompt: str):
    """compel: empty + w (heard - empty). The webui: w heard, and each chunk back to its mean."""
    ours = towers.encode(prompt)
    for tower, found in ((towers.first, ours.first), (towers.second, ours.second)):
        fragments = HEAVY[prompt]
        theirs = hear(tower, fragments)
        weights = torch.ones(theirs.shape[1])
        ids = [weight for text, weight in fragments for _ in tower.ids(text)]
        for number, weight in enumerate(ids):
            weights[number // 75 * 77 + 1 + number % 75] = weight
        empty = hear(tower, [("", 1)]).repeat(1, theirs.shape[1] // 77, 1)
        from_nothing = theirs + (weights[None, :, None] - 1) * empty
        plain = hear(tower, [(" ".join(text for text, _ in fragments), 1)])
        assert float((found - with_means_of(plain, from_nothing)).abs().max()) <= TOLERANCE
        assert float((found - theirs).abs().max()) >= SEEN


def test_a_weight_below_1_is_another_thing_to_compel(towers: Towers):
    ours = towers.encode("a (red:0.5) cat")
    theirs = hear(towers.first, [("a", 1), ("red", 0.5), ("cat", 1)])
    assert float((ours.first - theirs).abs().max()) >= SEEN


def test_to_compel_the_communitys_weights_are_letters():
    (prompt,) = prompt_parser.PromptParser().parse_conjunction("a (red:1.4) cat").prompts
    assert [(each.text, each.weight) for each in prompt.children] == [("a red:1 . 4 cat", 1)]
