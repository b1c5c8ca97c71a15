"""The jobs that one press or one command asks for: a request for each."""

from dataclasses import dataclass
from typing import Any

from fooo.catalog import read_sampler_name
from fooo.errors import RequestError
from fooo.plan.prompt.dynamic import split_jobs
from fooo.plan.prompt.prompt_list import MOST_JOBS, read_prompt_list
from fooo.request import Partial, Request, merge, read_request
from fooo.service import Fooo

_PARTS_JOBS = "---"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of prompts comes to. Args: notices: What of it means something else here, a sentence each."""

    requests: tuple[Request, ...]
    notices: tuple[str, ...] = ()


def split_request(request: Request) -> tuple[Request, ...]:
    """A request for each job of the prompt, which lines of `---` part; in all but their words they are the same.

    Raises:
        RequestError: They are more than 1000.
    """
    if _PARTS_JOBS not in request.prompt:
        return (request,)
    prompts = split_jobs(request.prompt)
    if len(prompts) > MOST_JOBS:
        raise RequestError("prompt", f"holds {len(prompts)} jobs", f"ask for {MOST_JOBS} at most")
    return tuple(request.model_copy(update={"prompt": prompt}) for prompt in prompts)


def one_job(request: Request) -> Request:
    """The request again, where its prompt holds one job.

    Raises:
        RequestError: It holds several.
    """
    job, *more = split_request(request)
    if more:
        raise RequestError("prompt", f"holds {1 + len(more)} jobs, parted by ---", "send each alone")
    return job


def read_listed(text: str, below: Partial, program: Fooo) -> Listed:
    """A request for each line of a list of prompts; what a line leaves open is as in `below`.

    Raises:
        RequestError: A line is wrong, and the sentence begins with its number; or a field of `below` is.
    """
    requests: list[Request] = []
    notices: list[str] = []
    for line in read_prompt_list(text):
        above, notice = _in_our_words(line)
        size = line.get("size", {})
        # one side alone: the other is that of the picture as it would be without the list
        sides = {"size": _planned_size(below, program)} if len(size) == 1 else {}
        requests.append(read_request(merge(merge(below, sides), above)))
        notices += [notice] if notice else []
    return Listed(tuple(requests), tuple(dict.fromkeys(notices)))


def _in_our_words(line: Partial) -> tuple[Partial, str | None]:
    """The line with its sampler's name as we write it, and a sentence where that is only the nearest."""
    name = line.get("sampling", {}).get("sampler")
    if name is None:
        return line, None
    known = read_sampler_name(name)
    schedule = {} if known.schedule is None else {"schedule": known.schedule.value}
    return merge(line, {"sampling": {"sampler": known.sampler.value, **schedule}}), known.notice


def _planned_size(below: Partial, program: Fooo) -> dict[str, Any]:
    return program.plan(read_request({**below, "prompt": ""})).shots[0].size.model_dump()
