"""What one check found."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Area(StrEnum):
    PROGRAM = "program"
    MACHINE = "machine"
    DEVICE = "device"
    MODELS = "models"
    NETWORK = "network"


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Pictures come, but slower, fewer or other ones than wished."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report.

    Attributes:
        name: What was looked at, in a word or two.
        found: What it is like.
        mend: A sentence that says what to do; empty where nothing is to be done.
    """

    area: Area
    name: str
    state: State
    found: str
    mend: str = ""


def sentence(part: str) -> str:
    """A part of a sentence, such as an error's hint, as one by itself; nothing stays nothing."""
    return f"{part[:1].upper()}{part[1:].rstrip('.')}." if part else ""


def as_line(finding: Finding) -> str:
    """For people."""
    mark = "" if finding.state is State.OK else f"{finding.state.value.upper()}: "
    mend = f" {finding.mend}" if finding.mend else ""
    return f"{finding.name:<15}{mark}{finding.found}.{mend}"


def as_json(findings: Iterable[Finding]) -> str:
    """For scripts: `{"worst": STATE, "findings": [{"area", "name", "state", "found", "mend"}, ...]}`."""
    listed = list(findings)
    worst = max((finding.state for finding in listed), key=list(State).index, default=State.OK)
    return json.dumps({"worst": worst, "findings": [asdict(each) for each in listed]}, ensure_ascii=False, indent=2)


def exit_code(findings: Iterable[Finding]) -> int:
    """0: nothing is at fault; 3: models are; 4: something else is."""
    faults = {finding.area for finding in findings if finding.state is State.FAULT}
    return 0 if not faults else 3 if faults == {Area.MODELS} else 4
