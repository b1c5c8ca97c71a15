"""Runs a tool in the environment that `launch.py` sets up, as `python3 -m tools.launch pocket sheet` in the checkout.

Standard library only, until the environment is there.
"""

import os
import sys
from typing import TYPE_CHECKING

import launch

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: "Sequence[str]") -> int:
    """The exit code, after whatever set-up is missing and the tool itself.

    Args:
        arguments: The tool's name, or that of another module of the checkout, such as `benchmarks.loop`; then its own.
    """
    if not launch.OLDEST <= sys.version_info[:2] < launch.TOO_NEW:
        return launch.refuse(launch.wrong_python())
    from fooo.setup.places import ROOT
    from fooo.setup.steps import Steps

    os.chdir(ROOT)
    ended = launch.settle(Steps(verbose=False, offline=False), {"test"}, None, ["-m", "tools.launch", *arguments])
    if ended is not None:
        return ended
    tool, *rest = arguments
    module = tool if "." in tool else f"tools.{tool}"
    return launch.replace_process([sys.executable, "-m", module, *rest])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
