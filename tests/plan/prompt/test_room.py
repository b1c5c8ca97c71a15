import pytest

from fooo.catalog import Tokens
from fooo.plan.prompt.grammar import Nodes
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.room import Ruler, fullest, without_empty_end
from tests.vocabulary import write_vocabulary


@pytest.fixture(scope="module")
def ruler(tmp_path_factory: pytest.TempPathFactory) -> Ruler:
    """For ten steps; each word and comma is one token, the embedding three."""
    folder = tmp_path_factory.mktemp("ruler") / "tokenizer"
    write_vocabulary(folder, ["cat, dog fox BREAK"])
    return Ruler(Tokens(folder), {"mood": 3}, 10)


def tree(text: str) -> Nodes:
    (part,) = parse(text).prompt.parts
    return part.tree


def cats(count: int) -> str:
    return " ".join(["cat"] * count)


def test_words_that_stay_have_one_size_at_all_steps(ruler: Ruler):
    assert ruler.sizes(tree("a cat, dog")) == [(4,)] * 10
    assert ruler.sizes(()) == [(0,)] * 10
    assert ruler.sizes(tree(cats(80))) == [(75, 5)] * 10
    assert ruler.sizes(tree("cat embedding:mood")) == [(4,)] * 10


def test_words_that_change_have_a_size_at_each_step(ruler: Ruler):
    assert ruler.sizes(tree("[cat:cat dog fox:0.3]")) == [(1,)] * 3 + [(3,)] * 7
    assert ruler.sizes(tree("[cat|cat dog]")) == [(1,), (2,)] * 5


def test_a_break_at_the_end_has_opened_a_chunk(ruler: Ruler):
    assert ruler.sizes(tree("cat BREAK"))[0] == (1, 0)
    assert ruler.sizes(tree("cat BREAK dog fox"))[0] == (1, 2)
    assert ruler.sizes(tree("[cat BREAK:cat:0.5]")) == [(1, 0)] * 5 + [(1,)] * 5


@pytest.mark.parametrize(
    ("own", "whole", "room"),
    [
        ("cat", "cat, dog", 72),
        ("cat", cats(75), 0),
        ("cat", cats(76), 0),
        (cats(76), f"{cats(76)}, dog", 72),
        ("cat BREAK", "cat BREAK", 75),
        ("cat BREAK", "cat BREAK dog", 74),
        ("cat", "cat BREAK dog", 0),
        (f"[cat:{cats(70)}:0.5]", f"[cat:{cats(70)}:0.5]", 5),
        (f"[{cats(70)}:cat:9]", f"[{cats(70)}:cat:9] dog", 4),
        (f"[cat|{cats(76)}]", f"[cat|{cats(76)}]", 74),
        (f"[cat|{cats(74)}|{cats(76)}]", f"[cat|{cats(74)}|{cats(76)}]", 1),
    ],
)
def test_what_fits_must_fit_at_every_step_in_a_chunk_that_the_words_opened(
    ruler: Ruler, own: str, whole: str, room: int
):
    assert ruler.room(tree(own), ruler.sizes(tree(whole))) == room


def test_the_fullest_has_the_most_chunks_and_of_these_the_most_tokens():
    assert fullest([(75,), (3, 4), (70, 1), (5,)]) == (70, 1)


def test_an_empty_end_is_no_chunk():
    assert [without_empty_end(sizes) for sizes in [(0,), (3, 0), (0, 3), (3, 0, 4)]] == [
        (0,), (3,), (0, 3), (3, 0, 4),
    ]  # fmt: skip
