"""The text by which the webui and its kin say how a picture was made: its grammar, both ways, whatever the keys mean.

    a cat, by the sea
    Negative prompt: blurry
    Steps: 30, Sampler: DPM++ 2M, CFG scale: 7, Seed: 1, Size: 1024x1024

The prompt may have several lines and the negative too; the last line holds the fields, at least three of them. A value
with a comma, a colon or a line break in it stands in quotes, as in JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_NEGATIVE = "Negative prompt:"
_FEWEST = 3
"""Fields of a line of fields; a prompt may have one or two words with a colon behind them."""
_MOST = 500
_LONGEST = 1_000_000
"""Characters. A prompt has 10,000 at most, and the notes of extensions are seldom longer."""
_KEY = re.compile(r"\w[\w \-/]{0,99}")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_OBJECT = re.compile(r"(?:\{[^{}\n]*\}|\[[^\[\]\n]*\])(?=\s*(?:,|$))")
"""Civitai looks for the hashes as an object that stands in no quotes, and writes its own list so."""
_TO_QUOTE = re.compile(r'[,:\n\r"]|^[\s{\[]|\s$|^$')


@dataclass(frozen=True, slots=True)
class Infotext:
    """Args: fields: By their keys, in order, the values as text."""

    prompt: str = ""
    negative: str = ""
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


def parse_infotext(text: str) -> Infotext | None:
    """What a text says; None where it has no line of fields. Takes time in proportion to its length."""
    if len(text) > _LONGEST:
        return None
    lines = text.replace("\r\n", "\n").strip().split("\n")
    place = _line_of_fields(lines)
    if place is None:
        return None
    number, fields = place
    prompt, negative = _parted(lines[:number])
    # templates of prompts stand behind it, as in `Template: a {cat|dog}`
    behind = {key: value for line in lines[number + 1 :] for key, value in [_whole_line(line)] if key}
    return Infotext(prompt, negative, {**behind, **fields})


def write_infotext(said: Infotext) -> str:
    """The text that `parse_infotext` reads as that, given three fields at least."""
    fields = ", ".join(f"{key}: {_quoted(value)}" for key, value in said.fields.items())
    negative = f"{_NEGATIVE} {said.negative}" if said.negative else ""
    return "\n".join(part for part in (said.prompt, negative, fields) if part)


def pairs_of(text: str) -> dict[str, str]:
    """The values of a list such as `name: value, other: value`, as in the field `Lora hashes`."""
    pairs = (each.rpartition(":") for each in text.split(",")[:_MOST])
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _line_of_fields(lines: list[str]) -> tuple[int, dict[str, str]] | None:
    """Its place and what it holds. The last line that begins with the steps is it, else the last line of all."""
    for number in range(len(lines) - 1, -1, -1):
        if number == len(lines) - 1 or lines[number].startswith("Steps:"):
            fields = dict(_fields(lines[number]))
            if len(fields) >= _FEWEST:
                return number, fields
    return None


def _fields(line: str) -> Iterator[tuple[str, str]]:
    position = 0
    for _ in range(_MOST):
        colon = line.find(":", position)
        if colon < 0:
            return
        # a comma before the colon ends what is no field
        key = line[line.rfind(",", position, colon) + 1 if "," in line[position:colon] else position : colon].strip()
        value, position = _value(line, colon + 1)
        if _KEY.fullmatch(key):
            yield key, value


def _value(line: str, position: int) -> tuple[str, int]:
    """The value that begins there, and where the next field does."""
    while position < len(line) and line[position] == " ":
        position += 1
    if quoted := _QUOTED.match(line, position):
        comma = line.find(",", quoted.end())
        return _unquoted(quoted[0]), len(line) if comma < 0 else comma + 1
    if plain := _OBJECT.match(line, position):
        comma = line.find(",", plain.end())
        return plain[0], len(line) if comma < 0 else comma + 1
    comma = line.find(",", position)
    end = len(line) if comma < 0 else comma
    return line[position:end].strip(), end + 1


def _whole_line(line: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    return (key.strip(), value.strip()) if colon and _KEY.fullmatch(key.strip()) else ("", "")


def _parted(lines: list[str]) -> tuple[str, str]:
    """Prompt and negative."""
    for number, line in enumerate(lines):
        if line.strip().startswith(_NEGATIVE):
            unwanted = [line.strip()[len(_NEGATIVE) :], *lines[number + 1 :]]
            return "\n".join(lines[:number]).strip(), "\n".join(unwanted).strip()
    return "\n".join(lines).strip(), ""


def _quoted(value: str) -> str:
    plain = _OBJECT.fullmatch(value) or not _TO_QUOTE.search(value)
    return value if plain else json.dumps(value, ensure_ascii=False)


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]
