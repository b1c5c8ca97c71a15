"""`python -m fooo VERB`: what `launch.py` hands over to once everything is installed."""

import sys
from collections.abc import Sequence
from pathlib import Path

from fooo.app import build
from fooo.errors import FoooError
from fooo.interface.arguments import Arguments, parse
from fooo.interface.cli import STOPPED_BY_PERSON, doctor, exit_code, make
from fooo.settings import Settings, choose_gpu


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out what was typed; returns the exit code."""
    asked = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        return _carry_out(asked)
    except FoooError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the one sentence for the person
        return exit_code(error)
    except KeyboardInterrupt:
        return STOPPED_BY_PERSON


def settings_from(asked: Arguments) -> Settings:
    plain = Settings()
    return Settings(
        models=(*plain.models, *(Path(folder) for folder in asked.models_dir or ())),
        outputs=Path(asked.output_path) if asked.output_path else plain.outputs,
        # whoever names a folder for a few pictures wants them in it, not in a folder of the day
        outputs_by_day=not (asked.verb == "make" and asked.output_path),
        always_cpu=asked.always_cpu is not None,
        threads=asked.always_cpu or None,
    )


def _carry_out(asked: Arguments) -> int:
    settings = settings_from(asked)
    if asked.gpu_device_id is not None:
        choose_gpu(asked.gpu_device_id)
    match asked.verb:
        case "make":
            return make(build(settings), asked)
        case "doctor":
            return doctor(build(settings), settings.models)
        case _:
            return 2


if __name__ == "__main__":
    sys.exit(main())
