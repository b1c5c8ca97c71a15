import json

import pytest

from fooo.errors import FoooError
from fooo.interface.i18n import read_languages
from fooo.interface.people import HOST
from fooo.interface.web.words import read_brought
from fooo.service import Fooo

TONGUES = read_languages()
SETTINGS = "a lighthouse\nNegative prompt: fog\nSteps: 24, Sampler: Euler a, CFG scale: 6, Seed: 5, Model: gone"


def sentence(program: Fooo, said: object, language: str = "en") -> str:
    """Why nothing is loaded."""
    with pytest.raises(FoooError) as told:
        read_brought(said, program, HOST, TONGUES[language])
    return str(told.value)


def test_a_pasted_text_of_the_webui_or_our_own_json_is_read(program: Fooo) -> None:
    found = read_brought(json.dumps({"text": SETTINGS}), program, HOST, TONGUES["en"])
    assert found
    assert (found.request.prompt, found.request.negative, found.request.sampling.steps) == ("a lighthouse", "fog", 24)
    assert any("gone" in loss.said for loss in found.losses)
    ours = json.dumps({"text": json.dumps({"prompt": "a cat"})})
    found = read_brought(ours, program, HOST, TONGUES["en"])
    assert found
    assert found.request.prompt == "a cat"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"text": '{"name": "a package"}'}, "tells no settings"),
        ({"text": '{"prompt": 3}'}, "cannot be read"),
        ({"problem": "several"}, "one at a time"),
        ({"problem": "?"}, "did not arrive"),
        ({"path": "/etc/passwd"}, "is not a PNG, JPEG or WebP file"),
        ({}, "history"),
    ],
)
def test_what_tells_no_settings_is_answered_by_a_sentence(program: Fooo, said: dict[str, object], told: str) -> None:
    assert told in sentence(program, json.dumps(said))


def test_what_the_page_says_wrongly_is_no_error_of_ours(program: Fooo) -> None:
    for said in ("", "[", "[1]", "null", "[" * 100_000, None):
        assert "history" in sentence(program, said)


def test_the_sentences_are_in_the_language_of_the_page(program: Fooo) -> None:
    assert sentence(program, '{"problem": "several"}', "zh") == TONGUES["zh"]("brought_several")
