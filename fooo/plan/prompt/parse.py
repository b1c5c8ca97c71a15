"""From the text of a prompt to its tree. Wildcards, variants and arrays are filled in before: see `dynamic`.

The rules are the webui's, because the community's prompts are written for it:

- `(a)` multiplies the weight by 1.1, `[a]` divides by 1.1, `(a:1.3)` multiplies by 1.3 over the whole bracket.
- `[a:b:0.4]`, `[a:b:12]`, `[a::0.4]`, `[a:0.4]` change at a share of the steps (a number with a point) or at a step;
  `[a|b]` changes at every step. A square bracket that mixes `:` and `|` is only a weight.
- A bracket that is never closed holds to the end; one that closes nothing is a letter; brackets may cross.
- `AND` parts prompts also inside a bracket, each with `:0.7` at its end, before tags or behind; `BREAK` begins a chunk.
- A backslash makes a letter of the next character; before `AND`, `BREAK`, `embedding:` or `<` it makes words of them.

Where dialects differ: in `webui` a number at the end (`a cat:0.5`) weighs also a prompt without `AND`; in `fooocus` the
number of `(a:1.3)` is ComfyUI's, which does not multiply with those of the brackets around it. In all dialects, and
unlike the webui, `BREAK` works inside brackets too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fooo.errors import RequestError
from fooo.plan.prompt.grammar import (
    LESS,
    MORE,
    Alternating,
    Break,
    Composed,
    Embedding,
    Hypernetwork,
    Node,
    Nodes,
    Notice,
    NoticeKind,
    Plain,
    Prompt,
    Scheduled,
    Share,
    Step,
    Weighted,
)
from fooo.plan.prompt.tags import EMBEDDING, NUMBER, TAG, TAGS_AT_END, read_tag
from fooo.request import LONGEST_TEXT, Dialect

LONGEST_PROMPT = 2 * LONGEST_TEXT
"""Characters, styles and expansion among them."""
DEEPEST = 100
"""Brackets in brackets. Nobody means more; it bounds the time and the stack."""
_MOST_CROSSINGS = 100
_MOST_NOTICES = 20
_LONGEST_SAID = 40

_NUMBER = re.compile(rf"\s*({NUMBER})\s*")
_CLOSING_WEIGHT = re.compile(rf":{_NUMBER.pattern}\)")
_LAST_WEIGHT = re.compile(rf":{_NUMBER.pattern}(?={TAGS_AT_END})")
_AND = re.compile(rf"\\.|{TAG}|{EMBEDDING}|(?P<word>(?<!\w)AND(?!\w))", re.DOTALL)
_TOKEN = re.compile(
    rf"""
    (?P<escaped>\\.)
    |(?P<tag>{TAG})
    |(?P<chunk>(?<!\w)BREAK(?!\w))
    |(?P<embedding>{EMBEDDING})
    |(?P<opens>[(\[])
    |(?P<closes>[)\]])
    |(?P<parts>[:|])
    |(?P<words>\w+|[^\w\\<()\[\]:|]+|.)
    """,
    re.DOTALL | re.VERBOSE,
)
_WIDE_WEIGHT = re.compile(rf"（[^（）()]{{0,{_LONGEST_SAID}}}[^（）()\d][：:]\s*{NUMBER}\s*[）)]")
"""Typed without leaving the Chinese keyboard; behind a digit it is a time or a ratio."""
_WORDS = re.compile(r"[^\\()\[\]<:|]*")
_CAPITALS = re.compile(r"AND|BREAK")
"""A text without these, and without the marks that are no words, is read at once: most are."""
_OPENER = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Parsed:
    prompt: Prompt
    notices: tuple[Notice, ...] = ()


def parse(text: str, dialect: Dialect = Dialect.FOOO, *, whole: bool = False, at: str = "prompt") -> Parsed:
    """The tree of any text, and what in it its writer may not have meant. Takes time in proportion to its length.

    Args:
        text: With wildcards and variants already filled in.
        dialect: Whose rules hold.
        whole: It is one prompt: `AND` and a number at its end are letters. A negative always is, as in the webui.
        at: The field of the request that the text comes from, for errors and notices.

    Raises:
        RequestError: The text is too long, or its brackets are too deep or too tangled.
    """
    if len(text) > LONGEST_PROMPT:
        raise RequestError(at, f"has {len(text)} characters", f"shorten it to {LONGEST_PROMPT} at most")
    wide = [Notice(NoticeKind.WIDE_BRACKETS, at, each[0], each.start() + 1) for each in _WIDE_WEIGHT.finditer(text)]
    if _WORDS.fullmatch(text) and not _CAPITALS.search(text):
        words = (Plain(text.strip()),) if text.strip() else ()
        return Parsed(Prompt((Composed(words),)), tuple(wide[:_MOST_NOTICES]))
    spans = [(0, len(text))] if whole or dialect is Dialect.FOOOCUS else list(_between_ands(text))
    weighs = not whole and (len(spans) > 1 or dialect is Dialect.WEBUI)
    readers = [
        _Reader(text[a:b], offset=a, weighs=weighs, alone=len(spans) == 1, dialect=dialect, at=at) for a, b in spans
    ]
    prompt = Prompt(tuple(reader.read() for reader in readers))
    notices = sorted(
        (each for found in (wide, *(reader.notices for reader in readers)) for each in found),
        key=lambda notice: notice.position,
    )
    return Parsed(prompt, tuple(notices[:_MOST_NOTICES]))


def and_as_letters(text: str) -> str:
    """The text with each `AND` in it as a word like others, so that it is one part."""
    return _AND.sub(lambda match: rf"\{match[0]}" if match["word"] else match[0], text) if "AND" in text else text


def _between_ands(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _AND.finditer(text):
        if match["word"]:
            yield start, match.start()
            start = match.end()
    yield start, len(text)


@dataclass(slots=True)
class _Bracket:
    """What was read since a bracket was opened; without a mark, since the part began.

    Attributes:
        position: Of the bracket in the part.
        only_weighs: A bracket crossed it, so it is neither schedule nor alternation.
        sections: What its separators part; until it is finished, the last section is in `nodes` and `letters`.
    """

    mark: str
    position: int
    only_weighs: bool = False
    letters: list[str] = field(default_factory=list[str])
    nodes: list[Node] = field(default_factory=list[Node])
    sections: list[Nodes] = field(default_factory=list[Nodes])
    separators: list[str] = field(default_factory=list[str])

    def add(self, *nodes: Node) -> None:
        for node in nodes:
            if isinstance(node, Plain):
                self.letters.append(node.text)
            else:
                self._settle_letters()
                self.nodes.append(node)

    def separate(self, separator: str) -> None:
        self.sections.append(self.take())
        self.separators.append(separator)

    def take(self) -> Nodes:
        """The last section, without the space that says nothing: around `BREAK`, and at the ends of a part."""
        self._settle_letters()
        nodes, self.nodes = self.nodes, []
        if self.mark and not any(isinstance(node, Break) for node in nodes):
            return tuple(nodes)
        edge = None if self.mark else Break()
        trimmed = map(_trim, [edge, *nodes], nodes, [*nodes[1:], edge])
        return tuple(node for node in trimmed if node != Plain(""))

    def finish(self) -> None:
        """End the last section: nothing more comes."""
        self.sections.append(self.take())

    def joined(self) -> Nodes:
        """All sections as one; the separators become letters."""
        if not self.separators:
            return self.sections[0]
        joined = _Bracket("[", self.position)
        joined.add(*self.sections[0])
        for separator, section in zip(self.separators, self.sections[1:], strict=True):
            joined.add(Plain(separator), *section)
        return joined.take()

    def changing(self) -> Scheduled | Alternating | None:
        """What a square bracket with those separators is, if it is more than a weight."""
        if self.separators and set(self.separators) == {"|"}:
            return Alternating(tuple(self.sections))
        if self.separators not in ([":"], [":", ":"]):
            return None
        *texts, last = self.sections
        when = _when(last)
        return Scheduled(texts[0] if len(texts) == 2 else (), texts[-1], when) if when else None

    def _settle_letters(self) -> None:
        if self.letters:
            self.nodes.append(Plain("".join(self.letters)))
            self.letters.clear()


def _trim(before: Node | None, node: Node, after: Node | None) -> Node:
    if not isinstance(node, Plain):
        return node
    text = node.text.lstrip() if isinstance(before, Break) else node.text
    return Plain(text.rstrip() if isinstance(after, Break) else text)


class _Reader:
    """Reads one part between `AND`. The last bracket of `stack` is the innermost, the first one the part itself.

    Args:
        weighs: Whether a number at its end is its weight.
        alone: Whether there is no other part.
    """

    def __init__(self, text: str, *, offset: int, weighs: bool, alone: bool, dialect: Dialect, at: str) -> None:
        self.text, self.offset, self.dialect, self.at = text, offset, dialect, at
        self.weighs, self.alone = weighs, alone
        self.stack = [_Bracket("", 0)]
        self.open = {"(": 0, "[": 0}
        self.weight = 1.0
        self.crossings = 0
        self.notices: list[Notice] = []

    def read(self) -> Composed:
        position = 0
        while position < len(self.text):
            position = self._read_token(position)
        for bracket in self.stack[1:]:
            self._note(NoticeKind.UNCLOSED, bracket.mark, bracket.position)
        while len(self.stack) > 1:
            bracket = self._pop()
            self.stack[-1].add(*self._weighted(bracket.joined(), bracket.mark, None))
        return Composed(self.stack[0].take(), self.weight)

    def _read_token(self, position: int) -> int:
        """Take the token that begins there; gives where the next one begins."""
        token = _TOKEN.match(self.text, position)
        assert token is not None, "the last alternative takes any character"
        said, top = token[0], self.stack[-1]
        match token.lastgroup:
            case "escaped":
                top.letters.append(said[1])
            case "chunk" | "opens" | "closes" if self.dialect is Dialect.FOOOCUS and said not in "()":
                top.letters.append(said)  # it knows round brackets only
            case "tag":
                return self._read_tag(said, position)
            case "chunk":
                top.add(Break())
            case "embedding":
                top.add(Embedding(said.removeprefix("embedding:")))
            case "opens":
                self._open(said, position)
            case "closes":
                self._close(said, position)
            case "parts":
                return self._read_separator(said, position)
            case _:
                top.letters.append(said)
        return token.end()

    def _read_separator(self, said: str, position: int) -> int:
        if said == ":":
            closing = _CLOSING_WEIGHT.match(self.text, position) if self.open["("] else None
            if closing:
                self._close(")", closing.end() - 1, weight=float(closing[1]))
                return closing.end()
            last = _LAST_WEIGHT.match(self.text, position) if self.weighs else None
            if last:
                return self._read_last_weight(last)
        top = self.stack[-1]
        if top.mark == "[" and not top.only_weighs:
            top.separate(said)
        else:
            top.letters.append(said)
        return position + 1

    def _read_last_weight(self, said: re.Match[str]) -> int:
        self.weight = float(said[1])
        if self.alone:
            self._note(NoticeKind.WHOLE_WEIGHT, said[0].strip(), said.start())
        return said.end(1)

    def _read_tag(self, said: str, position: int) -> int:
        kind, _, content = said[1:-1].partition(":")
        node = read_tag(kind, content)
        if node is None:
            self._note(NoticeKind.BROKEN_TAG, said, position)
            self.stack[-1].letters.append("<")
            return position + 1
        if isinstance(node, Hypernetwork):
            self._note(NoticeKind.HYPERNETWORK, said, position)
        self.stack[-1].add(node)
        return position + len(said)

    def _open(self, mark: str, position: int) -> None:
        if len(self.stack) > DEEPEST:
            raise RequestError(
                self.at,
                f"has more than {DEEPEST} brackets within each other at character {self.offset + position + 1}",
                r"close some of them, or write \ before those that are letters",
            )
        self._push(_Bracket(mark, position))

    def _close(self, mark: str, position: int, weight: float | None = None) -> None:
        """Close the innermost bracket of that kind."""
        opener = _OPENER[mark]
        if not self.open[opener]:
            self._note(NoticeKind.STRAY, mark, position)
            self.stack[-1].letters.append(mark)
            return
        if self.stack[-1].mark == opener:
            self._end(self._pop(), weight)
        else:
            self._count_crossing(mark, position)
            self._close_across(opener, weight)

    def _close_across(self, opener: str, weight: float | None) -> None:
        """Close a bracket that others were opened in: its weight goes into each of them, and they stay open."""
        crossed: list[_Bracket] = []
        while self.stack[-1].mark != opener:
            crossed.append(self._pop())
        closed = self._pop()
        self.stack[-1].add(*self._weighted(closed.joined(), opener, weight))
        for bracket in reversed(crossed):
            inside = self._weighted(bracket.joined(), opener, weight)
            self._push(_Bracket(bracket.mark, bracket.position, only_weighs=True))
            self.stack[-1].add(*inside)

    def _count_crossing(self, mark: str, position: int) -> None:
        self._note(NoticeKind.CROSSING, mark, position)
        self.crossings += 1
        if self.crossings > _MOST_CROSSINGS:
            raise RequestError(
                self.at,
                f"has more than {_MOST_CROSSINGS} brackets that cross others, at last at character "
                f"{self.offset + position + 1}",
                "close each bracket before the one around it",
            )

    def _end(self, bracket: _Bracket, weight: float | None = None) -> None:
        """Put what a bracket means into the one around it."""
        changing = bracket.changing()
        if changing:
            self.stack[-1].add(changing)
        else:
            self.stack[-1].add(*self._weighted(bracket.joined(), bracket.mark, weight))

    def _weighted(self, children: Nodes, mark: str, weight: float | None) -> Nodes:
        """The children in that bracket; none where there are none, for an empty bracket means nothing."""
        if not children:
            return ()
        if weight is None:
            return (Weighted(children, MORE if mark == "(" else LESS),)
        return (Weighted(children, weight, absolute=self.dialect is Dialect.FOOOCUS),)

    def _push(self, bracket: _Bracket) -> None:
        self.stack.append(bracket)
        self.open[bracket.mark] += 1

    def _pop(self) -> _Bracket:
        """The innermost bracket, finished."""
        bracket = self.stack.pop()
        bracket.finish()
        self.open[bracket.mark] -= 1
        return bracket

    def _note(self, kind: NoticeKind, said: str, position: int) -> None:
        shown = said if len(said) <= _LONGEST_SAID else f"{said[: _LONGEST_SAID - 1]}…"
        self.notices.append(Notice(kind, self.at, shown, self.offset + position + 1))


def _when(section: Nodes) -> Share | Step | None:
    match section:
        case (Plain(text),):
            said = _NUMBER.fullmatch(text)
            if said:
                return Share(float(said[1])) if "." in said[1] else Step(int(said[1]))
        case _:
            pass
    return None
