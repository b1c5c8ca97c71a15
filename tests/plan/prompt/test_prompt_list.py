import pytest

from fooo.errors import RequestError
from fooo.plan.prompt.prompt_list import LONGEST_LIST, MOST_JOBS, read_prompt_list
from fooo.request import merge, read_request
from tests.stopwatch import seconds


def test_a_line_is_a_job():
    text = "\ufeffa cat, (red:1.2) -- tail\r\n\n# note\n  a dog's life  \n---\nb"
    assert read_prompt_list(text) == (
        {"prompt": "a cat, (red:1.2) -- tail"},
        {"prompt": "a dog's life"},
        {"prompt": "b"},
    )
    assert read_prompt_list(" \n") == ()


def test_flags_are_fields_of_the_request():
    (job,) = read_prompt_list(
        '--prompt "it\'s a cat" --negative_prompt bad hands, blur --width 640 --height 832 --steps 20 --batch_size 4'
        ' --sampler_name "DPM++ 2M Karras" --cfg_scale 7.5 --seed -1'
    )
    assert job == {
        "prompt": "it's a cat",
        "negative": "bad hands, blur",
        "size": {"width": 640, "height": 832},
        "sampling": {"sampler": "DPM++ 2M Karras", "steps": 20, "guidance": 7.5, "seed": -1},
        "output": {"count": 4},
    }
    assert read_request(job).output.count == 4


@pytest.mark.parametrize(
    ("line", "prompt"),
    [
        ("--prompt a red fox --steps 3", "a red fox"),
        ("--prompt 'a \"red\" fox'", 'a "red" fox'),
        (r'--prompt "a \"red\" \(fox\)"', r'a "red" \(fox\)'),
        ("--steps 3 --prompt a\\ b", "a b"),
        ("--prompt a --prompt b", "b"),
    ],
)
def test_words_are_quoted_as_for_a_shell(line: str, prompt: str):
    assert read_prompt_list(line)[0]["prompt"] == prompt


def test_one_side_of_the_size_may_be_left_to_the_request():
    (job,) = read_prompt_list("--width 512")
    assert job == {"size": {"width": 512}}
    size = read_request(merge({"size": {"width": 1024, "height": 768}}, job)).size
    assert str(size) == "512x768"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a\n--steps many", "line 2: --steps 'many' is not a whole number; write a whole number."),
        ("--cfg_scale x", "line 1: --cfg_scale 'x' is not a number; write a number."),
        ("# b\n\n--steps 300", "line 3: --steps 300 is out of range; it should be less than or equal to 200."),
        ("--width 9", "line 1: --width 9 is out of range; it should be greater than or equal to 64."),
        ("--batch_size 65", "line 1: --batch_size 65 is out of range; it should be less than or equal to 64."),
        ("--cfg_scale nan", "line 1: --cfg_scale nan is not right; input should be a finite number."),
        ("--seed", "line 1: --seed has no values; write a whole number behind it."),
        ("--seed --steps 3", "line 1: --seed has no values; write a whole number behind it."),
        ("--seed 1 2", "line 1: --seed has 2 values; write a whole number behind it."),
        ("--widht 3", "line 1: there is no '--widht'; did you mean: --width or --height."),
        ("--prompt it's", "line 1: a quotation mark or an escape is not closed; put the words in double quotes."),
        (
            "a cat --steps 3",
            'line 1: --steps stands behind words that belong to no flag; begin the line with --prompt "...".',
        ),
        ("a\x01", "line 1: prompt has the unprintable character U+0001 at position 2; remove it."),
        ("--prompt a\x01", "line 1: --prompt has the unprintable character U+0001 at position 2; remove it."),
        ("x" * 10_001, "line 1: prompt has 10001 characters; shorten it to 10000 at most."),
        ("x" * 10**6, f"the list: has 1000000 characters; shorten it to {LONGEST_LIST} at most."),
        ("a\n" * (MOST_JOBS + 1), f"line {MOST_JOBS + 1}: is job {MOST_JOBS + 1}; list {MOST_JOBS} at most."),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(text: str, sentence: str):
    with pytest.raises(RequestError) as refusal:
        read_prompt_list(text)
    assert str(refusal.value) == sentence
    assert seconds(lambda: read_prompt_list(text)) < 0.1


@pytest.mark.parametrize("text", ["--steps " + "9" * 9000, "--prompt " + "a\\ " * 30_000, "--bogus " + "'a' " * 24_000])
def test_long_flags_are_refused_soon(text: str):
    with pytest.raises(RequestError, match="line 1: "):
        read_prompt_list(text)
    assert seconds(lambda: read_prompt_list(text)) < 0.1


def test_nothing_in_a_list_is_carried_out():
    text = "--prompt \"__import__('os').abort()\" --seed 1\n$(exit) `exit` %s {0}"
    assert [job["prompt"] for job in read_prompt_list(text)] == ["__import__('os').abort()", "$(exit) `exit` %s {0}"]
