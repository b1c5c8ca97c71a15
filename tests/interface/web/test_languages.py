import re
import string
from pathlib import Path

import pytest

import fooo
from fooo.interface.i18n import choose_language, read_languages
from fooo.interface.web.fields import FIELDS

TONGUES = read_languages()
PACKAGE = Path(fooo.__file__).parent


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_every_language_has_the_same_ids_and_none_is_empty(code: str) -> None:
    assert set(TONGUES[code].texts) == set(TONGUES["en"].texts)
    assert all(text.strip() for text in TONGUES[code].texts.values())


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_every_language_fills_in_the_same_things(code: str) -> None:
    english = {key: placeholders(text) for key, text in TONGUES["en"].texts.items()}
    assert {key: placeholders(text) for key, text in TONGUES[code].texts.items()} == english


def test_every_id_is_used_and_every_used_id_is_there() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PACKAGE / "interface").rglob("*.py")))
    named = set(re.findall(r"""["']([a-z]+(?:_[a-z0-9]+)*)["']""", source))
    made = {f"{field.label}_placeholder" for field in FIELDS} | {f"leg_{leg}" for leg in ("base", "refiner")}
    ids = set(TONGUES["en"].texts)
    assert ids - named - made == set()
    assert set(re.findall(r'\b(?:words|say)\("([^"]+)"', source)) <= ids
    assert {field.label for field in FIELDS} <= ids


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,de;q=0.9,zh;q=0.5,en;q=0.3", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("en;q=0.1, zh;q=0.9", "zh"),
        ("zh;q=x,,;;", "zh"),
    ],
)
def test_the_browsers_first_wish_that_is_there_is_taken(accepted: str, code: str) -> None:
    assert choose_language(accepted, TONGUES).language == code
