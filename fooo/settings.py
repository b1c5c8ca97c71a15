"""Where things lie and how the program runs; the only reader of the environment."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""
AUTH_FILE = ROOT / ".fooo" / "auth.json"
"""The accounts of this machine's Fooo; git leaves the folder alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Of the whole program.

    Attributes:
        styles: Folder of JSON files.
        presets: Folder of JSON files.
        models: Folders to look for models in; the first is ours.
        outputs: Where pictures go.
        outputs_by_day: Whether each day has a folder of its own there.
        begun_with: Where the pictures lie that jobs begin with.
        records: Whether pictures carry how they were made.
        queue: The file that keeps the jobs of a program that serves, so that they go on after a crash.
        timings: The file that keeps how long jobs took, wherever their pictures went.
        always_cpu: Leave every accelerator alone.
        threads: Of the processor, for drawing; None: as many as it has cores.
        devices: Each has a worker process that draws; empty: the best one, or what `always_cpu` says.
        low_memory: Take as little memory as possible for drawing, whatever there is.
        compiled: Compile what the networks repeat, which takes minutes at first and is quicker from then on.
        own_process: Whether drawing has a process of its own, so that a crash there ends one job and not the program.
        filter: Whether pictures of nudity are blurred; nothing that is asked of the program changes it.
        logs: Where the log and the reports of crashes go.
        log_prompts: Whether the words of prompts may stand there.
        seconds_to_stop: After which a step that was to be stopped, and has not ended, is ended with that process.
    """

    styles: Path = ROOT / "styles"
    presets: Path = ROOT / "presets"
    models: tuple[Path, ...] = (ROOT / "models",)
    outputs: Path = ROOT / "outputs"
    outputs_by_day: bool = True
    begun_with: Path = ROOT / "outputs" / ".begun_with"
    records: bool = True
    queue: Path = ROOT / "outputs" / ".queue.sqlite"
    timings: Path = ROOT / "outputs" / ".timings.json"
    always_cpu: bool = False
    threads: int | None = None
    devices: tuple[str, ...] = ()
    low_memory: bool = False
    compiled: bool = False
    own_process: bool = False
    filter: bool = False
    logs: Path = ROOT / "outputs" / ".logs"
    log_prompts: bool = False
    seconds_to_stop: float = 30.0


class Theme(StrEnum):
    SYSTEM = "system"
    """As the person's device is set."""
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Of the page and the server that gives it out.

    Attributes:
        host: Address to listen on; anything but loopback needs an account, and gets one made where none is given.
        port: None: 7865, or the next one that is free.
        share: Whether to ask gradio's tunnel for a public address.
        accounts: User and password of each who may log in as an owner, for this run; empty: everybody on this machine.
        auth: The file of further accounts, as the verb `people` keeps it; None: none.
        language: Code of the page's language; None: the browser's.
        theme: Light, dark, or as the device is set.
        open_browser: Whether to open the page once it is there.
        preset: What the page starts with; None: the one that suits the models.
        allowed_hosts: Further names that the page may be asked for under, such as that of a proxy before it.
        style_pictures: Whether pictures of styles are drawn while nobody asks for anything.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    accounts: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    auth: Path | None = None
    language: str | None = None
    theme: Theme = Theme.SYSTEM
    open_browser: bool = True
    preset: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    style_pictures: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSettings:
    """Of downloads.

    Attributes:
        offline: Whether no connection may be made.
        hub: Address of the hub, or of a mirror that speaks as it does.
        tokens: By host, with its port where the address names one; each is sent to that host alone.
    """

    offline: bool = False
    hub: str = "https://huggingface.co"
    tokens: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def network_settings(*, offline: bool = False, mirror: str | None = None) -> NetworkSettings:
    """What was typed, over what the environment says in HF_ENDPOINT, HF_TOKEN and CIVITAI_TOKEN.

    Args:
        offline: As typed.
        mirror: Of the hub, with or without its `https://`. It is not told the token: that is for the hub.
    """
    hub = os.environ.get("HF_ENDPOINT") or NetworkSettings().hub
    tokens = {urlsplit(hub).netloc: os.environ.get("HF_TOKEN"), "civitai.com": os.environ.get("CIVITAI_TOKEN")}
    chosen = mirror or hub
    return NetworkSettings(
        offline=offline,
        hub=(chosen if "://" in chosen else f"https://{chosen}").rstrip("/"),
        tokens={host: token for host, token in tokens.items() if token},
    )


def bare_environment() -> dict[str, str]:
    """What a child process needs of the environment to start at all: no tokens, no proxies, no folders of a person."""
    return {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}


def has_screen() -> bool:
    """Whether a browser could be shown here: not over SSH, and on Linux only with a display."""
    if "SSH_CONNECTION" in os.environ:
        return False
    return not sys.platform.startswith("linux") or any(name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def wants_colour(stream: TextIO) -> bool:
    """Whether a terminal shows what is written there, and the person has not asked for plain text (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def quiet_libraries() -> None:
    """Keep the libraries off the network and silent. Called before any of them is imported.

    They read these once, at import, so they cannot be told later; a value that the person set is left alone.
    """
    quiet = {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "DIFFUSERS_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "false",
    }
    for name, value in quiet.items():
        os.environ.setdefault(name, value)
    # Promises of ours, not preferences: no telemetry, and no prompts kept in the browser behind a person's back.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_RUN_HISTORY"] = "False"


def choose_device(name: str) -> None:
    """Let the libraries see that card only. Called before torch is imported, in a process that draws on nothing else.

    Args:
        name: As cuda:1 or xpu:1, of those that this process sees now; the processor and mps need no choosing.
    """
    kind, _, number = name.partition(":")
    seen_by = {"cuda": ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"), "xpu": ("ZE_AFFINITY_MASK",)}.get(kind, ())
    for variable in seen_by:
        seen = [each.strip() for each in os.environ.get(variable, "").split(",") if each.strip()]
        os.environ[variable] = seen[int(number)] if int(number) < len(seen) else number


def choose_gpu(number: int) -> None:
    """Let the libraries see one of several cards only. Called before torch is imported."""
    os.environ["CUDA_VISIBLE_DEVICES"] = os.environ["HIP_VISIBLE_DEVICES"] = str(number)
