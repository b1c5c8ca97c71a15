"""Leaves out of a text what a log must not hold: passwords, keys, and what people ask for."""

import re
from collections.abc import Iterable

LEFT_OUT = "…"

_CREDENTIALS = (
    # headers, to the end of the line
    (re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(['\"]?\s*[:=]\s*)[^\r\n]+"), r"\1\2…"),
    (
        re.compile(r"(?i)\b(\w*(?:password|passwd|token|api[_-]?key|secret))(['\"]?\s*[:=]\s*['\"]?)[^\s'\"&,;)]+"),
        r"\1\2…",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 …"),
    # keys as they are given out by the hub, by services like OpenAI's, and by Fooo
    (re.compile(r"\b(hf|sk|fooo)([_-])[\w-]{8,}"), r"\1\2…"),
    # a name and a password in an address
    (re.compile(r"(://)[^/\s:@]+:[^/\s@]+@"), r"\1…@"),
)
_INPUT = re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL)
"""What pydantic says of a value that it refuses."""

_RUN = re.compile(r"[^\W\d_]{2,}")
_FRAME = re.compile(r'\s*File "[^"]+", line \d+')
_PLAIN = re.compile(
    "an|and|are|as|at|be|by|for|from|has|in|is|it|its|no|not|of|on|or|so|than|that|the|this|to|was|with", re.IGNORECASE
)
"""Tell nothing of a prompt, and without them no sentence can be read."""


def without_credentials(text: str, hidden: Iterable[str] = ()) -> str:
    """The text without anything that opens a door. Args: hidden: Passwords and keys that are known."""
    for secret in hidden:
        if secret:
            text = text.replace(secret, LEFT_OUT)
    for pattern, instead in _CREDENTIALS:
        text = pattern.sub(instead, text)
    return text


def without_words(text: str, private: str) -> str:
    """The text without each word that occurs in what a person has said, but for the plainest ones.

    A word counts also where it is a part of one there: names of files are cut short. What is said in a language that
    parts no words goes by the stretches between its marks.

    Args:
        text: Of any number of lines; those of a traceback that name a place in the code stay.
        private: What the person has said.
    """
    text, said = _INPUT.sub(f"input_value={LEFT_OUT}", text), private.casefold()
    if not said:
        return text

    def instead(found: re.Match[str]) -> str:
        word = found[0]
        return LEFT_OUT if word.casefold() in said and not _PLAIN.fullmatch(word) else word

    lines = text.split("\n")
    return "\n".join(line if _FRAME.match(line) else _RUN.sub(instead, line) for line in lines)
