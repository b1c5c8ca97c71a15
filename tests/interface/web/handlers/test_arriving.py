"""What a page shows when it is opened."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from fooo.interface.web.handlers import Handlers
from tests.changing_catalog import ChangingCatalog
from tests.interface.web.handlers.presses import EN, in_chinese, session


def examples_on(stage: object) -> list[str]:
    return re.findall(r'data-do="example">([^<]+)<', str(stage))


def test_a_model_that_says_what_it_has_learnt_is_shown_by_prompts_that_work(handlers: Handlers) -> None:
    arrived = examples_on(handlers.arriving.arrive(session())[handlers.context.parts.stage])
    knows = handlers.context.program.catalog.models["pocket/base"].knows
    assert knows
    assert len(set(arrived)) == 3
    assert [knows.beyond(prompt) for prompt in arrived] == [()] * 3
    assert examples_on(handlers.arriving.arrive(session())[handlers.context.parts.stage]) == arrived, (
        "they must not jump"
    )
    assert examples_on(handlers.arriving.arrive(session("another"))[handlers.context.parts.stage]) != arrived


def test_a_model_that_says_nothing_is_shown_by_general_examples(handlers: Handlers, folders: ChangingCatalog) -> None:
    catalog = handlers.context.program.catalog
    full = replace(catalog.models["pocket/base"], knows=None)
    folders.now = replace(catalog, models={**catalog.models, full.name: full})
    stage = handlers.arriving.arrive(session())[handlers.context.parts.stage]
    assert examples_on(stage) == [EN(key) for key in ("example_1", "example_2", "example_3")]


def test_presets_bring_their_sentence_and_the_strengths_their_name_in_the_pages_language(handlers: Handlers) -> None:
    arrived = in_chinese(handlers).arriving.arrive(session())

    def choices(path: str) -> list[tuple[str, str]]:
        return cast(dict[str, Any], arrived[handlers.context.parts.controls[path]])["choices"]

    presets = handlers.context.program.catalog.presets
    assert (f"pocket\n{presets['pocket'].about.zh}", "pocket") in choices("preset")
    others = [name for name in presets if name != "pocket"]
    assert [name for _, name in choices("preset")] == ["pocket", *others], "the one in use stands first"
    assert choices("expansion") == [("不加", "off"), ("少许", "gentle"), ("丰富", "rich")]


def test_a_language_model_may_be_chosen_where_one_is_there(
    handlers: Handlers, folders: ChangingCatalog, tmp_path: Path
) -> None:
    folders.now = replace(handlers.context.program.catalog, prompt_expansion=tmp_path)
    arrived = handlers.arriving.arrive(session())
    assert ("by the language model", "model") in cast(
        dict[str, Any], arrived[handlers.context.parts.controls["expansion"]]
    )["choices"]
