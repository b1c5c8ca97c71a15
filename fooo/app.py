"""Puts the program together: the only file that knows every implementation."""

import secrets

from fooo.catalog import Catalog, read_catalog
from fooo.engine import Engine
from fooo.record import Archive
from fooo.service import Fooo
from fooo.settings import Settings, quiet_libraries

_HIGHEST_DRAWN_SEED = 2**32
"""Drawn seeds fit the 32 bits that other programs of this field can read."""


def build(settings: Settings | None = None) -> Fooo:
    """The program with the local engine.

    Raises:
        FoooError: A style or preset file is broken.
    """
    settings = settings or Settings()
    quiet_libraries()
    catalog = read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models)
    return Fooo(
        catalog=catalog,
        make_engine=lambda: _local_engine(settings, catalog),
        archive=Archive(settings.outputs, by_day=settings.outputs_by_day),
        draw_seed=lambda: secrets.randbelow(_HIGHEST_DRAWN_SEED),
    )


def _local_engine(settings: Settings, catalog: Catalog) -> Engine:
    # torch takes a second or more to import: the page must be up before, so it is imported when first needed
    from fooo.engine.local import build_local_engine  # noqa: PLC0415

    return build_local_engine(catalog, always_cpu=settings.always_cpu, threads=settings.threads)
