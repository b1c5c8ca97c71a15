"""`python -m fooo VERB`: what `launch.py` hands over to once everything is installed."""

import io
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from fooo.app import build, load_enlarging, serve
from fooo.errors import FoooError, RequestError
from fooo.interface.arguments import Arguments, parse
from fooo.interface.cli import STOPPED_BY_PERSON, doctor, exit_code, make, show_words
from fooo.interface.model_shelf import manage_models
from fooo.interface.upscale import upscale
from fooo.settings import NetworkSettings, ServeSettings, Settings, Theme, choose_gpu, network_settings, wants_colour

_LOOPBACK = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out what was typed; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a narrow console must not cost a picture its path
    asked = parse(sys.argv[1:] if arguments is None else arguments)
    for note in asked.notes:
        print(note, file=sys.stderr)
    try:
        return _carry_out(asked)
    except FoooError as error:
        print(error, file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return STOPPED_BY_PERSON


def settings_from(asked: Arguments) -> Settings:
    """Raises: RequestError: A folder of models is not there."""
    plain = Settings()
    for folder in asked.models_dir or ():
        if not Path(folder).is_dir():
            raise RequestError("--models-dir", f"{folder} is no folder", "name a folder that holds models")
    return Settings(
        models=(*plain.models, *(Path(folder) for folder in asked.models_dir or ())),
        outputs=Path(asked.output_path) if asked.output_path else plain.outputs,
        # whoever names a folder for a few pictures wants them in it, not in a folder of the day
        outputs_by_day=not (asked.verb == "make" and asked.output_path),
        always_cpu=asked.always_cpu is not None,
        threads=asked.always_cpu or None,
        low_memory=asked.memory == "low",
        compiled=asked.compile,
    )


def serving_from(asked: Arguments) -> ServeSettings:
    """Raises: RequestError: An account lacks its user or its password."""
    return ServeSettings(
        host=asked.listen or _LOOPBACK,
        port=asked.port,
        share=asked.share,
        accounts=tuple(_account(typed) for typed in asked.auth or ()),
        language=asked.language,
        theme=Theme(asked.theme) if asked.theme else Theme.SYSTEM,
        open_browser=asked.in_browser is not False,
        preset=asked.preset,
        allowed_hosts=tuple(asked.allow_host or ()),
    )


def _account(typed: str) -> tuple[str, str]:
    user, colon, password = typed.partition(":")
    if not (user and colon and password):
        raise RequestError("--auth", f"{user!r} has no password", "write it as USER:PASSWORD")
    return user, password


def _network_from(asked: Arguments) -> NetworkSettings:
    return network_settings(offline=asked.offline, mirror=asked.hf_mirror)


def _carry_out(asked: Arguments) -> int:
    if asked.verb in {"test", "check"}:
        raise RequestError(asked.verb, "is for developers", f"start it as: python launch.py {asked.verb}")
    settings = settings_from(asked)
    if asked.gpu_device_id is not None:
        choose_gpu(asked.gpu_device_id)
    match asked.verb:
        case "make":
            with closing(build(settings, _network_from(asked))) as program:
                if asked.show_words:
                    return show_words(program, asked, coloured=wants_colour(sys.stdout))
                return make(program, asked)
        case "doctor":
            return doctor(settings, _network_from(asked), as_json=asked.as_json)
        case "models":
            return manage_models(asked, settings, _network_from(asked))
        case "upscale":
            return upscale(asked, settings, _network_from(asked), lambda path: load_enlarging(settings, path))
        case _:
            serve(settings, serving_from(asked), _network_from(asked))
            return 0


if __name__ == "__main__":
    sys.exit(main())
