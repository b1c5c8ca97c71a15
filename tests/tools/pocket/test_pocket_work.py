from pathlib import Path

import numpy as np
import pytest

from tests.tools.pocket.making import NOUNS
from tools.pocket import work
from tools.pocket.scenes import SIZES, Composer
from tools.pocket.work import Work

# Workers that compose are forked from this process, in which torch has threads; they use neither.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork.*:DeprecationWarning")


def test_a_composer_draws_from_the_kept_drawings(folder: Work, composer: Composer):
    one, other = (each.compose(np.random.default_rng(1)) for each in (folder.composer(NOUNS), composer))
    assert np.array_equal(one.pixels, other.pixels)
    assert one.caption == other.caption


def test_compositions_are_kept_by_size_with_their_captions_and_numbers(folder: Work):
    work.compose(folder, nouns=NOUNS, shares={(64, 64): 5, (96, 64): 3}, seed=1)
    assert [shard.size for shard in folder.shards()] == [(64, 64), (96, 64)]
    square, wide = folder.shards()
    assert square.pixels().shape == (5, 64, 64, 3)
    assert wide.pixels().shape == (3, 64, 96, 3)
    assert len(wide.captions()) == 3
    assert all(isinstance(caption, str) and caption for caption in wide.captions())
    assert wide.numbers().shape == (3, 6)
    assert wide.numbers()[:, 4:].tolist() == [[64, 96]] * 3


def test_composing_again_adds_what_is_missing_and_touches_nothing_else(folder: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(work, "SHARD", 2)
    work.compose(folder, nouns=NOUNS, shares={(64, 64): 4}, seed=1)
    first, second = (shard.path for shard in folder.shards())
    kept, lost = first.stat().st_mtime_ns, second.read_bytes()
    second.unlink()
    (folder.compositions / "64x64-0009.part.npz").write_bytes(b"cut off")
    work.compose(folder, nouns=NOUNS, shares={(64, 64): 6}, seed=1)
    assert [shard.path.name for shard in folder.shards()] == [f"64x64-000{number}.npz" for number in range(3)]
    assert first.stat().st_mtime_ns == kept
    with np.load(second) as again:
        second.with_suffix(".lost").write_bytes(lost)
        with np.load(second.with_suffix(".lost")) as before:
            assert np.array_equal(again["pixels"], before["pixels"])
            assert list(again["captions"]) == list(before["captions"])


def test_another_seed_composes_other_pictures(folder: Work):
    work.compose(folder, nouns=NOUNS, shares={(64, 64): 3}, seed=1)
    one = folder.shards()[0].pixels()
    folder.shards()[0].path.unlink()
    work.compose(folder, nouns=NOUNS, shares={(64, 64): 3}, seed=2)
    assert not np.array_equal(one, folder.shards()[0].pixels())


def test_the_shares_of_the_sizes_add_up_and_no_size_is_left_out():
    shares = work.shares_of(10_000)
    assert set(shares) == {size for size, _ in SIZES}
    assert sum(shares.values()) == pytest.approx(10_000, abs=len(SIZES))
    assert min(work.shares_of(10).values()) >= 1


def test_the_recipe_tells_every_way_that_a_step_was_run_once(tmp_path: Path):
    folder = Work(tmp_path)
    assert folder.recipe() == {}
    for minutes in (10, 10, 30):
        folder.record("vae", {"minutes": minutes})
    folder.record("base", {"seed": 1})
    assert Work(tmp_path).recipe() == {"vae": [{"minutes": 10}, {"minutes": 30}], "base": [{"seed": 1}]}
