"""The pocket model's networks at SDXL's ordinary noise levels, from 14.6 down: its own begin in pure noise, at 4096."""

import json
from pathlib import Path

from fooo.catalog import LocalModel
from fooo.catalog.local_models import find_models
from tests.engine.test_local import own_models

SCHEDULERS = ("base/scheduler/scheduler_config.json", "refiner/scheduler/scheduler_config.json")


def at_ordinary_noise(folder: Path) -> dict[str, LocalModel]:
    """`base` and `refiner`, by name: the shipped files, but for their schedulers' configurations.

    Args:
        folder: Where links to the files are put.
    """
    models = own_models(folder, *SCHEDULERS) / "pocket"
    for name in SCHEDULERS:
        told = json.loads((models / name).read_text("utf-8"))
        (models / name).write_text(json.dumps({**told, "rescale_betas_zero_snr": False}), "utf-8")
    return find_models([models])
