"""What the export says of a model that was trained before there were Chinese captions."""

import json
from typing import Any

from fooo.catalog import read_tokens
from fooo.settings import ROOT
from tools.pocket.export import name_in_chinese

FOLDER = ROOT / "models" / "pocket" / "base"


def shipped() -> dict[str, Any]:
    return json.loads((FOLDER / "knows.json").read_text(encoding="utf-8"))


def test_a_model_of_english_captions_gets_the_names_of_the_table_and_is_said_to_read_none_of_them():
    known = {
        "nouns": [{"words": ["sofa", "couch"], "plural": "sofas"}, {"words": ["nonsense"], "plural": "nonsenses"}],
        "styles": [{"name": "line art", "words": ["line art"], "chinese": []}],
        "others": ["a"],
    }
    named = name_in_chinese(known)
    assert "沙发" in named["nouns"][0]["chinese"]
    assert named["nouns"][1] == {"words": ["nonsense"], "plural": "nonsenses", "chinese": ()}
    assert "线稿" in named["styles"][0]["chinese"]
    assert (named["others"], named["reads_chinese"]) == (["a"], False)


def test_the_shipped_model_has_the_names_that_the_export_gives_it():
    known = shipped()
    assert known == json.loads(json.dumps(name_in_chinese(known)))
    assert all(entry["chinese"] for part in ("nouns", "styles", "colours", "papers") for entry in known[part])


def test_the_shipped_model_says_that_it_reads_chinese_only_where_each_character_is_a_token_of_its_own():
    """As `train_tokenizer` makes them; else a character is three bytes, which no caption ever held."""
    tokens = read_tokens(FOLDER / "tokenizer")
    assert not shipped()["reads_chinese"] or len(tokens.ids("猫")) == 1
