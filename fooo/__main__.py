"""`python -m fooo VERB`: what `launch.py` hands over to once everything is installed."""

import io
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from fooo.app import build, load_enlarging, serve
from fooo.catalog import read_catalog
from fooo.errors import FoooError, RequestError
from fooo.interface.arguments import Arguments, parse
from fooo.interface.cli import STOPPED_BY_PERSON, doctor, exit_code, make, show_words
from fooo.interface.model_shelf import manage_models
from fooo.interface.replay import info, replay
from fooo.interface.upscale import upscale
from fooo.interface.vary import vary
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
        if not Path(folder).exists():
            hint = "name a folder that holds models, or a file such as extra_model_paths.yaml"
            raise RequestError("--models-dir", f"{folder} is not there", hint)
    outputs = Path(asked.output_path) if asked.output_path else plain.outputs
    return Settings(
        models=(*plain.models, *(Path(folder) for folder in asked.models_dir or ())),
        outputs=outputs,
        # two programs with folders of their own have nothing to do with each other
        queue=outputs / plain.queue.name,
        # whoever names a folder for a few pictures wants them in it, not in a folder of the day
        outputs_by_day=not (asked.verb in {"make", "vary"} and asked.output_path),
        records=not asked.disable_metadata,
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
        case "make" | "vary" | "replay":
            return _draw(asked, settings)
        case "doctor":
            return doctor(settings, _network_from(asked), as_json=asked.as_json)
        case "models":
            return manage_models(asked, settings, _network_from(asked))
        case "info":
            return info(asked, read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models))
        case "upscale":
            return upscale(asked, settings, _network_from(asked), lambda path: load_enlarging(settings, path))
        case _:
            # a picture or two for a script come sooner from one process; a page must outlive what crashes
            serve(replace(settings, own_process=True), serving_from(asked), _network_from(asked))
            return 0


def _draw(asked: Arguments, settings: Settings) -> int:
    with closing(build(settings, _network_from(asked))) as program:
        if asked.verb == "replay":
            return replay(program, asked)
        if asked.verb == "vary":
            return vary(program, asked)
        if asked.show_words:
            return show_words(program, asked, coloured=wants_colour(sys.stdout))
        return make(program, asked)


if __name__ == "__main__":
    sys.exit(main())
