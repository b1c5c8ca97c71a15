import re
import subprocess
import sys
from pathlib import Path

import pytest

from fooo.interface.arguments import Arguments, make_parser, parse
from fooo.setup.old_flags import NOT_NEEDED, NOT_YET


def flags_of(table: str) -> list[str]:
    return [flag.removesuffix("=") for flag in table.split()]


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        parse(arguments)
    assert end.value.code == 2
    return capsys.readouterr().err


def test_devices_are_named_for_the_page_and_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["--devices", "cuda:0,cpu"]).devices == "cuda:0,cpu"
    assert parse([]).devices is None
    for typed in (["--devices", "cpu", "--always-cpu"], ["--devices", "all", "--gpu-device-id", "1"]):
        with pytest.raises(SystemExit):
            parse(typed)
        assert "leave --gpu-device-id and --always-cpu away" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["serve"], ["--port", "7865"], ["--listen"], ["--xformers"]])
def test_without_a_verb_the_page_is_served(arguments: list[str]) -> None:
    assert parse(arguments).verb == "serve"


def test_a_mistyped_verb_is_refused_and_the_verbs_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(capsys, "mkae", "a red apple")
    assert "'mkae'" in said
    assert "serve" in said
    assert "make" in said


def test_everything_after_test_is_left_for_pytest() -> None:
    typed = ["--help", "-k", "a or b", "-x", "--port", "tests/test_launch.py"]
    assert parse(["test", *typed]) == Arguments(verb="test", rest=tuple(typed))


@pytest.mark.parametrize("verb", [[], ["serve"], ["make"], ["upscale"], ["doctor"], ["check"]])
def test_help_ends_well_for_every_verb(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse([*verb, "--help"])
    assert end.value.code == 0
    assert "usage: launch.py" in capsys.readouterr().out


def test_help_names_every_verb() -> None:
    said = make_parser().format_help()
    for verb in ("serve", "make", "upscale", "doctor", "test", "check"):
        assert f"\n    {verb} " in said


def test_make_takes_what_was_typed_without_judging_it() -> None:
    asked = parse(
        ["make", "a red apple", "-n", "0", "--seed", "-1", "--steps", "1e99", "--size", "12x", "--out", "pictures"]
    )
    typed = (asked.prompt, asked.number, asked.seed, asked.steps, asked.size, asked.output_path)
    assert typed == ("a red apple", "0", "-1", "1e99", "12x", "pictures")


def test_upscale_takes_how_much_larger_or_exact_pixels() -> None:
    asked = parse(["upscale", "a.png", "folder", "--to", "3840×2160", "--out", "b"])
    assert (asked.pictures, asked.to, asked.output_path) == (["a.png", "folder"], (3840, 2160), "b")
    asked = parse(["upscale", "a.png", "--by", "1.5x"])
    assert (asked.by, asked.to) == (1.5, None)
    assert parse(["upscale", "a.png"]).by == 2


@pytest.mark.parametrize(
    "typed",
    [["--by", "0.5"], ["--by", "nan"], ["--by", "much"], ["--to", "0x9"], ["--to", "9"], ["--by", "2", "--to", "9x9"]],
)
def test_upscale_refuses_what_is_no_size(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "upscale" in refusal(capsys, "upscale", "a.png", *typed)


def test_make_sets_nothing_that_was_not_typed() -> None:
    asked = vars(parse(["make", "a red apple"]))
    assert {name for name, value in asked.items() if value} == {"verb", "prompt"}


def test_styles_and_model_folders_may_be_many() -> None:
    asked = parse(["make", "x", "--style", "a", "--style", "b", "--models-dir", "m", "--models-dir", "n"])
    assert (asked.style, asked.models_dir) == (["a", "b"], ["m", "n"])


def test_make_needs_a_prompt_or_a_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert "make needs a prompt" in refusal(capsys, "make", "-n", "2")
    for instead in (["--json", "request.json"], ["--prompts", "-"]):
        assert parse(["make", *instead]).prompt is None


def test_listen_alone_means_every_address() -> None:
    assert parse([]).listen is None
    assert parse(["--listen"]).listen == "0.0.0.0"
    assert parse(["--listen", "192.168.1.5"]).listen == "192.168.1.5"
    assert parse(["--listen", "--port", "8000"]).port == 8000


def test_always_cpu_takes_threads_or_none() -> None:
    assert [parse(a).always_cpu for a in ([], ["--always-cpu"], ["--always-cpu", "4"])] == [None, 0, 4]


@pytest.mark.parametrize(
    ("flag", "opens"),
    [("--in-browser", True), ("--autolaunch", True), ("--disable-in-browser", False), ("--nobrowser", False)],
)
def test_the_browser_is_opened_or_not_as_asked(flag: str, opens: bool) -> None:
    assert parse([flag]).in_browser is opens
    assert parse([]).in_browser is None


def test_gradio_auth_is_another_spelling_of_auth() -> None:
    assert parse(["--auth", "a:1", "--gradio-auth", "b:2"]).auth == ["a:1", "b:2"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--no-browser"], "serve does not know --no-browser; see: launch.py serve --help"),
        (["make", "a", "red", "apple"], "make does not know red; put words with spaces in quotes"),
    ],
)
def test_what_is_too_much_is_named_with_the_next_step(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(typed)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-flag"], ["--port", "70000"], ["--port", "a"], ["--theme", "pink"], ["--always-cpu", "0"],
        ["--por", "1"], ["--torch", "gpu"], ["make", "x", "--no-such-flag"], ["doctor", "x"], ["check", "--listen"],
    ],
)  # fmt: skip
def test_what_nobody_knows_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "launch.py" in refusal(capsys, *arguments)


@pytest.mark.parametrize("flag", [flag for flags in NOT_NEEDED.values() for flag in flags_of(flags)])
def test_an_old_flag_is_taken_with_one_line_that_says_why_it_is_not_needed(flag: str) -> None:
    asked = parse([flag, "--port", "8000"])
    assert asked.port == 8000
    (note,) = asked.notes
    assert note.startswith(f"{flag} is not needed: ")
    assert any(f": {reason}." in note for reason in NOT_NEEDED)


def test_no_precision_is_promised_to_be_raised() -> None:
    assert parse(["--no-half-vae"]).notes == (
        "--no-half-vae is not needed: the number format is chosen for the device.",
    )


@pytest.mark.parametrize("flag", flags_of(NOT_YET))
def test_a_flag_whose_feature_is_missing_is_not_called_needless(flag: str) -> None:
    (note,) = parse([flag]).notes
    assert note == f"{flag} has no effect: this version does not do that yet."


def test_an_old_flag_may_bring_its_value() -> None:
    asked = parse(["--directml", "0", "--data-dir", "elsewhere", "--precision", "full"])
    assert [note.split()[0] for note in asked.notes] == ["--directml", "--data-dir", "--precision"]


def test_no_old_flag_is_listed_twice_or_works_after_all() -> None:
    flags = flags_of(" ".join([*NOT_NEEDED.values(), NOT_YET]))
    assert len(flags) == len(set(flags))
    living = {"--listen", "--port", "--share", "--auth", "--preset", "--language", "--theme", "--models-dir"}
    assert living.isdisjoint(flags)


# The server and device flags of Fooocus, as its own help lists them.
FOOOCUS = re.findall(
    r"\S+",
    """
--listen --port=1 --share --in-browser --disable-in-browser --theme=dark --disable-analytics --preset=x
--disable-preset-selection --language=x --disable-image-log --disable-metadata --disable-preset-download
--always-download-new-model --disable-enhance-output-sorting --enable-auto-describe-image --rebuild-hash-cache
--output-path=x --temp-path=x --hf-mirror=x --gpu-device-id=1 --directml --always-cpu --always-gpu --always-high-vram
--always-normal-vram --always-low-vram --always-no-vram --always-offload-from-vram --disable-offload-from-vram
--all-in-fp32 --all-in-fp16 --unet-in-bf16 --unet-in-fp16 --unet-in-fp8-e4m3fn --unet-in-fp8-e5m2 --vae-in-fp16
--vae-in-fp32 --vae-in-bf16 --vae-in-cpu --clip-in-fp8-e4m3fn --clip-in-fp8-e5m2 --clip-in-fp16 --clip-in-fp32
--attention-split --attention-quad --attention-pytorch --disable-xformers --disable-attention-upcast
--pytorch-deterministic --disable-ipex-hijack --preview-option=auto --disable-server-info --disable-header-check=x
--web-upload-size=1 --external-working-path=x --cache-path=x --async-cuda-allocation --disable-async-cuda-allocation
--disable-server-log --debug-mode --is-windows-embedded-python --multi-user
""",
)


@pytest.mark.parametrize("flag", FOOOCUS)
def test_a_start_script_written_for_fooocus_still_starts(flag: str) -> None:
    assert parse([flag]).verb == "serve"


def test_reading_the_command_line_loads_nothing_but_the_standard_library() -> None:
    program = "import sys; import fooo.interface.arguments; print(*{name.partition('.')[0] for name in sys.modules})"
    root = Path(__file__).resolve().parents[2]
    loaded = subprocess.check_output(
        [sys.executable, "-ISc", f"import sys; sys.path.insert(0, {str(root)!r}); {program}"]
    )
    assert set(loaded.decode().split()) - sys.stdlib_module_names - {"__main__"} == {"fooo"}


def test_a_key_is_made_for_a_person():
    asked = parse(["keys", "add", "backup", "--for", "ann"])
    assert (asked.verb, asked.action, asked.name, asked.person) == ("keys", "add", "backup", "ann")
    with pytest.raises(SystemExit):
        parse(["keys", "remove"])
