"""The handlers of a page of a program whose engine fails or takes its time where the words say so."""

from collections.abc import Generator, Iterator
from pathlib import Path

import gradio as gr
import pytest

from fooo.engine import FakeEngine, Made
from fooo.errors import OutOfMemory
from fooo.interface.web.handlers import Context, Handlers
from fooo.interface.web.parts import lay_out
from fooo.interface.web.seam import in_a_loop
from fooo.interface.web.view import Address, Lookout
from fooo.monitor import Monitor
from fooo.plan import Plan
from fooo.record import Archive
from fooo.request import Request
from fooo.service import Fooo
from tests.changing_catalog import ChangingCatalog
from tests.interface.web.handlers.presses import EN


class Breaking:
    """An engine that fails or takes its time where the words say so."""

    device = "no device"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        return

    def close(self) -> None:
        return

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        if plan.request.prompt.startswith("break"):
            raise OutOfMemory(f"No room for {plan.request.prompt}.")
        return FakeEngine(seconds_a_step=0.02 if plan.request.prompt == "slow" else 0).run(plan, monitor)


@pytest.fixture
def program(folders: ChangingCatalog, tmp_path: Path) -> Generator[Fooo]:
    program = Fooo(catalog=folders, make_engine=Breaking, archive=Archive(tmp_path / "out"), draw_seed=lambda: 7)
    yield program
    program.close()


@pytest.fixture
def handlers(program: Fooo) -> Handlers:
    def build() -> Handlers:
        with gr.Blocks():
            parts = lay_out(program.catalog, EN)
        lookout = Lookout(program, lambda job, number: Address(f"{job.id}/{number}", "small"))
        context = Context(
            parts=parts, program=program, lookout=lookout, start=Request(preset="pocket"), words_for=lambda _: EN
        )
        return Handlers.of(context)

    return in_a_loop(build)


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gradio's folder of uploads, for this test alone."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder
