"""What the towers hear, against tensors computed here from layouts that were written down by hand.

The rules are the webui's: chunks of 75 tokens between two marks, cut behind a comma that is among the last 20; each
token times its weight, then the chunk back to the mean that it had, each tower by itself; pooled of the first chunk.
Layouts give for each chunk its words and their weights; tokens and hidden layers are transformers' own.
"""

import pytest
import torch

from fooo.catalog import Catalog
from fooo.pipeline.texts import Encoded
from tests.oracle.text_towers import TOLERANCE, Kind, Tower, Towers, towers_of

SEEN = 100 * TOLERANCE
"""How far off a wrong layout is, at least."""

Layout = list[list[tuple[str, float]]]


def words(count: int) -> str:
    return " ".join(["cat"] * count)


LAYOUTS: dict[str, tuple[str, Layout]] = {
    "nothing": ("", [[]]),
    "plain": ("a red cat, a dog", [[("a red cat, a dog", 1)]]),
    "a bracket": ("a (red) cat", [[("a", 1), ("red", 1.1), ("cat", 1)]]),
    "two brackets": ("a ((red)) cat", [[("a", 1), ("red", 1.21), ("cat", 1)]]),
    "square brackets": ("a [red] [[cat]]", [[("a", 1), ("red", 1 / 1.1), ("cat", 1 / 1.21)]]),
    "a number": ("a (red cat:1.4), blue", [[("a", 1), ("red cat", 1.4), (", blue", 1)]]),
    "a number in a bracket": ("((red:1.3) cat)", [[("red", 1.43), ("cat", 1.1)]]),
    "a small number": ("a (red:0.3) cat", [[("a", 1), ("red", 0.3), ("cat", 1)]]),
    "nothing of it, and less": ("(red:0) (cat:-0.5)", [[("red", 0), ("cat", -0.5)]]),
    "75 tokens": (words(75), [[(words(75), 1)]]),
    "76 tokens": (words(76), [[(words(75), 1)], [("cat", 1)]]),
    "a comma among the last 20": (f"{words(55)}, {words(30)}", [[(f"{words(55)},", 1)], [(words(30), 1)]]),
    "a comma before them": (f"{words(54)}, {words(30)}", [[(f"{words(54)}, {words(20)}", 1)], [(words(10), 1)]]),
    "a comma behind a full chunk": (f"{words(75)}, dog", [[(words(75), 1)], [(", dog", 1)]]),
    "a break": ("a red cat BREAK a dog", [[("a red cat", 1)], [("a dog", 1)]]),
    "a break in a bracket": ("(red cat BREAK dog:1.5)", [[("red cat", 1.5)], [("dog", 1.5)]]),
    "a weight in one of two chunks": ("a cat BREAK (red:1.6) blue", [[("a cat", 1)], [("red", 1.6), ("blue", 1)]]),
    "a weight over the cut": (
        f"{words(70)} ({'dog ' * 10}:1.2)",
        [[(words(70), 1), ("dog dog dog dog dog", 1.2)], [("dog dog dog dog dog", 1.2)]],
    ),
    "a schedule at its beginning": ("a [cat:dog:0.5] in ([red|blue]:1.3)", [[("a cat in", 1), ("red", 1.3)]]),
    "pieces of words": ("tremendous (xylophones:1.25)", [[("tremendous", 1), ("xylophones", 1.25)]]),
    "tags": ("<lora:x:0.5>a (cat:1.2)<style:Y>", [[("a", 1), ("cat", 1.2)]]),
}  # fmt: skip


@pytest.fixture(scope="module", params=list(Kind))
def towers(request: pytest.FixtureRequest, catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Towers:
    return towers_of(request.param, catalog, tmp_path_factory.mktemp("models"))


@torch.no_grad()
def hear_chunk(tower: Tower, chunk: list[tuple[str, float]]) -> tuple[torch.Tensor, torch.Tensor | None, float]:
    """A chunk's hidden layer, weighed, shape (77, width); pooled, if the tower says it; the mean it was divided by."""
    ids, weights = [tower.tokenizer.bos_token_id], [1.0]
    for text, weight in chunk:
        found = tower.ids(text)
        ids += found
        weights += [weight] * len(found)
    ids.append(tower.tokenizer.eos_token_id)
    assert len(ids) <= 77
    ids += [tower.tokenizer.pad_token_id] * (77 - len(ids))
    weights += [1.0] * (77 - len(weights))
    output = tower.network(input_ids=torch.tensor([ids]), output_hidden_states=True)
    plain = output.hidden_states[-2][0]
    weighed = plain * torch.tensor(weights)[:, None]
    pooled = output.get("text_embeds")
    return weighed * (plain.mean() / weighed.mean()), pooled, float(weighed.mean())


def by_hand(towers: Towers, layout: Layout) -> Encoded:
    """The chunks one behind the other, and pooled the first one."""
    first = torch.cat([hear_chunk(towers.first, chunk)[0] for chunk in layout])[None]
    second = torch.cat([hear_chunk(towers.second, chunk)[0] for chunk in layout])[None]
    pooled = hear_chunk(towers.second, layout[0])[1]
    assert pooled is not None
    return Encoded(first=first, second=second, pooled=pooled)


def conditioning(towers: Towers, layout: Layout) -> float:
    """How many times rounding is blown up by the division by a mean that is nearly 0; 1 down to a hundredth.

    The hidden layer's values are about 1 in size; where their mean is a thousandth, its rounding counts for so much
    more. Towers may have such a mean, and the webui's rule then scales by what is left of it.
    """
    chunks = [hear_chunk(tower, chunk)[2] for tower in (towers.first, towers.second) for chunk in layout]
    return max(1.0, *(0.01 / abs(mean) for mean in chunks))


def distances(one: Encoded, other: Encoded) -> dict[str, float]:
    assert one.first.shape == other.first.shape
    return {
        part: float((getattr(one, part) - getattr(other, part)).abs().max()) for part in ("first", "second", "pooled")
    }


@pytest.mark.parametrize("name", LAYOUTS)
def test_both_towers_hear_the_layout_that_was_written_down(towers: Towers, name: str):
    prompt, layout = LAYOUTS[name]
    found = distances(towers.encode(prompt), by_hand(towers, layout))
    assert max(found.values()) <= TOLERANCE * conditioning(towers, layout), found


EVERY = {"first", "second", "pooled"}
WRONG: dict[str, tuple[str, Layout, set[str]]] = {
    "a weight of 1.35 for 1.4": ("a (red:1.4) cat", [[("a", 1), ("red", 1.35), ("cat", 1)]], {"first", "second"}),
    "a weight on the next word": ("a (red:1.4) cat", [[("a red", 1), ("cat", 1.4)]], {"first", "second"}),
    "a word in the other chunk": ("a cat BREAK red dog", [[("a cat red", 1)], [("dog", 1)]], EVERY),
    "words in another order": ("a red cat", [[("cat a red", 1)]], EVERY),
    "pooled of the last chunk": ("a cat BREAK red blue", [[("red blue", 1)], [("a cat", 1)]], {"pooled"}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_layout_is_seen(towers: Towers, name: str):
    prompt, layout, parts = WRONG[name]
    found = distances(towers.encode(prompt), by_hand(towers, layout))
    assert all(found[part] >= SEEN for part in parts), found


def test_without_the_mean_kept_the_result_would_be_another(towers: Towers):
    """The mean is kept in each chunk and in each tower by itself: both means stay, and they were not one."""
    plain, heavy = towers.encode("a red cat"), towers.encode("a (red:1.8) cat")
    for one, other in ((plain.first, heavy.first), (plain.second, heavy.second)):
        assert float(other.mean()) == pytest.approx(float(one.mean()), abs=TOLERANCE)
        assert float((one - other)[:, 0].abs().max()) >= SEEN  # the mark for begin has no weight, but is scaled too
    assert abs(float(plain.first.mean() - plain.second.mean())) >= TOLERANCE


def test_a_chunk_without_weights_is_not_touched_by_its_neighbours_weights(towers: Towers):
    alone, beside = towers.encode("a cat"), towers.encode("a cat BREAK (red:1.8) blue")
    assert torch.allclose(alone.first, beside.first[:, :77], atol=TOLERANCE, rtol=0)
    assert torch.allclose(alone.second, beside.second[:, :77], atol=TOLERANCE, rtol=0)


def test_pooled_is_the_first_chunks_alone_and_hears_no_weights(towers: Towers):
    long, first = towers.encode(f"{words(75)} dog, red blue"), towers.encode(words(75))
    assert torch.allclose(long.pooled, first.pooled, atol=TOLERANCE, rtol=0)
    assert torch.equal(towers.encode("a (red:1.8) cat").pooled, towers.encode("a red cat").pooled)
