"""A running server with the fake engine, one for all tests that ask it as clients of other programs do."""

import io
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace

import httpx
import pytest
from PIL import Image

from fooo.catalog import Catalog
from fooo.engine import FakeEngine
from fooo.record import Archive
from fooo.service import Fooo, Job
from fooo.settings import ServeSettings
from tests.conftest import DRAWN_SEED
from tests.interface.http.serving import served

SECONDS_A_STEP = 0.005
"""So that 200 steps take a second, in which a client can ask how far it is."""


@dataclass(frozen=True)
class Served:
    """A program and where it is asked."""

    address: str
    program: Fooo

    @property
    def last(self) -> Job:
        """The job that ended last."""
        return self.program.jobs()[-1]

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


def until(true: Callable[[], bool]) -> None:
    """Wait for what another thread brings about; a busy machine may take long."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it did not come about in 30 s")


@pytest.fixture(scope="session")
def with_upscaler(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What ships, and a file by the name of an upscaler."""
    file = tmp_path_factory.mktemp("upscalers") / "RealESRGAN_x4plus.safetensors"
    file.write_bytes(b"for its name")
    return replace(catalog, upscalers={file.stem: file})


@pytest.fixture(scope="session")
def slow_program(with_upscaler: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fooo]:
    program = Fooo(
        catalog=lambda: with_upscaler,
        make_engine=lambda: FakeEngine(seconds_a_step=SECONDS_A_STEP),
        archive=Archive(tmp_path_factory.mktemp("outputs")),
        draw_seed=lambda: DRAWN_SEED,
    )
    yield program
    program.close()


@pytest.fixture(scope="session")
def here(slow_program: Fooo) -> Generator[Served]:
    """Open to everybody on this machine."""
    with served(slow_program) as address:
        yield Served(address, slow_program)


@pytest.fixture(scope="session")
def behind_a_login(slow_program: Fooo) -> Generator[Served]:
    """The same program for two people who log in."""
    accounts = (("ann", "her secret"), ("bob", "his secret"))
    with served(slow_program, ServeSettings(accounts=accounts)) as address:
        yield Served(address, slow_program)


@pytest.fixture
def asking(here: Served) -> Generator[httpx.Client]:
    """For what no stock client would send."""
    with httpx.Client(base_url=here.address, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def picture() -> Image.Image:
    return Image.new("RGB", (256, 256), "teal")


@pytest.fixture(scope="session")
def picture_file(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()
