"""The examples of docs/api.md, carried out as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fooo.record import read_record
from fooo.settings import ROOT
from tests.interface.http.conftest import Served
from tests.interface.http.v1.conftest import Api

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
(EXAMPLES,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")
def test_the_examples_do_what_they_say(here: Served, tmp_path: Path):
    script = EXAMPLES.replace("http://127.0.0.1:7865", here.address)
    assert script != EXAMPLES
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "event: picture" in ran.stdout
    assert read_record(tmp_path / "apple.png").request.prompt == "a red apple"
    assert not here.program.queue.is_paused


def test_every_address_that_the_page_names_is_there(api: Api):
    document = api.get("openapi.json").json()["paths"]
    known = {(method.upper(), re.sub(r"\{\w+\}", "{id}", path)) for path, ways in document.items() for method in ways}
    named = {(method, path.partition("?")[0]) for method, path in re.findall(r"`(GET|POST|DELETE) (/[^` ]*)`", PAGE)}
    assert len(named) > 15
    assert named <= known
