"""Collects the figures that `make prove` measures and prints them as a table for docs/proof.md."""

from collections.abc import Callable

import pytest

Figure = Callable[[str, str, str], None]
_FIGURES = pytest.StashKey[list[tuple[str, str, str]]]()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Keeps a figure: what was measured, what came out, what it should be."""

    def keep(what: str, measured: str, wanted: str) -> None:
        request.config.stash.setdefault(_FIGURES, []).append((what, measured, wanted))

    return keep


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    figures = config.stash.get(_FIGURES, None) or ()
    if figures:
        terminalreporter.write_line("\n| what | measured | wanted |\n|---|---|---|")
        for row in figures:
            terminalreporter.write_line(f"| {' | '.join(row)} |")
