"""From what was typed to the requests that it stands for."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

from fooo.errors import RequestError
from fooo.interface.arguments import Arguments
from fooo.interface.jobs import Listed, read_listed, split_request
from fooo.plan.prompt.prompt_list import LONGEST_LIST
from fooo.request import Partial, merge, read_request
from fooo.service import Fooo

_MOST_LIST_BYTES = 4 * LONGEST_LIST
"""A character of UTF-8 has up to four."""


def read_asked(program: Fooo, asked: Arguments) -> Listed:
    """A request for each job: of the list that `--prompts` names, else of the prompt with its lines of `---`.

    Raises:
        RequestError: A file, a line of the list or a field cannot be read.
    """
    partial = partial_request(asked)
    if asked.prompts is None:
        return Listed(split_request(read_request(partial)))
    listed = read_listed(_read_list(asked.prompts), partial, program)
    if not listed.requests:
        raise RequestError("--prompts", f"{asked.prompts} holds no prompt", "write one on each line")
    return listed


def partial_request(asked: Arguments) -> Partial:
    """The request of the flags over that of the file that `--json` names.

    Raises:
        RequestError: The file or the size cannot be read.
    """
    flags: dict[str, Any] = {
        "prompt": asked.prompt,
        "negative": asked.negative,
        "exactly": asked.exactly or None,
        "matrix": asked.matrix or None,
        "expansion": asked.expansion,
        "styles": asked.style,
        "preset": asked.preset,
        "size": asked.size,
        "sampling": _given(
            {
                "performance": asked.performance,
                "budget": asked.budget,
                "seed": asked.seed,
                "steps": asked.steps,
            }
        ),
        "faces": _given({"on": asked.faces}),
        "enlarge": _given({"by": asked.enlarge, "repaint": asked.repaint}),
        "output": _given({"count": asked.number, "format": asked.format}),
    }
    return merge(_read_json(Path(asked.json)) if asked.json else {}, _given(flags))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Without what was not typed."""
    return {name: value for name, value in values.items() if value is not None and value != {}}


def _read_list(name: str) -> str:
    """The list of prompts in that file, or on stdin; no more of it than a list may have.

    Raises:
        RequestError: It cannot be read.
    """
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as stream:
            content = stream.read(_MOST_LIST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise RequestError("--prompts", f"{name} cannot be read ({error.strerror})", "name another file") from None
    except UnicodeDecodeError:
        raise RequestError("--prompts", f"{name} is not text in UTF-8", "save it as UTF-8") from None
    if len(content) > _MOST_LIST_BYTES:
        raise RequestError("--prompts", f"{name} is longer than {_MOST_LIST_BYTES} bytes", "make several lists of it")
    return text


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RequestError("--json", f"{path} cannot be read ({error.strerror})", "name another file") from None
    except (ValueError, RecursionError) as error:
        raise RequestError("--json", f"{path} is not JSON ({error})", "mend the file") from None
    if not isinstance(content, dict):
        raise RequestError("--json", f"{path} holds no JSON object", "put the request between { and }")
    return cast(dict[str, Any], content)
