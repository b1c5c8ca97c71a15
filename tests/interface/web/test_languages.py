import re
import string
from pathlib import Path
from typing import get_args

import pytest

import fooo
from fooo.catalog.about import About
from fooo.events import PassName, Placement
from fooo.interface.i18n import Words, choose_language, read_languages, told
from fooo.interface.web.acts import FOR_FINISHED
from fooo.interface.web.fields import FIELDS
from fooo.interface.web.languages import next_language
from fooo.plan import Notice, NoticeKind, PlanNotice
from fooo.request import Expansion
from fooo.service import DownloadState

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
    made = {f"{field.label}_{kind}" for field in FIELDS for kind in ("placeholder", "hint")}
    made |= {f"leg_{leg}" for leg in ("base", "refiner")} | {f"expansion_{each}" for each in Expansion}
    made |= {f"memory_{placement.name.lower()}" for placement in Placement}
    made |= {f"act_{act}" for act in FOR_FINISHED} | {f"pass_{name}" for name in PassName}
    made |= {
        f"notice_{get_args(each.__annotations__['kind'])[0]}" for each in get_args(PlanNotice) if each is not Notice
    }
    made |= {f"fetching_{each}" for each in (*DownloadState, "pause", "resume")}
    made |= {f"notice_{kind}" for kind in (*NoticeKind, "in_prompt", "in_negative", "in_styles", "in_quality")}
    ids = set(TONGUES["en"].texts)
    assert ids - named - made == set()
    assert set(re.findall(r'\b(?:words|say)\("([^"]+)"', source)) <= ids
    assert {field.label for field in FIELDS} | {f"expansion_{each}" for each in Expansion} <= ids
    assert {f"notice_{kind}" for kind in NoticeKind} <= ids
    assert {f"{field.label}_hint" for field in FIELDS if field.hint} <= ids


def test_what_is_said_in_one_language_only_is_said_in_that_one() -> None:
    both = About(en="Soft", zh="柔")
    assert [told(both, TONGUES[code]) for code in ("en", "zh")] == ["Soft", "柔"]
    assert told(About(en="Soft"), TONGUES["zh"]) == told(About(en="Soft"), TONGUES["en"]) == "Soft"


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


@pytest.mark.parametrize(("chosen", "code"), [("en", "en"), ("zh", "zh"), ("xx", "zh"), ("", "zh")])
def test_what_was_chosen_on_the_page_comes_before_the_browsers_wish(chosen: str, code: str) -> None:
    assert choose_language("zh-CN,zh;q=0.9", TONGUES, chosen=chosen).language == code


def test_a_press_on_the_switch_leads_through_every_language_and_back() -> None:
    more = {**TONGUES, "fr": Words("fr", TONGUES["en"].texts)}
    words = more["en"]
    seen = [words.language]
    for _ in more:
        following = next_language(words, more)
        assert following
        words = following
        seen.append(words.language)
    assert seen == ["en", "fr", "zh", "en"]
    assert next_language(TONGUES["en"], {"en": TONGUES["en"]}) is None
    assert next_language(TONGUES["en"], {}) is None
