"""Installing what is missing into this Python: PyTorch in its build for the device, then the rest."""

import importlib
import os
import shutil
import sys
from importlib import metadata
from importlib.util import find_spec

from fooo.setup.lock import locked
from fooo.setup.packages import (
    constraint_arguments,
    dry_run,
    has_everything,
    has_torch,
    installed_torch,
    oracle_arguments,
    pinned_torch,
    requirements,
)
from fooo.setup.places import LOG, PREFIX
from fooo.setup.stamp import read_stamp, write_stamp
from fooo.setup.steps import SetupError, Steps
from fooo.setup.torch_build import build_of, cost_of, read_wish, resolve, source


def install_missing(steps: Steps, extras: set[str], torch: str | None) -> bool:
    """Install what is missing; nothing, and no network, when this Python's stamp fits.

    Args:
        steps: Runs pip.
        extras: Which optional dependencies of the project are wanted too.
        torch: Which build of PyTorch, as --torch has it; None: as FOOO_TORCH has it, or else the one for the device.

    Returns:
        Whether this Python has had no stamp before.

    Raises:
        SetupError: It cannot be done; says how to mend that.
    """
    wish = torch or torch_of_environment()
    stamp = read_stamp()
    if stamp and stamp.fits(extras, wish):
        return False
    if not os.access(PREFIX, os.W_OK) and has_torch(wish) and has_everything(extras):
        return False  # Somebody else keeps this one: it has everything, and it cannot be marked.
    with locked(PREFIX):
        stamp = read_stamp()
        if stamp:
            extras = extras | set(stamp.extras)
            wish = wish or stamp.wish  # chosen once, it holds through updates
            if stamp.fits(extras, wish):
                return False
        if stamp or not has_torch(wish) or not has_everything(extras):
            install(steps, extras, wish)
        write_stamp(extras, wish)
    return stamp is None


def torch_of_environment() -> str | None:
    """What FOOO_TORCH asks for; None: nothing."""
    typed = os.environ.get("FOOO_TORCH")
    try:
        return read_wish(typed) if typed else None
    except ValueError as error:
        raise SetupError(f"FOOO_TORCH: {error}.") from error


def install(steps: Steps, extras: set[str], wish: str | None) -> None:
    """PyTorch first, in its build for the device, so that nothing else draws in another one; then the rest."""
    LOG.unlink(missing_ok=True)
    if find_spec("pip") is None:
        steps.run("Adding pip (some seconds)", [sys.executable, "-m", "ensurepip", "--default-pip"], log=LOG)
    # Also for a new version: left to the rest, it would come in the index's build.
    if not has_torch(wish) or metadata.version("torch").partition("+")[0] != pinned_torch():
        install_torch(steps, wish)
    saying = "Installing the other packages (about 250 MB, 1-3 minutes)"
    steps.pip(saying, "install", *requirements(extras), *constraint_arguments())
    for arguments in oracle_arguments(extras):
        steps.pip("Installing the tests' oracle (some seconds)", "install", *arguments)
    importlib.invalidate_caches()


def install_torch(steps: Steps, wish: str | None) -> None:
    """PyTorch in the build that `wish` means here, in place of another build."""
    wanted = resolve(wish)
    cost = cost_of(wanted)
    check_free_space(cost.disk)
    if installed_torch() and not has_torch(wish):
        steps.pip("Removing the PyTorch of another build (some seconds)", "uninstall", "--yes", "torch")
    offers = dry_run("--no-index", "--no-deps", "--ignore-installed", "torch", *constraint_arguments()) or ()
    wheels = [offer["metadata"] for offer in offers]
    local = [(wheel["version"], build_of(wheel["version"], wheel.get("requires_dist", ()))) for wheel in wheels]
    chosen = source(wanted, pinned=pinned_torch(), local=local)
    saying = f"Installing PyTorch for {cost.name} (about {cost.download}, {cost.minutes})"
    steps.pip(saying, "install", *chosen, *constraint_arguments())


def check_free_space(needed: int) -> None:
    """Refuses, before anything is downloaded, when fewer than `needed` GB are free where the packages go."""
    free = shutil.disk_usage(PREFIX).free / 1e9
    if free < needed:
        raise SetupError(f"{needed} GB are needed where {PREFIX} lies and {free:.1f} are free: make room, start again.")
