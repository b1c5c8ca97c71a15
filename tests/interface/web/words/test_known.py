import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

from fooo.catalog import RANDOM_STYLE, Catalog
from fooo.catalog.knowledge import Knowledge, Look, Noun
from fooo.interface.i18n import read_languages
from fooo.interface.web.words import known_html, known_words

TONGUES = read_languages()


def test_every_kind_of_name_is_there_and_styles_in_both_languages(catalog: Catalog) -> None:
    full = replace(catalog, loras={"film/grain.safetensors": Path("x")}, embeddings={"mood": Path("y")})
    known = known_words(full, None, TONGUES["en"])
    assert known["lora"] == [["film/grain.safetensors"]]
    assert known["embedding"] == [["mood"]]
    assert ["animal"] in known["wildcard"]
    assert known["style"][0] == [RANDOM_STYLE, "Random style"]
    sticker = catalog.style("Sticker")
    assert [sticker.name, sticker.name_zh] in known["style"]
    assert known["word"] == []


def test_what_a_small_model_has_learnt_comes_once_each_in_order(catalog: Catalog) -> None:
    knows = Knowledge(
        nouns=(Noun(("cat", "kitty"), "cats", ("猫", "小猫")), Noun(("dog",), "dogs")),
        colours=(Look(("red",), ("红色",)),),
        places=(Look(("dog",)),),
    )
    assert known_words(catalog, knows, TONGUES["zh"])["word"] == [["cat", "猫", "小猫"], ["dog"], ["red", "红色"]]


def test_the_script_is_told_whether_a_chinese_word_is_drawn_as_it_is(catalog: Catalog) -> None:
    for reads in (True, False):
        knows = Knowledge(nouns=(Noun(("cat",), "cats", ("猫",)),), reads_chinese=reads)
        assert known_words(catalog, knows, TONGUES["zh"])["reads_chinese"] is reads
    assert known_words(catalog, None, TONGUES["zh"])["reads_chinese"] is True


def test_the_list_is_sent_once_and_again_when_it_has_changed(catalog: Catalog) -> None:
    known = known_words(catalog, None, TONGUES["en"]) | {"lora": [['"><script>&']]}
    html = known_html(known, "")
    assert html is not None
    found = re.fullmatch(r'<div data-mark="(\w+)" data-known="([^"]*)"></div>', html)
    assert found is not None
    assert json.loads(unescape(found[2])) == known
    assert known_html(known, found[1]) is None
    assert known_html(known | {"lora": []}, found[1]) is not None
