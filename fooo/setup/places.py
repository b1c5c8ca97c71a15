"""Where things lie: what says what to install, the checkout's own environment, and what setting up leaves behind."""

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final = ROOT / "pyproject.toml"
CONSTRAINTS: Final = ROOT / "constraints.txt"
ORACLE: Final = ROOT / "tests" / "oracle" / "requirements.txt"

VENV: Final = ROOT / ".venv"
# The environment that this Python is, which is the one to fill.
PREFIX: Final = Path(sys.prefix)
STAMP: Final = PREFIX / "fooo-setup.json"
LOG: Final = PREFIX / "fooo-setup.log"
# Lies in an environment for as long as a cut would leave a package half there.
UNFINISHED: Final = "fooo-setup.unfinished"
