"""Every sentence of an error that the page can meet is there in each language; `error_sentences` finds them."""

import errno
import json
import os
import re
import string
from collections.abc import Iterator, Mapping

import pytest

from fooo.errors import RequestError, UnknownName
from fooo.events import LegName
from fooo.image.soundness import Fault
from fooo.interface.i18n import FALLBACK, LANGUAGES, read_languages
from fooo.interface.languages import Sentences
from fooo.interface.people.person import Deed
from fooo.interface.web.fields import FIELDS
from fooo.request import read_request
from tests.interface.languages.error_sentences import HOLE, ROOT, Module, Told, module, source_files

TONGUES = {code: words for code, words in read_languages().items() if code != FALLBACK}

NOT_ON_THE_PAGE = {
    "__main__.py": "the command line",
    "app.py": "the start, before there is a page",
    "setup": "the installation",
    "doctor": "the command line: doctor",
    "interface/arguments.py": "the command line",
    "interface/asked.py": "the command line: files of prompts and requests",
    "interface/cli.py": "the command line",
    "interface/fetching.py": "the command line",
    "interface/replay.py": "the command line: replay, info",
    "interface/upscale.py": "the command line: upscale",
    "interface/vary.py": "the command line: vary",
    "interface/model_shelf.py": "the command line: models",
    "interface/people/verb.py": "the command line: people",
    "interface/people/keys_verb.py": "the command line: keys",
    "interface/people/private_file.py": "the start, and the log in, of whoever runs the program",
    "interface/http": "answers for programs, which are English",
    "interface/web/tunnel.py": "the start: --share",
    "files/add.py": "the command line: models add",
    "files/trash.py": "the command line: models remove",
    "catalog/known_models/links.py": "the command line: models add",
    "catalog/shelf/folders.py": "the start: --models-dir",
    "catalog/shelf/sentences.py": "the start: what of the models is not used",
    "engine/process/devices.py": "the start: --devices",
    "plan/prompt/prompt_list.py": "the command line: lists of prompts",
}
"""Modules and folders whose errors no page shows, each with who is told them."""

HANDED_ON = {
    "engine/process/engine.py": "an error of the same process, with where its report lies",
    "files/fetch.py": "what a download was refused for, which is said in files/",
    "image/store.py": "what image/picture_files.py says of the same picture",
    "interface/web/words/brought.py": "words of the page, which are in the language already",
    "plan/finish/finish.py": "plan/published.py says it",
    "request/merge.py": "pydantic's own words: tried below with a value for each",
    "service/jobs.py": "a sentence of a job that was kept with it",
    "weights/load.py": "a row of a table: listed below",
}
"""Where what is said cannot be followed in the source, and why it need not be."""

BY_HAND: Mapping[str, tuple[str, ...]] = {
    "plan/published.py": ("fetch it: python launch.py models add {}",),
    "request/frozen.py": ("has the unprintable character U+{} at position {}",),
    "catalog/presets/preset_files.py": ("preset",),
    "weights/part.py": ("UNet", "VAE", "text encoder", "second text encoder"),
    "weights/load.py": ("choose one to draw with beside it", "choose a whole checkpoint"),
    "engine/process/engine.py": ("was not ready",),
    "engine/process/conversation.py": ("said nothing for {}",),
    "service/queue/database.py": (
        *("is held by another program", "close that one, or try again later", "cannot be written", "cannot be opened"),
        *("look at the rights of the file and its folder", "cannot grow: the disk is full"),
        *("free some space and try again", "cannot be used ({})", "look at the disk and try again"),
    ),
}
"""What else is said, by the file that says it."""

KNOWN = ((), ("Soft",), ("Ink",), ("Inks", "Inka"), ("Inks", "Inka", "Inky"))
"""What may be there where there is no `ink`: nothing, nothing near, and one, two or three that are near."""

WRONG = (
    "3",
    '{"prompt": 3}',
    json.dumps({"prompt": "a" * 10_001}),
    json.dumps({"prompt": "\0"}),
    '{"prompts": "a"}',
    '{"unheard_of": 1}',
    '{"styles": 3}',
    '{"styles": [""]}',
    '{"output": 3}',
    '{"output": {"count": 0}}',
    '{"output": {"count": 99}}',
    '{"output": {"count": 1.5}}',
    '{"output": {"count": "x"}}',
    json.dumps({"output": {"count": "9" * 5_000}}),
    '{"output": {"count": []}}',
    '{"sampling": {"guidance": "x"}}',
    '{"sampling": {"guidance": []}}',
    '{"sampling": {"guidance": NaN}}',
    '{"sampling": {"seed": 9223372036854775808}}',
    '{"sampling": {"sampler": 3}}',
    '{"models": {"refiner_switch": 0}}',
    '{"models": {"loras": [{}]}}',
    '{"exactly": "maybe"}',
    '{"exactly": []}',
    '{"expansion": "x"}',
    '{"version": 2}',
    '{"start": {"kind": "x"}}',
    '{"start": {}}',
    '{"start": 3}',
    '{"start": {"kind": "vary", "picture": "x"}}',
    json.dumps({"sheet": ["a"] * 65}),
    '{"size": ""}',
)
"""Requests that are wrong in each way that pydantic tells apart."""


def modules_on_the_page() -> Iterator[Module]:
    for path in source_files():
        name = path.relative_to(ROOT).as_posix()
        if not any(name == left_out or name.startswith(f"{left_out}/") for left_out in NOT_ON_THE_PAGE):
            yield module(path)


def told_on_the_page() -> Iterator[Told]:
    return (told for each in modules_on_the_page() for told in each.told())


def fields_on_the_page() -> set[str]:
    """Those that have no control, and so no label there."""
    return {field for each in modules_on_the_page() for field in each.fields()} - {field.path for field in FIELDS}


def refusals() -> list[RequestError]:
    """What is said of names and values, each as it is raised."""
    refused: list[RequestError] = [UnknownName("styles", "ink", known) for known in KNOWN]
    for wrong in WRONG:
        with pytest.raises(RequestError) as raised:
            read_request(json.loads(wrong))
        refused.append(raised.value)
    return refused


def by_hand() -> Iterator[str]:
    """What is said besides the errors that are made in the source."""
    for each in BY_HAND.values():
        yield from each
    yield from (*Fault, *Deed, *LegName)
    yield from map(os.strerror, (errno.ENOSPC, errno.EACCES, errno.ENOENT, errno.EROFS, errno.EIO))
    for error in refusals():
        yield from (error.problem, error.hint)
    yield from ("The model file {} {}; {}.", "{}: {}; {}.")  # kept with a job as one sentence


def uses(say: Sentences, template: str) -> Iterator[str]:
    """The sentences of the table that a template needs; the template itself where one is lacking.

    What stands at a place is a sentence where it has a space in it, and else a name, a number or a value.
    """
    found = say.fit(template)
    if found is None:
        yield template
        return
    english, pieces = found
    yield english
    for piece in pieces.values():
        is_sentence = " " in piece.strip() and re.search("[A-Za-z]", piece.replace(HOLE, ""))
        if say.fit(piece) or (is_sentence and not piece.startswith(("'", "[", "{"))):
            yield from uses(say, piece)


def places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_every_sentence_of_an_error_is_there_in_each_language(code: str) -> None:
    say = TONGUES[code].sentences
    lacking = {
        (told.file, told.line, sentence)
        for told in told_on_the_page()
        for template in told.templates - {HOLE}
        for sentence in uses(say, template)
        if sentence not in say.table
    }
    assert lacking == set()


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_what_no_source_tells_is_there_in_each_language(code: str) -> None:
    say = TONGUES[code].sentences
    assert {sentence for template in by_hand() for sentence in uses(say, template)} - set(say.table) == set()
    assert fields_on_the_page() - set(say.table) == set()


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_no_sentence_of_a_language_is_left_over(code: str) -> None:
    say = TONGUES[code].sentences
    templates = [*by_hand(), *(each for told in told_on_the_page() for each in told.templates - {HOLE})]
    used = {sentence for template in templates for sentence in uses(say, template)}
    fields = fields_on_the_page() | {error.field for error in refusals()}
    assert set(say.table) - used - fields == set()


@pytest.mark.parametrize("code", sorted(TONGUES))
def test_every_sentence_fills_in_what_the_english_one_does(code: str) -> None:
    table = TONGUES[code].sentences.table
    assert {english: places(said) for english, said in table.items()} == {english: places(english) for english in table}


def test_every_language_has_a_file_of_errors_and_every_file_is_of_a_language() -> None:
    assert {path.stem for path in (LANGUAGES / "errors").iterdir()} == set(TONGUES)


def test_what_cannot_be_followed_is_known_and_what_is_listed_is_there() -> None:
    assert {told.file for told in told_on_the_page() if HOLE in told.templates} == set(HANDED_ON)
    assert [name for name in NOT_ON_THE_PAGE if not (ROOT / name).exists()] == []
    for name, templates in BY_HAND.items():
        source = (ROOT / name).read_text(encoding="utf-8")
        assert [each for each in templates for literal in each.split(HOLE) if literal not in source] == []


def test_a_new_sentence_would_be_found() -> None:
    say = Sentences({"is gone": "不见了", "is there and {problem}": "在那里，但{problem}"})
    assert list(uses(say, "is lost")) == ["is lost"]
    assert list(uses(say, "is there and is gone")) == ["is there and {problem}", "is gone"]
    assert list(uses(say, "is there and is lost")) == ["is there and {problem}", "is lost"]
