"""Jobs from a list of prompts, pasted or from a file: a line a job, with the webui's flags where it begins with one."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fooo.errors import RequestError, UnknownName
from fooo.request import LONGEST_TEXT, Partial, merge, read_request

LONGEST_LIST = 10 * LONGEST_TEXT
"""Characters."""
MOST_JOBS = 1_000
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class _Flag:
    """Where a flag's value belongs in a request. Args: wanted: What it should be, in words."""

    field: str
    read: Callable[[str], str | int | float]
    wanted: str


_FLAGS = {
    "--prompt": _Flag("prompt", str, "words"),
    "--negative_prompt": _Flag("negative", str, "words"),
    "--width": _Flag("size.width", int, "a whole number"),
    "--height": _Flag("size.height", int, "a whole number"),
    "--sampler_name": _Flag("sampling.sampler", str, "a name"),
    "--steps": _Flag("sampling.steps", int, "a whole number"),
    "--batch_size": _Flag("output.count", int, "a whole number"),
    "--cfg_scale": _Flag("sampling.guidance", float, "a number"),
    "--seed": _Flag("sampling.seed", int, "a whole number"),
}
_LATE_FLAG = re.compile(rf"\s({'|'.join(_FLAGS)})(?!\S)")


def read_prompt_list(text: str) -> tuple[Partial, ...]:
    """A partial request for each line: its fields are those that the line says, and have the right form.

    A line that begins with `--` is made of flags, in quotes where the shell would want them; after `--prompt` and
    `--negative_prompt` all words up to the next flag are taken. Any other line is a prompt. Empty lines, lines of `---`
    and those that begin with `#` are passed over. The sampler's name is kept as it is written, and one side of the size
    may come without the other.

    Raises:
        RequestError: The list is too long, or a line is wrong; the sentence begins with the line's number.
    """
    if len(text) > LONGEST_LIST:
        raise RequestError("the list", f"has {len(text)} characters", f"shorten it to {LONGEST_LIST} at most")
    lines = [(number, line.strip()) for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1)]
    jobs = [(number, line) for number, line in lines if line and not line.startswith("#") and line.strip("-")]
    if len(jobs) > MOST_JOBS:
        raise RequestError(f"line {jobs[MOST_JOBS][0]}", f"is job {MOST_JOBS + 1}", f"list {MOST_JOBS} at most")
    return tuple(_read_line(line, f"line {number}") for number, line in jobs)


def _read_line(line: str, where: str) -> Partial:
    has_flags = line.startswith("--")
    partial = _read_flags(_words(line, where), where) if has_flags else _read_prompt(line, where)
    either_side = {"size": {"width": 1024, "height": 1024}} if "size" in partial else {}
    try:
        read_request(merge(either_side, partial))
    except RequestError as error:
        flags = {flag.field: name for name, flag in _FLAGS.items() if has_flags}
        raise RequestError(where, f"{flags.get(error.field, error.field)} {error.problem}", error.hint) from None
    return partial


def _read_prompt(line: str, where: str) -> Partial:
    late = _LATE_FLAG.search(line)
    if late:
        raise RequestError(
            where, f"{late[1]} stands behind words that belong to no flag", 'begin the line with --prompt "..."'
        )
    return {"prompt": line}


def _words(line: str, where: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        raise RequestError(
            where, "a quotation mark or an escape is not closed", "put the words in double quotes"
        ) from None


def _read_flags(words: list[str], where: str) -> Partial:
    partial: dict[str, Any] = {}
    for name, values in _grouped(words):
        if name not in _FLAGS:
            raise UnknownName(where, name, _FLAGS)
        flag = _FLAGS[name]
        said = " ".join(values)
        if not values or (len(values) > 1 and flag.wanted != "words"):
            raise RequestError(where, f"{name} has {len(values) or 'no'} values", f"write {flag.wanted} behind it")
        try:
            value = flag.read(said)
        except ValueError:
            shown = said if len(said) <= _LONGEST_SHOWN else f"{said[: _LONGEST_SHOWN - 1]}…"
            raise RequestError(where, f"{name} {shown!r} is not {flag.wanted}", f"write {flag.wanted}") from None
        outer, _, inner = flag.field.partition(".")
        partial = merge(partial, {outer: {inner: value} if inner else value})
    return partial


def _grouped(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each flag with the words up to the next one."""
    starts = [number for number, word in enumerate(words) if word.startswith("--")]
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield words[start], words[start + 1 : end]
