"""What each state of the page is looked at for: by axe-core, for what is cut off, and as a picture that is kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
"""Where pictures of the page are kept for who wants to see what the tests saw; git knows nothing of them."""

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
"""The rules engine of accessibility. Its package keeps it; all that is wanted of it is here in four lines."""

GRAVE = {"serious", "critical"}

STILL = "Promise.allSettled(document.getAnimations().map((each) => each.finished))"
"""Half faded in, every word lacks contrast."""


@dataclass
class Looking:
    """Looks at each state that it is called with.

    Attributes:
        page: That is looked at.
        folder: Of its pictures, below `ARTEFACTS`.
        found: What is wrong, each with the state in which it was seen.
        seen: The states.
    """

    page: Page
    folder: str
    found: list[str] = field(default_factory=list[str])
    seen: list[str] = field(default_factory=list[str])

    def __call__(self, state: str) -> None:
        self.page.evaluate(STILL)
        self.seen.append(state)
        path = ARTEFACTS / self.folder / f"{len(self.seen):02}-{re.sub(r'[^a-z0-9]+', '-', state.casefold())}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        self.found += violations(self.page, state)
        wide, width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > width:
            self.found.append(f"{state}: the page is {wide} px wide and must be scrolled sideways at {width}")


def violations(page: Page, state: str) -> list[str]:
    """What is gravely wrong for somebody, each with where.

    What is found is looked for once more: something may have begun to fade while axe looked, and lacked contrast then.
    """
    page.evaluate(AXE)
    return _grave(page, state) and _grave(page, state)


def _grave(page: Page, state: str) -> list[str]:
    page.evaluate(STILL)
    found: list[Mapping[str, Any]] = page.evaluate("axe.run().then((said) => said.violations)")
    return [
        f"{state}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in found
        if each["impact"] in GRAVE
    ]
