"""What a log must not hold: doors' keys, and what people ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fooo.logs.private import without_credentials, without_words


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter22",
        "'password': 'hunter22'",
        "GET /v1?token=hunter22&x=1",
        "Authorization: Bearer hunter22hunter22",
        "authorization: Basic aHVudGVyMjI6 hunter22",
        "Cookie: session=hunter22; other=hunter22",
        "X-Api-Key: hunter22",
        "api_key=hunter22",
        "HF_TOKEN=hunter22",
        "it says Bearer hunter22hunter22",
        "key hf_hunter22hunter22",
        "key sk-hunter22hunter22",
        "https://ann:hunter22@example.org/file",
        "it was typed as open sesame hunter22",
    ],
)
def test_nothing_that_opens_a_door_stays(text: str):
    assert "hunter22" not in without_credentials(text, hidden=("open sesame hunter22",))


def test_what_opens_no_door_stays():
    text = "75 tokens in https://example.org:7865/secretary; the password is asked for at the door"
    assert without_credentials(text, hidden=("",)) == text


def test_the_words_of_a_prompt_are_left_out_and_the_sentence_stays():
    said = "a zebra, in a Red coat with 4 buttons"
    assert without_words("outputs/120000_zebra_in_red_coa_7.png is not of the disk", said) == (
        "outputs/120000_…_in_…_…_7.png is not of the disk"
    )


def test_a_prompt_in_chinese_is_left_out_also_when_it_is_cut():
    assert without_words("文件 120000_一只红苹_7.png", "一只红苹果，摄影") == "文件 120000_…_7.png"


def test_a_traceback_keeps_its_places_and_loses_what_it_quotes():
    trace = (
        "Traceback (most recent call last):\n  File \"fooo/pipeline/texts.py\", line 3, in hear\nKeyError: 'pipeline'"
    )
    assert without_words(trace, "a pipeline").splitlines()[1:] == [
        '  File "fooo/pipeline/texts.py", line 3, in hear',
        "KeyError: '…'",
    ]


def test_a_value_that_was_refused_is_not_quoted():
    text = "1 validation error\n  Input should be an integer [type=int, input_value='a zebra', input_type=str]"
    assert "zebra" not in without_words(text, "")


@given(st.text(st.characters(categories=["L"], max_codepoint=0x24F), min_size=12, max_size=20), st.text(), st.text())
def test_no_long_word_of_a_prompt_survives_wherever_it_stands(word: str, before: str, behind: str):
    assert word.casefold() not in without_words(f"{before} {word} {behind}", f"a {word}").casefold()
