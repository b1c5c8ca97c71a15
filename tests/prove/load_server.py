"""A server with the fake engine, alone in its process: `python -m tests.prove.load_server FOLDER`."""

import sys
import threading
from pathlib import Path

from fooo.catalog import read_catalog
from fooo.engine import FakeEngine
from fooo.record import Archive
from fooo.service import Fooo, Queue
from fooo.settings import ServeSettings, Settings
from tests.interface.http.serving import served

SECONDS_A_STEP = 0.002
"""A picture of 30 steps takes 60 ms, so that the queue grows long."""


def main(folder: Path) -> None:
    """Prints its address, and ends when its input does."""
    settings = Settings()
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    program = Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: FakeEngine(seconds_a_step=SECONDS_A_STEP),
        archive=Archive(folder / "outputs"),
        draw_seed=lambda: 1,
        queue=Queue(folder / "queue"),
    )
    with served(program, ServeSettings(auth=folder / "auth.json")) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        sys.stdin.read()
    threading.Thread(target=program.close, daemon=True).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
