"""The script for diffusers, run."""

import runpy
from pathlib import Path

import pytest

from fooo.app import build
from fooo.image.picture_files import read_picture
from fooo.record import read_record
from fooo.record.compare import difference
from fooo.record.export import as_diffusers_script
from fooo.request import read_request
from fooo.settings import Settings


def test_the_script_draws_the_same_picture_with_diffusers_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = build(Settings(outputs=tmp_path, timings=tmp_path / "timings.json", always_cpu=True))
    try:
        asked = {
            "prompt": "a red apple",
            "exactly": True,
            "models": {"base": "pocket/base", "refiner": None},
            "sampling": {"seed": 7, "steps": 6, "sampler": "euler", "schedule": "normal"},
        }
        job = program.submit(read_request(asked))
        for _ in job.events():
            pass
        path = job.pictures[0].path
        export = as_diffusers_script(read_record(path), program.catalog)
    finally:
        program.close()
    assert export.left_out == ()
    (tmp_path / "script.py").write_text(export.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path("script.py")
    apart = difference(read_picture(path).picture, read_picture(tmp_path / "picture.png").picture)
    assert apart is not None
    # measured: 0.07 and 4. The latents agree to 2e-5; a decoder in parts and rounding to bytes do the rest, and another
    # seed, sampler or guidance moves the mean by more than 10
    assert apart.mean < 0.3
    assert apart.largest <= 16
