"""What many tests need: the real catalog, a program with a fake engine, a place for pictures."""

import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as of_hypothesis

from fooo.catalog import Catalog, read_catalog
from fooo.engine import FakeEngine
from fooo.plan import Plan, make_plan
from fooo.record import Archive, ModelUsed, Record, write_record
from fooo.request import read_request
from fooo.service import Fooo
from fooo.settings import Settings, quiet_libraries
from tests.changing_catalog import ChangingCatalog

quiet_libraries()

# on a busy machine an example once took a second to make: that says nothing of what is tested
of_hypothesis.register_profile("busy", suppress_health_check=[HealthCheck.too_slow])
of_hypothesis.load_profile("busy")

NOW = datetime(2026, 1, 2, 3, 4, 5)
DRAWN_SEED = 42


def pytest_configure() -> None:
    """What tests start hears Ctrl-C, also where a shell started all of this with `&`, which makes deaf to it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """What ships: the styles, presets and the pocket model."""
    settings = Settings()
    return read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)


@pytest.fixture
def folders(catalog: Catalog) -> ChangingCatalog:
    """What lies in the program's folders."""
    return ChangingCatalog(catalog)


@pytest.fixture
def program(folders: ChangingCatalog, tmp_path: Path) -> Iterator[Fooo]:
    """The whole program but for the networks."""
    program = Fooo(
        catalog=folders,
        make_engine=FakeEngine,
        archive=Archive(tmp_path / "outputs"),
        draw_seed=lambda: DRAWN_SEED,
        now=lambda: NOW,
    )
    yield program
    program.close()


@pytest.fixture
def plan_of(catalog: Catalog) -> Callable[..., Plan]:
    """Plans a request that is given as fields."""

    def plan(**fields: object) -> Plan:
        return make_plan(read_request({"prompt": "a cat", **fields}), catalog, fallback_seed=DRAWN_SEED)

    return plan


@pytest.fixture
def record(plan_of: Callable[..., Plan]) -> Record:
    plan = plan_of(prompt="a cat", sampling={"seed": 7})
    model = ModelUsed(name="pocket/base", sha256="0" * 64)
    return write_record(plan, plan.shots[0], models=(model,), seconds=1.0, steps_done=30)
