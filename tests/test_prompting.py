"""What docs/prompting.md shows is what the planner says: its tables are filled in anew and compared.

To fill them in after a change that is meant: python -m tests.test_prompting
"""

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog, read_catalog
from fooo.catalog.styles import known_names, read_styles
from fooo.catalog.wildcards import read_wildcards
from fooo.errors import FoooError
from fooo.interface.i18n import FALLBACK, read_languages
from fooo.interface.notes import notes_on
from fooo.plan import Learnt, Mark, Nodes, Plan, Said, Saying, Shot, make_plan, parse, stretches
from fooo.plan.expansion import read_library
from fooo.plan.prompt.dynamic import split_jobs
from fooo.plan.prompt.prompt_list import read_prompt_list
from fooo.request import Size, read_request
from fooo.settings import ROOT, Settings
from tests.vocabulary import write_vocabulary

PAGE = ROOT / "docs/prompting.md"
STEPS, SEED = 20, 7
FILE = re.compile(r"^`(styles/[\w./]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^<!-- (\w+) -->\n((?:\|.*\n)+)", re.MULTILINE)
BLOCK = re.compile(r"^<!-- (\w+) -->\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MANY = re.compile(r"\((\d+) pictures\)")

Row = list[str]
"""The cells of a table's row as they are read, without the marks of Markdown."""


def stocked(page: str, folder: Path) -> Catalog:
    """The styles and wildcards whose files the page shows, and a model that knows everything.

    Its vocabulary has every word of the page, as a full one has: expansion takes the room that is left in a chunk.
    """
    for name, content in FILE.findall(page):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    settings = Settings()
    shipped = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    styles, problems = read_styles(folder / "styles")
    wildcards, more = read_wildcards([folder / "styles/wildcards"])
    assert (problems, more) == ((), ())
    phrases = [phrase.text for found in read_library().bank.values() for phrase in found]
    write_vocabulary(folder / "tokenizer", [page, *phrases])
    size = Size(width=1024, height=1024)
    base = replace(shipped.models["pocket/base"], name="big", folder=folder, native_size=size, knows=None)
    return replace(
        shipped,
        styles=styles,
        style_names=known_names(styles, {}),
        wildcards=wildcards,
        models={"big": base},
        loras={"film": Path("film.safetensors")},
        embeddings={"mood": Path("mood.safetensors")},
    )


def plan(catalog: Catalog, prompt: str, **fields: Any) -> Plan:
    asked = {
        "prompt": prompt, "preset": None, "expansion": "off", "sampling": {"seed": SEED, "steps": STEPS}, **fields,
    }  # fmt: skip
    return make_plan(read_request(asked), catalog, fallback_seed=0)


# --- how a plan is told


def told(ask: Callable[[], Plan]) -> str:
    """What each picture says, and what its writer is told; or why there is none."""
    try:
        found = ask()
    except FoooError as error:
        return f"refused: {error}"
    notes = "".join(f" (told: {note})" for note in notes_on(found, read_languages()[FALLBACK]))
    return " / ".join(map(of_picture, found.shots)) + notes


def of_picture(shot: Shot) -> str:
    parts = parse(shot.texts.positive).prompt.parts
    said = [f"{on_the_way(part.tree)}{of_weight(part.weight)}" for part in parts if part.tree or part.weight]
    loras = [
        f" + LoRA {each.name} {each.unet_weight:g}"
        + ("" if each.text_weight == each.unet_weight else f", text {each.text_weight:g}")
        for each in shot.generate.loras
    ]
    return " AND ".join(said) + "".join(loras)


def on_the_way(tree: Nodes) -> str:
    found = stretches(tree, STEPS)
    if len(found) == 1:
        return of_saying(found[0].saying)
    starts = [1, *(each.until + 1 for each in found)]
    shown = [
        f"step {start}: {of_saying(each.saying)}" if start == each.until else
        f"steps {start}-{each.until}: {of_saying(each.saying)}"
        for start, each in zip(starts, found[:3], strict=False)
    ]  # fmt: skip
    return "; ".join([*shown, *(["and so on"] if len(found) > 3 else [])])


def of_saying(saying: Saying) -> str:
    pieces: list[str] = []
    for part in saying:
        match part:
            case Mark():
                pieces.append("[new chunk]")
            case Learnt(name, weight):
                pieces.append(f"embedding {name}{of_weight(weight)}")
            case Said(text, weight):
                pieces += [f"{plain}{of_weight(weight)}"] if (plain := _plain(text)) else []
    return " · ".join(pieces)


def _plain(text: str) -> str:
    """Without the space that says nothing to the towers."""
    return re.sub(r"\s+(?=,|$)|^[\s,]+|,\s*$", "", text)


def of_weight(weight: float) -> str:
    return "" if weight == 1 else f" ×{round(weight, 3):g}"


# --- how the tables are filled in


def fill_marks(catalog: Catalog, row: Row) -> Row:
    write, does, example, _ = row
    text = example.replace(" ⏎ ", "\n")
    if text != example:
        return [write, does, example, " / ".join(split_jobs(text))]
    many = MANY.search(does)
    count = {"output": {"count": int(many[1])}} if many else {}
    return [write, does, example, told(lambda: plan(catalog, text, matrix="every combination" in does, **count))]


def fill_dialects(catalog: Catalog, row: Row) -> Row:
    def cell(dialect: str) -> str:
        return told(lambda: plan(catalog, row[0], dialect=dialect))

    return [row[0], *map(cell, ("fooo", "webui", "fooocus"))]


def fill_styles(catalog: Catalog, row: Row) -> Row:
    words, styles, *_ = row
    texts = plan(catalog, words, styles=styles.split(", ")).shots[0].texts
    return [words, styles, texts.positive, texts.negative]


def fill_expansion(catalog: Catalog, row: Row) -> Row:
    words, strength, _ = row
    return [words, strength, plan(catalog, words, expansion=strength).shots[0].texts.positive]


def fill_sizes(catalog: Catalog, row: Row) -> Row:
    shot = plan(catalog, "a fox", size=row[0]).shots[0]
    return [row[0], str(shot.generate.size), str(shot.size)]


FILLERS = {
    "marks": fill_marks, "dialects": fill_dialects, "styles": fill_styles, "expansion": fill_expansion,
    "sizes": fill_sizes,
}  # fmt: skip


def filled(page: str, catalog: Catalog) -> str:
    """The page with every table as the planner has it."""

    def fill(match: re.Match[str]) -> str:
        head, rule, *rows = match[2].splitlines()
        new = [_row(line, FILLERS[match[1]](catalog, _cells(line))) for line in rows]
        return "\n".join([f"<!-- {match[1]} -->", head, rule, *new, ""])

    return TABLE.sub(fill, page)


def _cells(line: str) -> Row:
    return [cell.strip().replace(r"\|", "|").replace("`", "") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _row(line: str, values: Row) -> str:
    """The line with those values, in the cells that a person wrote as they wrote them."""
    written = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    shown = [
        old if _cells(f"|{old}|") == [value] and old else f"`{value.replace('|', chr(92) + '|')}`" if value else ""
        for old, value in zip(written, values, strict=True)
    ]
    return f"| {' | '.join(shown)} |".replace("|  |", "| |").replace("|  |", "| |")


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def shown(page: str, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return stocked(page, tmp_path_factory.mktemp("shown"))


@pytest.mark.parametrize("name", FILLERS)
def test_the_planner_says_what_the_page_shows(page: str, shown: Catalog, name: str):
    tables = {match[1]: match[0] for match in TABLE.finditer(page)}
    assert tables.keys() == FILLERS.keys()
    assert tables[name].splitlines() == filled(tables[name], shown).splitlines()


def test_no_cell_of_an_example_is_empty_and_every_kind_of_mark_has_one(page: str):
    (table,) = (match[2] for match in TABLE.finditer(page) if match[1] == "marks")
    rows = [_cells(line) for line in table.splitlines()[2:]]
    assert all(cell for _, *cells in rows for cell in cells)
    together = " ".join(row[2] for row in rows)
    for mark in (
        "BREAK",
        " AND ",
        "<lora:",
        "embedding:",
        "<style:",
        "<hypernet:",
        "__",
        "$$",
        "::",
        "[[",
        "---",
        "\\(",
    ):
        assert mark in together


def test_the_pages_jobs_and_list_are_what_it_says(page: str):
    blocks = {match[1]: match[2] for match in BLOCK.finditer(page)}
    assert split_jobs(blocks["jobs"]) == ("a fox in the snow", "a hare in the grass\n")
    fox, hare, wolf = map(read_request, read_prompt_list(blocks["list"]))
    assert (fox.prompt, hare.negative, str(hare.size), hare.sampling.guidance) == (
        "a fox in the snow", "blurry, dark", "832x1216", 5.5,
    )  # fmt: skip
    assert (wolf.prompt, wolf.output.count) == ("a wolf", 4)


def write_page() -> None:
    page = PAGE.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(filled(page, stocked(page, Path(folder))), "utf-8")


if __name__ == "__main__":
    write_page()
