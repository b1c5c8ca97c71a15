"""The command line: which verbs and flags there are. Reads them, does nothing; standard library only."""

import argparse
from collections.abc import Sequence
from typing import Final

from fooo.setup.old_flags import NOT_NEEDED, NOT_YET
from fooo.setup.torch_build import read_wish

VERBS: Final = (
    "serve",
    "make",
    "vary",
    "upscale",
    "info",
    "replay",
    "models",
    "people",
    "keys",
    "doctor",
    "test",
    "check",
)

_EPILOG = """\
examples:
  python launch.py                                  set up what is missing, then open the page
  python launch.py --port 7865 --listen             the page for the whole house (serve is the default verb)
  python launch.py make "a red apple" -n 2 --seed 7 --out pictures
  python launch.py vary PICTURE --strong            pictures like that one
  python launch.py upscale DIR --to 3840x2160       every picture in a folder, made larger
  python launch.py info PICTURE                     how it was made, by whatever program
  python launch.py make --show-words "a red apple"  what would be drawn, word by word
  python launch.py test -k name -x                  what follows "test" goes to pytest as it is
  python launch.py VERB --help                      the flags of one verb

FOOO_TORCH (cpu, cuda, rocm, xpu, mps or an index address) chooses PyTorch's build, as --torch does; FOOO_VERBOSE=1
shows what pip says."""

_MOST_TIMES_LARGER: Final = 16


class Arguments(argparse.Namespace):
    """What was typed. `verb` is always set; `notes` holds a line for each old flag that was taken and does nothing."""

    verb: str
    notes: tuple[str, ...] = ()
    torch: str | None = None
    verbose: bool = False
    offline: bool = False
    auth: list[str] | None = None
    hf_mirror: str | None = None
    json: str | None = None
    prompts: str | None = None
    expansion: str | None = None
    exactly: bool = False
    matrix: bool = False
    disable_metadata: bool = False
    filter: bool = False
    no_style_pictures: bool = False
    log_level: str | None = None
    json_logs: bool = False
    log_prompts: bool = False
    devices: str | None = None
    gpu_device_id: int | None = None
    always_cpu: int | None = None
    rest: tuple[str, ...] = ()


def parse(arguments: Sequence[str], prog: str = "launch.py") -> Arguments:
    """What `arguments` ask for; without a verb that is `serve`, and all after `test` is pytest's, in `rest`.

    Raises:
        SystemExit: 2 after saying on stderr what is wrong, 0 after `--help`.
    """
    typed = list(arguments)
    if typed[:1] == ["test"]:
        return Arguments(verb="test", rest=tuple(typed[1:]))
    if not typed or (typed[0].startswith("-") and typed[0] not in {"-h", "--help"}):
        typed.insert(0, "serve")
    parser = make_parser(prog)
    asked, unknown = parser.parse_known_args(typed, Arguments())
    if unknown:
        mend = f"see: {prog} {asked.verb} --help" if unknown[0].startswith("-") else "put words with spaces in quotes"
        parser.error(f"{asked.verb} does not know {unknown[0]}; {mend}")
    if asked.verb == "models" and asked.action in {"add", "remove", "convert"} and not asked.names:
        parser.error(f"models {asked.action} needs a name, as in: models {asked.action} MODEL")
    if asked.verb in {"people", "keys"} and asked.action != "list" and not asked.name:
        parser.error(f"{asked.verb} {asked.action} needs a name, as in: {asked.verb} {asked.action} ann")
    if asked.devices and (asked.gpu_device_id is not None or asked.always_cpu is not None):
        parser.error("--devices names all that draw: leave --gpu-device-id and --always-cpu away")
    if asked.verb == "make" and asked.prompt is None and asked.json is None and asked.prompts is None:
        parser.error('make needs a prompt, as in: make "a red apple", or --json REQUEST.json, or --prompts FILE')
    return asked


def make_parser(prog: str = "launch.py") -> argparse.ArgumentParser:
    """The parser of all verbs; `parse` adds the default verb to it."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description="A picture from a sentence.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, fill, says in (
        ("serve", _add_serve, "open the page in the browser (the default)"),
        ("make", _add_make, "make pictures here and print their paths"),
        ("vary", _add_vary, "make pictures like one that is there"),
        ("upscale", _add_upscale, "make pictures larger, one or a folder of them"),
        ("info", _add_info, "say how pictures were made, by whatever program"),
        ("replay", _add_replay, "draw a picture again and say how equal it is"),
        ("models", _add_models, "list, add, check, remove and convert model files"),
        ("people", _add_people, "say who may open the page, and who may do what there"),
        ("keys", _add_keys, "make, list and remove keys with which programs ask in a person's name"),
        ("doctor", _add_doctor, "say what this machine has, what is missing and how to mend it"),
    ):
        verb = verbs.add_parser(name, help=says, description=says, allow_abbrev=False, usage=f"{prog} {name} [flags]")
        fill(verb)
        _add_setup(verb)
    _add_setup(verbs.add_parser("check", help="for developers: lint, format, types, layers", allow_abbrev=False))
    verbs.add_parser("test", help="for developers: run the tests; all that follows goes to pytest")
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    at = parser.add_argument_group("the page")
    at.add_argument(
        "--listen", "--server-name", nargs="?", const="0.0.0.0", metavar="IP",
        help="let other machines open the page; without an address: all of them",
    )  # fmt: skip
    at.add_argument("--port", "--server-port", type=_port, metavar="N", help="just this port (else 7865 or the next)")
    at.add_argument("--share", action="store_true", help="a public address for some days, behind a password")
    at.add_argument(
        "--auth", "--gradio-auth", action="append", metavar="USER:PASSWORD", help="who may open the page; repeatable"
    )
    at.add_argument("--allow-host", action="append", metavar="NAME", help="a further name of this server; repeatable")
    at.add_argument("--theme", choices=("dark", "light"), help="instead of the browser's own wish")
    at.add_argument("--language", metavar="NAME", help="en, zh or a file in fooo/interface/languages/")
    browser = at.add_mutually_exclusive_group()
    opens, closed = ("--in-browser", "--inbrowser", "--autolaunch"), ("--disable-in-browser", "--nobrowser")
    browser.add_argument(*opens, dest="in_browser", action="store_const", const=True, help="open the browser")
    browser.add_argument(*closed, dest="in_browser", action="store_const", const=False, help="do not open the browser")
    parser.add_argument("--preset", metavar="NAME", help="begin with this preset")
    parser.add_argument(
        "--no-style-pictures", action="store_true", help="do not draw how styles look while nobody asks for anything"
    )
    parser.add_argument(
        "--devices", metavar="LIST", help="draw on several at once, as cuda:0,cuda:1 or cpu or all: a worker for each"
    )
    _add_network(parser)
    _add_records(parser)
    _add_common(parser)
    _add_old(parser)


def _add_make(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what the picture shows; lines of --- part jobs")
    _add_wishes(parser)
    _add_words(parser)
    parser.add_argument("--json", metavar="FILE", help="a whole request, as the API takes it; the flags above win")
    _add_yes(parser)
    _add_network(parser)
    _add_device(parser)


def _add_vary(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", metavar="PICTURE", help="any picture; of one that tells its words these are drawn")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--strong", action="store_true", help="much of it anew (0.85); else its layout stays (0.5)")
    how.add_argument("--strength", metavar="N", help="how much of it anew, above 0 and at most 1")
    how.add_argument(
        "--by-seed", metavar="N", help="another seed's noise in its own, 0 to 1: of Fooo's pictures; keeps most of it"
    )
    parser.add_argument("--prompt", metavar="TEXT", help="other words than its own")
    _add_wishes(parser)
    _add_yes(parser)
    _add_network(parser)
    _add_device(parser)


def _add_wishes(parser: argparse.ArgumentParser) -> None:
    # Strings all through: what a value may be is the request's to say, by field, in one place for all faces.
    parser.add_argument("-n", "--number", "--image-number", metavar="N", help="how many pictures")
    parser.add_argument("--seed", metavar="N", help="the same number draws the same picture; -1: a new one each time")
    parser.add_argument("--out", "--output-path", dest="output_path", metavar="DIR", help="where the pictures go")
    parser.add_argument("--format", metavar="KIND", help="png (the default), jpeg or webp")
    parser.add_argument("--style", action="append", metavar="NAME", help="repeatable")
    parser.add_argument("--preset", metavar="NAME", help="begin with this preset")
    parser.add_argument("--negative", metavar="TEXT", help="what the picture should not show")
    parser.add_argument(
        "--size", metavar="SIZE", help="pixels, as 1920x1080, or a shape, as 16:9, square, portrait, wide"
    )
    parser.add_argument(
        "--performance", metavar="MODE", help="such as Quality, Speed, Lightning: see docs/performance.md"
    )
    parser.add_argument(
        "--budget", metavar="TIME", help="for a picture, as 20 s, 1 min or best: chooses mode, steps, size"
    )
    parser.add_argument("--steps", metavar="N", help="rounds of drawing; more is slower")
    _add_records(parser)
    after = parser.add_argument_group("once it is drawn")
    after.add_argument("--faces", action=argparse.BooleanOptionalAction, help="draw small faces anew, by themselves")
    after.add_argument("--enlarge", metavar="N", help="times larger, 1 to 8")
    after.add_argument("--repaint", metavar="N", help="how much of the enlarged picture is drawn anew, 0 to 1")


def _add_words(parser: argparse.ArgumentParser) -> None:
    of = parser.add_argument_group("the words")
    of.add_argument("--show-words", action="store_true", help="print what would be drawn and who says it; draw nothing")
    of.add_argument("--exactly", action="store_true", help="add nothing to your words")
    of.add_argument("--expansion", metavar="HOW", help="phrases that are added: off, gentle, rich, or model")
    of.add_argument("--matrix", action="store_true", help="a|b|c and <a|b> draw every combination")
    of.add_argument(
        "--prompts", metavar="FILE", help="a job for each line of a list, with the webui's flags; -: from stdin"
    )


def _add_upscale(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="pictures, or folders of them")
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--by", type=_factor, default=2.0, metavar="N", help="times larger, as 1.5, 2 (the default), 4, 8"
    )
    size.add_argument("--to", type=_pixels, metavar="SIZE", help="exactly so many pixels, as 3840x2160; crops evenly")
    parser.add_argument("--out", "--output-path", dest="output_path", metavar="DIR", help="else beside each picture")
    parser.add_argument(
        "--model", default="photo", metavar="NAME", help="photo (the default), drawing, quick, or an upscaler's name"
    )
    _add_yes(parser)
    _add_network(parser)
    _add_device(parser)


def _add_info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="PNG, JPEG or WebP, by whatever program")
    parser.add_argument(
        "--as", dest="form", choices=("request", "record", "webui", "comfyui", "diffusers"),
        help="in this form instead: a request to draw again, all that is kept, the webui's text, a graph, a script",
    )  # fmt: skip
    _add_common(parser)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("picture", metavar="PICTURE", help="PNG, JPEG or WebP; one that Fooo made comes out the same")
    _add_yes(parser)
    _add_network(parser)
    _add_common(parser)


def _add_models(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "add", "check", "remove", "convert"), help="what to do")
    parser.add_argument(
        "names", nargs="*", metavar="MODEL", help="names, paths or links; check without any looks at all of them"
    )
    _add_yes(parser)
    _add_network(parser)
    _add_common(parser)


def _add_people(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("add", "list", "remove", "password"), help="what to do")
    parser.add_argument("name", nargs="?", metavar="NAME", help="whose account")
    parser.add_argument("--guest", action="store_true", help="add one who may draw, within a quota, and nothing else")
    _add_common(parser)


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("add", "list", "remove"), help="what to do")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the key")
    parser.add_argument("--for", dest="person", metavar="PERSON", help="whose jobs it asks for (else NAME's)")
    _add_common(parser)


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", dest="as_json", action="store_true", help="for scripts")
    _add_network(parser)
    _add_common(parser)


def _add_records(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--disable-metadata", action="store_true", help="write nothing into the pictures; none can be drawn again then"
    )


def _add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="fetch missing models without asking")


def _add_network(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hf-mirror", metavar="ADDRESS", help="a mirror of huggingface.co to fetch from")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output-path", metavar="DIR", help="where the pictures go (outputs/)")
    _add_device(parser)


def _add_device(parser: argparse.ArgumentParser) -> None:
    on = parser.add_argument_group("the machine")
    on.add_argument("--models-dir", action="append", metavar="PATH", help="look for models here too; repeatable")
    on.add_argument("--offline", action="store_true", help="make no network call, download nothing")
    on.add_argument(
        "--always-cpu", "--cpu", nargs="?", const=0, type=_threads, metavar="THREADS",
        help="leave the graphics card alone; without a number: all threads",
    )  # fmt: skip
    on.add_argument(
        "--memory", choices=("auto", "low"),
        help="low: as little as possible, at the price of time; auto: as much as is free (the default)",
    )  # fmt: skip
    on.add_argument(
        "--compile", action="store_true",
        help="compile the networks for this machine: minutes at first, quicker from then on; needs a compiler",
    )  # fmt: skip
    on.add_argument("--gpu-device-id", "--device-id", type=int, metavar="N", help="which of several cards, from 0")
    on.add_argument("--filter", "--nsfw-filter", action="store_true", help="blur pictures of nudity, and say so")
    _add_log(parser)


def _add_log(parser: argparse.ArgumentParser) -> None:
    log = parser.add_argument_group("the log")
    log.add_argument("--log-level", choices=("debug", "info", "warning", "error"), help="the least that is written")
    log.add_argument("--json-logs", action="store_true", help="a JSON object a line, for programs that gather logs")
    log.add_argument("--log-prompts", action="store_true", help="let words of prompts stand in the log and in reports")


def _add_setup(parser: argparse.ArgumentParser) -> None:
    setup = parser.add_argument_group("setting up")
    setup.add_argument("--torch", type=_torch, metavar="BUILD", help="cpu, cuda, rocm, xpu, mps or an index address")
    setup.add_argument("--verbose", action="store_true", help="show what pip says")


def _add_old(parser: argparse.ArgumentParser) -> None:
    for reason, flags in NOT_NEEDED.items():
        _add_noted(parser, flags, f"is not needed: {reason}.")
    _add_noted(parser, NOT_YET, "has no effect: this version does not do that yet.")


def _add_noted(parser: argparse.ArgumentParser, flags: str, says: str) -> None:
    for flag in flags.split():
        name, takes_value = flag.removesuffix("="), flag.endswith("=")
        nargs = "?" if takes_value else 0
        parser.add_argument(
            name, action=_Note, nargs=nargs, dest="notes", default=(), const=says, help=argparse.SUPPRESS
        )


class _Note(argparse.Action):
    """Adds one line to `notes` in place of a value."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        del parser, values
        namespace.notes = (*namespace.notes, f"{option_string} {self.const}")


def _port(typed: str) -> int:
    port = int(typed) if typed.isdecimal() else 0
    if not typed.isdecimal() or port > 65535:
        raise argparse.ArgumentTypeError(f"{typed!r} is not a port: a number up to 65535; 0 takes any free one")
    return port


def _factor(typed: str) -> float:
    try:
        factor = float(typed.lower().removesuffix("x"))
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= _MOST_TIMES_LARGER:
        raise argparse.ArgumentTypeError(f"{typed!r} is not how many times larger: 1 to {_MOST_TIMES_LARGER}")
    return factor


def _pixels(typed: str) -> tuple[int, int]:
    width, _, height = typed.lower().replace("×", "x").partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"{typed!r} is not a size: WIDTHxHEIGHT in pixels, as 3840x2160")
    return int(width), int(height)


def _threads(typed: str) -> int:
    if not typed.isdecimal() or int(typed) < 1:
        raise argparse.ArgumentTypeError(f"{typed!r} is not a number of threads: 1 or more")
    return int(typed)


def _torch(typed: str) -> str:
    try:
        return read_wish(typed)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
