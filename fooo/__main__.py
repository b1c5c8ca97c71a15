"""`python -m fooo VERB`: what `launch.py` hands over to once everything is installed."""

import io
import logging
import sys
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

from fooo.app import build, crash_reports, load_enlarging, serve
from fooo.catalog import read_catalog
from fooo.engine.process import read_devices
from fooo.errors import FoooError, RequestError
from fooo.interface.arguments import Arguments, parse
from fooo.interface.cli import STOPPED_BY_PERSON, doctor, exit_code, make, show_words
from fooo.interface.model_shelf import manage_models
from fooo.interface.people.keys_verb import manage_keys
from fooo.interface.people.verb import manage_people
from fooo.interface.replay import info, replay
from fooo.interface.upscale import upscale
from fooo.interface.vary import vary
from fooo.logs import LogSettings, crashes_reported, logging_set_up, native_crashes_reported
from fooo.settings import (
    AUTH_FILE,
    NetworkSettings,
    ServeSettings,
    Settings,
    Theme,
    choose_gpu,
    network_settings,
    wants_colour,
)

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
        _check_verb(asked.verb)
        reports = crash_reports(settings_from(asked))
        # who draws a picture or two sees the crash themselves
        native = native_crashes_reported(reports) if asked.verb == "serve" else nullcontext()
        with logging_set_up(logging_from(asked)), crashes_reported(reports), native:
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
        logs=(outputs if asked.verb == "serve" else plain.outputs) / plain.logs.name,
        log_prompts=asked.log_prompts,
        filter=asked.filter,
    )


def logging_from(asked: Arguments) -> LogSettings:
    """A server keeps its log; who draws a picture or two hears warnings only.

    Raises:
        RequestError: As of `settings_from`.
    """
    serves = asked.verb == "serve"
    level = asked.log_level or ("info" if serves else "warning")
    tokens = _network_from(asked).tokens.values()
    passwords = [typed.partition(":")[2] for typed in asked.auth or ()]
    return LogSettings(
        folder=settings_from(asked).logs if serves else None,
        level=logging.getLevelNamesMapping()[level.upper()],
        as_json=asked.json_logs,
        hidden=(*tokens, *passwords),
        with_words=asked.log_prompts,
    )


def serving_from(asked: Arguments) -> ServeSettings:
    """Raises: RequestError: An account lacks its user or its password."""
    return ServeSettings(
        host=asked.listen or _LOOPBACK,
        port=asked.port,
        share=asked.share,
        accounts=tuple(_account(typed) for typed in asked.auth or ()),
        auth=AUTH_FILE,
        language=asked.language,
        theme=Theme(asked.theme) if asked.theme else Theme.SYSTEM,
        open_browser=asked.in_browser is not False,
        preset=asked.preset,
        allowed_hosts=tuple(asked.allow_host or ()),
        style_pictures=not asked.no_style_pictures,
    )


def _account(typed: str) -> tuple[str, str]:
    user, colon, password = typed.partition(":")
    if not (user and colon and password):
        raise RequestError("--auth", f"{user!r} has no password", "write it as USER:PASSWORD")
    return user, password


def _network_from(asked: Arguments) -> NetworkSettings:
    return network_settings(offline=asked.offline, mirror=asked.hf_mirror)


def _check_verb(verb: str) -> None:
    if verb in {"test", "check"}:
        raise RequestError(verb, "is for developers", f"start it as: python launch.py {verb}")


def _carry_out(asked: Arguments) -> int:
    settings = settings_from(asked)
    if asked.gpu_device_id is not None:
        choose_gpu(asked.gpu_device_id)
    match asked.verb:
        case "make" | "vary" | "replay":
            return _draw(asked, settings)
        case "doctor":
            return doctor(settings, _network_from(asked), as_json=asked.as_json)
        case "models" | "people" | "keys":
            return _manage(asked, settings)
        case "info":
            return info(asked, read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models))
        case "upscale":
            return upscale(asked, settings, _network_from(asked), lambda path: load_enlarging(settings, path))
        case _:
            # a picture or two for a script come sooner from one process; a page must outlive what crashes
            serve(_as_server(asked, settings), serving_from(asked), _network_from(asked))
    return 0


def _as_server(asked: Arguments, settings: Settings) -> Settings:
    """Raises: FoooError: As of `read_devices`."""
    return replace(settings, own_process=True, devices=read_devices(asked.devices) if asked.devices else ())


def _manage(asked: Arguments, settings: Settings) -> int:
    if asked.verb == "people":
        return manage_people(asked.action, asked.name, guest=asked.guest, file=AUTH_FILE)
    if asked.verb == "keys":
        return manage_keys(asked.action, asked.name, person=asked.person, accounts=AUTH_FILE)
    return manage_models(asked, settings, _network_from(asked))


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
