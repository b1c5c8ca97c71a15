"""Sentences that are written in English where they arise, such as errors, said again in another language.

A table for each language, `errors/<code>.json`, holds what they can say, such as `"{name} is not here"`, and
what stands for it there. Text that people bring is never read as a pattern, and each step of the search is a plain look
for a text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_DEEPEST = 4
"""Sentences within sentences: a process crashed, what is known lies in, ..., the reason."""


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with places. Args: english: As in the table. literals: Around the places. names: Of the places."""

    english: str
    literals: tuple[str, ...]
    names: tuple[str, ...]

    def pieces(self, text: str) -> dict[str, str] | None:
        """What stands at its places where the text is this sentence, each as short as can be; else None."""
        first, *between, last = self.literals
        end = len(text) - len(last)
        if end < len(first) or not text.startswith(first) or not text.endswith(last):
            return None
        found: list[str] = []
        at = len(first)
        for literal in between:
            stop = text.find(literal, at, end)
            if stop < 0:
                return None
            found.append(text[at:stop])
            at = stop + len(literal)
        return dict(zip(self.names, (*found, text[at:end]), strict=True))


class Sentences:
    """What a language says for the English sentences of its table.

    Args:
        table: By the English sentence, its places in braces, the sentence of the language with the same places.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = table

    def __call__(self, english: str) -> str:
        """The sentence in the language, and so what stands at its places; the English where the table has none."""
        return self._said(english, 0)

    def fit(self, text: str) -> tuple[str, Mapping[str, str]] | None:
        """The sentence of the table that a text is, and what stands at its places; None where it is none."""
        if text in self._whole:
            return text, {}
        for template in self._templates:
            pieces = template.pieces(text)
            if pieces is not None:
                return template.english, pieces
        return None

    def _said(self, english: str, depth: int) -> str:
        found = self.fit(english) if depth <= _DEEPEST else None
        if found is None:
            return english
        template, pieces = found
        said = {name: self._said(piece, depth + 1) for name, piece in pieces.items()}
        return _PLACEHOLDER.sub(lambda match: said[match[1]], self.table[template])

    @cached_property
    def _whole(self) -> frozenset[str]:
        return frozenset(english for english in self.table if not _PLACEHOLDER.search(english))

    @cached_property
    def _templates(self) -> Sequence[Template]:
        """Those with places, the most particular first; made when the first one is asked for."""
        made = [_template(english) for english in self.table if _PLACEHOLDER.search(english)]
        return sorted(made, key=lambda template: sum(map(len, template.literals)), reverse=True)


def _template(english: str) -> Template:
    return Template(english, tuple(_PLACEHOLDER.split(english)[::2]), tuple(_PLACEHOLDER.findall(english)))
