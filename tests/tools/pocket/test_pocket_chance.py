import numpy as np

from tools.pocket.chance import stream


def test_a_stream_is_told_by_seed_purpose_and_numbers():
    names = [(1, "questions", ()), (2, "questions", ()), (1, "examples", (4,)), (1, "examples", (5,)), (1, "", (4,))]
    drawn = [tuple(stream(seed, name, *numbers).integers(0, 2**60, 4).tolist()) for seed, name, numbers in names]
    assert len(set(drawn)) == len(names)
    assert drawn == [
        tuple(stream(seed, name, *numbers).integers(0, 2**60, 4).tolist()) for seed, name, numbers in names
    ]


def test_the_judge_draws_none_of_what_the_examiner_has_learnt_from():
    learnt = {tuple(stream(1, "examples", number).integers(0, 2**60, 4).tolist()) for number in range(64)}
    learnt |= {tuple(np.random.default_rng((1, number)).integers(0, 2**60, 4).tolist()) for number in range(64)}
    for purpose in ("questions", "real pictures", "shuffled", "subsets"):
        assert tuple(stream(1, purpose).integers(0, 2**60, 4).tolist()) not in learnt
