"""One press on a finished picture: what is asked for, and that nothing but a finished picture is touched."""

import json
from pathlib import Path

import pytest

from fooo.errors import RequestError
from fooo.image.picture_files import read_picture
from fooo.interface.web.acts import acted
from fooo.request import Again, Keep, Vary, read_request
from fooo.service import Fooo, Job


@pytest.fixture
def job(program: Fooo) -> Job:
    job = program.submit(read_request({"prompt": "a cat", "sampling": {"steps": 2, "seed": 7}, "output": {"count": 2}}))
    list(job.events())
    return job


def said(job: str, *, how: object = "vary_subtle", number: object = 0) -> str:
    return json.dumps({"how": how, "job": job, "number": number})


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


@pytest.mark.parametrize(
    "words",
    ["", "{", "[]", "null", said("no job"), said("JOB", number=2), said("JOB", number=-1), said("JOB", how="delete"),
     said("JOB", number="x"), json.dumps({"how": "vary_subtle", "path": "/etc/passwd"})],
)  # fmt: skip
def test_anything_else_is_refused_in_a_sentence(program: Fooo, job: Job, words: str, tmp_path: Path):
    with pytest.raises(RequestError, match="reload the page"):
        acted(words.replace("JOB", job.id), program)
