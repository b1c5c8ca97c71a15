"""JSON and lists in the notation of Python out of strangers' pictures: small ones only, parsed and never evaluated."""

import ast
from typing import Any, cast

from pydantic_core import from_json

LONGEST = 4 * 2**20
"""Characters of one text in a picture. A workflow of 300 nodes has 300,000."""
_MOST_BRACKETS = 60_000
_MOST_COMMAS = 500_000
_LONGEST_LITERAL = 20_000


def read_object(text: str) -> dict[str, Any]:
    """The JSON object of a text. Numbers may be NaN or infinite: whoever uses one looks at it.

    Raises:
        ValueError: It is no JSON object, or would take more memory than any picture's.
    """
    content = _read(text)
    if not isinstance(content, dict):
        raise ValueError("no object")  # noqa: TRY004 - of the text, not of what the caller gave
    return cast(dict[str, Any], content)


def read_list(text: str) -> list[Any]:
    """What a JSON list holds; nothing where it is none, or larger than any picture's."""
    try:
        return items(_read(text))
    except ValueError:
        return []


def _read(text: str) -> object:
    """Raises: ValueError: As of `read_object`."""
    if len(text) > LONGEST or text.count(",") > _MOST_COMMAS or text.count("[") + text.count("{") > _MOST_BRACKETS:
        raise ValueError("larger than any picture's")
    # ComfyUI writes NaN into its own files
    return from_json(text.encode("utf-8", "surrogatepass"), allow_inf_nan=True)


def read_literal(text: str) -> object:
    """The list, tuple, number or text that Python would print so; None where it is none."""
    if len(text) > _LONGEST_LITERAL:
        return None
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def part(content: object, name: str) -> dict[str, Any]:
    """The object under that name; an empty one where there is none."""
    return as_object(as_object(content).get(name))


def as_object(content: object) -> dict[str, Any]:
    """The same, where it is an object; else an empty one."""
    return cast(dict[str, Any], content) if isinstance(content, dict) else {}


def items(content: object) -> list[Any]:
    """What a list or a tuple holds; nothing of anything else."""
    return list(cast("list[Any] | tuple[Any, ...]", content)) if isinstance(content, list | tuple) else []
