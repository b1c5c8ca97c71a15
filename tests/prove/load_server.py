"""A server alone in its process: `python -m tests.prove.load_server FOLDER fake|pocket`."""

import sys
import threading
from pathlib import Path

from fooo.app import build
from fooo.catalog import read_catalog
from fooo.engine import FakeEngine
from fooo.record import Archive
from fooo.service import Fooo, Queue
from fooo.settings import ROOT, ServeSettings, Settings
from tests.interface.http.serving import served

SECONDS_A_STEP = 0.002
"""A picture of 30 steps takes 60 ms, so that the queue grows long."""


def with_fake_engine(folder: Path) -> Fooo:
    settings = Settings()
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    return Fooo(
        catalog=lambda: catalog,
        make_engine=lambda: FakeEngine(seconds_a_step=SECONDS_A_STEP),
        archive=Archive(folder / "outputs"),
        draw_seed=lambda: 1,
        queue=Queue(folder / "queue"),
    )


def with_pocket_model(folder: Path) -> Fooo:
    """As `launch.py` serves it: drawing in a process of its own."""
    settings = Settings(
        models=(ROOT / "models",),
        outputs=folder / "outputs",
        begun_with=folder / "begun",
        timings=folder / "timings.json",
        logs=folder / "logs",
        always_cpu=True,
        own_process=True,
    )
    return build(settings, queue=Queue(folder / "queue"))


def main(folder: Path, engine: str) -> None:
    """Prints its address, and ends when its input does."""
    program = (with_pocket_model if engine == "pocket" else with_fake_engine)(folder)
    with served(program, ServeSettings(auth=folder / "auth.json")) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        sys.stdin.read()
    threading.Thread(target=program.close, daemon=True).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
