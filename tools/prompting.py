"""Draws the examples of docs/prompting.md with the pocket model: python -m tools.launch prompting."""

from collections.abc import Sequence
from pathlib import Path

from fooo.catalog import POCKET_FAMILY
from fooo.settings import ROOT
from tools.pocket import sheet
from tools.pocket.artist import Artist

PICTURES = ROOT / "docs" / "pictures"
SEED = 11
THINGS = ("a rocket", "a fish", "a castle")
WEIGHTS = tuple(f"a (house:{weight}) and a tree" for weight in (0.4, 0.7, 1.0, 1.3, 1.6, 1.9))
SCHEDULES = (
    ("an apple", *(f"[an apple:a heart:{share}]" for share in (0.1, 0.2, 0.4, 0.6)), "a heart"),
    ("a cat", *(f"[a cat:a dog:{share}]" for share in (0.1, 0.3, 0.5, 0.7)), "a dog"),
    ("[a cat|a dog]", *(f"a cat AND a dog:{weight}" for weight in (0.5, 1.0, 1.5)), "a cat and a dog", "a dog"),
)


def main() -> None:
    artist = Artist(ROOT / "models" / "pocket")
    styles = [style.name for style in artist.catalog.families()[POCKET_FAMILY]]
    _save("words-styles.jpg", artist, [[f"{thing} <style:{style}>" for style in styles] for thing in THINGS])
    _save("words-weights.jpg", artist, [WEIGHTS])
    _save("words-schedules.jpg", artist, SCHEDULES)


def _save(name: str, artist: Artist, prompts: Sequence[Sequence[str]]) -> None:
    """One row a line of prompts, all with the same seed."""
    rows = [[artist(prompt, SEED) for prompt in row] for row in prompts]
    sheet.save(sheet.grid(rows, prompts), Path(PICTURES / name))


if __name__ == "__main__":
    main()
