"""The pocket model's networks at SDXL's ordinary noise levels, from 14.6 down: its own begin in pure noise, at 4096."""

import json
from pathlib import Path

from fooo.catalog import LocalModel
from fooo.catalog.local_models import find_models
from fooo.settings import ROOT

SCHEDULER = "scheduler/scheduler_config.json"


def at_ordinary_noise(folder: Path) -> dict[str, LocalModel]:
    """`base` and `refiner`, by name: links to the shipped files, but for their schedulers' configurations.

    Args:
        folder: Where the links are put.
    """
    shipped = ROOT / "models" / "pocket"
    for file in (each for each in shipped.rglob("*") if each.is_file()):
        link = folder / file.relative_to(shipped)
        link.parent.mkdir(parents=True, exist_ok=True)
        if file.match(SCHEDULER):
            told = json.loads(file.read_text("utf-8"))
            link.write_text(json.dumps({**told, "rescale_betas_zero_snr": False}), "utf-8")
        else:
            link.symlink_to(file)
    return find_models([folder])
