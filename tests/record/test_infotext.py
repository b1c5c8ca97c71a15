import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.record.infotext import Infotext, pairs_of, parse_infotext, write_infotext

_LETTERS = st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="\u2028\u2029\x85")
_LINE = st.text(_LETTERS, max_size=60).map(str.strip).filter(lambda line: not line.startswith("Negative prompt:"))
_WORDS = st.lists(_LINE, max_size=4).map("\n".join).map(str.strip)
_KEYS = (
    st.text(string.ascii_letters + string.digits + " -/_", min_size=2, max_size=20)
    .map(str.strip)
    .filter(lambda key: len(key) > 1 and key[0].isalnum())
)
_FIELDS = st.dictionaries(_KEYS, st.text(_LETTERS | st.sampled_from('\n{}:,"\\ '), max_size=40), max_size=8)


@given(prompt=_WORDS, negative=_WORDS, fields=_FIELDS)
def test_what_is_written_is_read_as_it_was(prompt: str, negative: str, fields: dict[str, str]):
    said = Infotext(prompt, negative, {"Steps": "30", "Sampler": "Euler a", "Seed": "1", **fields})
    assert parse_infotext(write_infotext(said)) == said


@given(st.text(max_size=2000))
def test_no_text_breaks_the_reader(text: str):
    parse_infotext(text)
    parse_infotext(f"{text}\nSteps: 1, Sampler: x, Seed: 2, {text}")


@given(st.text('Steps:, "\\\n{}[]NegativeSeed12', max_size=300))
def test_no_marks_break_the_reader(text: str):
    parse_infotext(text)


@pytest.mark.parametrize("text", ["", "a cat", "a cat: with two: colons", "Steps: 20, Seed: 1", "\n\n\n"])
def test_a_prompt_alone_is_no_infotext(text: str):
    assert parse_infotext(text) is None


def test_a_quote_that_is_never_closed_is_a_letter():
    said = parse_infotext('x\nSteps: 20, Seed: 1, Model: "a, Size: 1x1')
    assert said is not None
    assert said.fields == {"Steps": "20", "Seed": "1", "Model": '"a', "Size": "1x1"}


def test_hashes_stand_in_no_quotes_as_civitai_looks_for_them():
    fields = {
        "Steps": "1",
        "Seed": "2",
        "Hashes": '{"model": "aeb7e9e689", "lora:ink": "4852686128"}',
        "Model": "{a, b",
    }
    text = write_infotext(Infotext("x", "", fields))
    assert ', Hashes: {"model": "aeb7e9e689", "lora:ink": "4852686128"}, ' in text
    said = parse_infotext(text)
    assert said is not None
    assert said.fields == fields


def test_the_pairs_of_a_list_are_found_also_with_points_in_their_names():
    assert pairs_of("sd_xl_1.0: 0.5, b: 1") == {"sd_xl_1.0": "0.5", "b": "1"}


@pytest.mark.parametrize(
    "unit", ["a", ":", ",", '"', "\\", "a: ", 'a: "', "Steps: 1,", "\n", "Negative prompt:\n", " "]
)
def test_reading_takes_time_in_proportion_to_the_length(unit: str):
    text = unit * (900_000 // len(unit))
    before = time.process_time()
    parse_infotext(text)
    # milliseconds where it is in proportion, minutes where it is not
    assert time.process_time() - before < 5
