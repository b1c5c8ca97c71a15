"""Whole plans, kept as files: a change of what Fooo decides shows as a change of these, and is meant.

To write them anew: python -m tests.golden.test_plans
"""

import json
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog, read_catalog
from fooo.plan import make_plan
from fooo.request import read_request
from fooo.settings import Settings

HERE = Path(__file__).parent
REQUESTS: dict[str, dict[str, Any]] = {
    "plain": {"prompt": "a red apple"},
    "styled": {"prompt": "a cat", "negative": "dog", "styles": ["Line Art"], "output": {"count": 2}},
    "by_hand": {
        "prompt": "a cat",
        "size": {"width": 192, "height": 128},
        "models": {"refiner": None},
        "sampling": {"steps": 12, "guidance": 6.5, "sampler": "euler", "schedule": "ddim_uniform", "seed": 7},
    },
}


def plan_of(name: str, catalog: Catalog) -> Any:
    return make_plan(read_request(REQUESTS[name]), catalog, fallback_seed=42).model_dump(mode="json")


@pytest.mark.parametrize("name", REQUESTS)
def test_the_plan_is_the_one_that_is_kept(name: str, catalog: Catalog):
    assert plan_of(name, catalog) == json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def write_all() -> None:
    settings = Settings()
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    for name in REQUESTS:
        text = json.dumps(plan_of(name, catalog), indent=1, ensure_ascii=False)
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_all()
