"""A catalog that a test exchanges while the program runs, as files come and go."""

from dataclasses import dataclass

from fooo.catalog import Catalog


@dataclass
class ChangingCatalog:
    """Args: now: What it gives when it is called."""

    now: Catalog

    def __call__(self) -> Catalog:
        return self.now
