import pytest

from fooo.errors import RequestError
from fooo.interface.jobs import one_job, read_listed, split_request
from fooo.request import Request, read_request
from fooo.service import Fooo


def prompts(*requests: Request) -> list[str]:
    return [request.prompt for request in requests]


def test_lines_of_three_dashes_part_jobs_that_share_all_but_their_words():
    asked = read_request(
        {"prompt": "a cat\n---\na dog\n-----\ntwo birds", "sampling": {"seed": 7}, "styles": ["Sticker"]}
    )
    jobs = split_request(asked)
    assert prompts(*jobs) == ["a cat", "a dog", "two birds"]
    assert {(job.sampling.seed, job.styles) for job in jobs} == {(7, ("Sticker",))}


@pytest.mark.parametrize("prompt", ["", "  ", "a cat\nwith a hat", "# 1 dad", "a -- b"])
def test_a_prompt_without_them_is_left_as_it_was_typed(prompt: str):
    asked = read_request({"prompt": prompt})
    assert split_request(asked) == (asked,)


def test_more_than_a_thousand_jobs_are_refused():
    with pytest.raises(RequestError, match="prompt: holds 1001 jobs; ask for 1000 at most"):
        split_request(read_request({"prompt": "a\n---\n" * 1001}))


def test_where_one_job_is_taken_several_are_refused_with_the_next_step():
    assert one_job(read_request({"prompt": "a cat\n---\n"})).prompt == "a cat"
    with pytest.raises(RequestError, match="prompt: holds 2 jobs, parted by ---; send each alone"):
        one_job(read_request({"prompt": "a cat\n---\na dog"}))


def test_a_line_of_a_list_wins_over_the_request_below_it(program: Fooo):
    below = {"prompt": "below", "negative": "blur", "sampling": {"seed": 3, "steps": 9}}
    listed = read_listed("a cat\n# no job\n--steps 20\n--prompt a dog --seed 5", below, program)
    assert prompts(*listed.requests) == ["a cat", "below", "a dog"]
    assert [(job.sampling.seed, job.sampling.steps, job.negative) for job in listed.requests] == [
        (3, 9, "blur"),
        (3, 20, "blur"),
        (5, 9, "blur"),
    ]


@pytest.mark.parametrize(
    ("below", "size"),
    [
        ({}, "96x128"),  # the pocket model's own size is 128x128
        ({"size": "192x64"}, "96x64"),
        ({"size": {"width": 160, "height": 192}}, "96x192"),
    ],
)
def test_one_side_of_a_listed_size_leaves_the_other_as_it_would_be(program: Fooo, below: dict[str, object], size: str):
    (job,) = read_listed("--prompt a cat --width 96", below, program).requests
    assert str(job.size) == size


def test_a_listed_sampler_is_known_by_its_name_elsewhere_and_the_nearest_is_told(program: Fooo):
    listed = read_listed(
        '--prompt a --sampler_name "DPM++ 2M Karras"\n--prompt b --sampler_name DEIS\n--prompt c --sampler_name DEIS',
        {},
        program,
    )
    assert [(job.sampling.sampler, job.sampling.schedule) for job in listed.requests] == [
        ("dpmpp_2m", "karras"),
        ("lms", None),
        ("lms", None),
    ]
    (notice,) = listed.notices
    assert notice.startswith("DEIS is not in Fooo")
