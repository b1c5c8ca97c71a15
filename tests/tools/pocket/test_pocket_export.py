"""The shipped model tells what the export says of it today."""

import json

from fooo.settings import ROOT
from tools.pocket.export import knows

NOUNS = 119
"""That the shipped model has learnt."""


def test_the_shipped_model_has_the_names_that_the_export_gives_it():
    known = json.loads((ROOT / "models" / "pocket" / "base" / "knows.json").read_text(encoding="utf-8"))
    assert known == json.loads(json.dumps(knows(NOUNS)))
    assert all(entry["chinese"] for part in ("nouns", "styles", "colours", "papers") for entry in known[part])
