"""All the checks, in the order in which a person reads them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fooo.catalog import Catalog
from fooo.doctor.finding import Area, Finding, State
from fooo.doctor.machine import check_catalog, check_crashes, check_versions, folder_here, installed_build, memory_here
from fooo.doctor.models import check_models
from fooo.doctor.network import check_network
from fooo.settings import NetworkSettings


def examine(
    catalog: Catalog,
    *,
    outputs: Path,
    places: Sequence[Path],
    network: NetworkSettings,
    always_cpu: bool = False,
    logs: Path | None = None,
) -> Iterator[Finding]:
    """What each check finds, as soon as it has; nothing is changed.

    Args:
        catalog: What there is.
        outputs: Where pictures go.
        places: Where models lie; our own folder first.
        network: Where models come from.
        always_cpu: Whether the cards are left alone.
        logs: Where reports of crashes are; None: nobody looks.
    """
    yield from check_versions()
    if logs:
        yield from check_crashes(logs)
    if not always_cpu:
        yield installed_build()
    yield memory_here()
    yield folder_here("Pictures", outputs)
    yield from _device(always_cpu=always_cpu)
    yield from check_catalog(catalog)
    yield from check_models(catalog, catalog.shelf, places)
    yield from check_network(network)


def _device(*, always_cpu: bool) -> Iterator[Finding]:
    # torch takes seconds to import, and may be what is broken
    try:
        from fooo.doctor.device import check_device  # noqa: PLC0415

        yield from check_device(always_cpu=always_cpu)
    except (ImportError, OSError, RuntimeError) as error:
        told = str(error).partition("\n")[0] or type(error).__name__
        yield Finding(
            area=Area.DEVICE,
            name="Draws on",
            state=State.FAULT,
            found=f"nothing: PyTorch does not work ({told})",
            mend="Start with launch.py, which installs it; if that does not help, remove .venv and start again.",
        )
