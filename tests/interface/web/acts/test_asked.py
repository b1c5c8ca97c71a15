"""One press on a finished picture: what is asked for, and that nothing but a finished picture is touched."""

import json
from pathlib import Path

import pytest

from fooo.errors import RequestError
from fooo.image.picture_files import read_picture
from fooo.interface.web.acts import Act, asked_again, begun_with, said_act, target_named
from fooo.request import Again, Keep, Request, Vary, read_request
from fooo.service import Fooo, Job


@pytest.fixture
def job(program: Fooo) -> Job:
    job = program.submit(read_request({"prompt": "a cat", "sampling": {"steps": 2, "seed": 7}, "output": {"count": 2}}))
    list(job.events())
    return job


def said(job: str, *, how: object = "vary_subtle", number: object = 0) -> str:
    return json.dumps({"how": how, "job": job, "number": number})


def acted(words: str, program: Fooo, *, count: int = 1) -> Request:
    """What a press asks for with a picture that tells what it was drawn by."""
    target = target_named(words, program)
    assert target.own
    return asked_again(said_act(words), target.path, target.own, program, count=count)


@pytest.mark.parametrize(("how", "strength"), [(Again.VARY_SUBTLE, 0.5), (Again.VARY_STRONG, 0.85)])
def test_a_variation_begins_with_that_picture_and_a_seed_of_its_own(
    program: Fooo, job: Job, how: Again, strength: float
):
    asked = acted(said(job.id, how=how, number="1"), program)
    assert isinstance(asked.start, Vary)
    assert (asked.prompt, asked.start.strength, asked.sampling.seed, asked.sampling.steps) == ("a cat", strength, -1, 2)
    kept = program.pictures.open(asked.start.picture)
    assert (kept.pixels == read_picture(job.pictures[1].path).picture.pixels).all()


@pytest.mark.parametrize(
    ("how", "by", "faces"), [("upscale_2", 2, False), ("upscale_4", 4, False), ("fix_faces", 1, True)]
)
def test_enlarging_and_mending_keep_the_picture(program: Fooo, job: Job, how: str, by: float, *, faces: bool):
    asked = acted(said(job.id, how=how), program)
    assert isinstance(asked.start, Keep)
    assert (asked.enlarge.by, asked.faces.on, asked.size, asked.output.count) == (by, faces, None, 1)


def test_what_was_made_by_a_press_can_be_pressed_again(program: Fooo, job: Job):
    varied = program.submit(acted(said(job.id), program))
    list(varied.events())
    for how in Again:
        asked = acted(said(varied.id, how=how), program)
        assert asked.start is not None
        assert asked.start.picture != varied.plan.request.start


def test_more_like_it_is_drawn_by_all_that_it_was_drawn_by_but_its_seed(program: Fooo, job: Job):
    asked, own = acted(said(job.id, how="more"), program, count=3), job.pictures[0].record.request
    assert (asked.sampling.seed, asked.output.count, asked.start) == (-1, 3, None)
    sampling = asked.sampling.model_copy(update={"seed": own.sampling.seed})
    assert asked.model_copy(update={"sampling": sampling, "output": own.output}) == own


def test_more_like_a_variation_begins_with_the_same_picture(program: Fooo, job: Job):
    varied = program.submit(acted(said(job.id), program))
    list(varied.events())
    assert acted(said(varied.id, how="more"), program).start == varied.plan.request.start


def test_how_much_of_a_start_is_drawn_anew_is_left_to_the_preset():
    begun = begun_with("0" * 64, read_request({"prompt": "a cat"}))
    assert begun.model_dump(exclude_unset=True)["start"] == {"kind": "vary", "picture": "0" * 64}
    assert begun_with(None, begun) == read_request({"prompt": "a cat"})


def test_what_is_done_by_drawing_comes_first_and_is_called_as_the_request_calls_it():
    assert [act.value for act in Act][: len(Again)] == [how.value for how in Again]


@pytest.mark.parametrize(
    "words",
    ["", "{", "[]", "null", said("no job"), said("JOB", number=2), said("JOB", number=-1), said("JOB", how="paint"),
     said("JOB", number="x"), json.dumps({"how": "vary_subtle", "path": "/etc/passwd"})],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence(program: Fooo, job: Job, words: str, tmp_path: Path):
    with pytest.raises(RequestError, match="reload the page"):
        acted(words.replace("JOB", job.id), program)
