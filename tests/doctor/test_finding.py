"""The report: a line for people, JSON for scripts, an exit code for both."""

import json

import pytest

from fooo.doctor import Area, Finding, State, as_json, as_line, exit_code


def finding(area: Area = Area.MACHINE, state: State = State.OK, mend: str = "") -> Finding:
    return Finding(area=area, name="Memory", state=state, found="8 GiB 红", mend=mend)


def test_a_line_says_what_is_wrong_and_how_to_mend_it():
    assert as_line(finding()) == "Memory         8 GiB 红."
    assert as_line(finding(state=State.FAULT, mend="Buy more.")) == "Memory         FAULT: 8 GiB 红. Buy more."


def test_scripts_read_every_finding_and_the_worst_state():
    report = json.loads(as_json([finding(), finding(state=State.WARNING, mend="Buy more.")]))
    assert report["worst"] == "warning"
    assert report["findings"][1] == {
        "area": "machine", "name": "Memory", "state": "warning", "found": "8 GiB 红", "mend": "Buy more.",
    }  # fmt: skip
    assert json.loads(as_json([])) == {"worst": "ok", "findings": []}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], 0),
        ([finding(state=State.WARNING)], 0),
        ([finding(Area.MODELS, State.FAULT), finding()], 3),
        ([finding(Area.MODELS, State.FAULT), finding(Area.DEVICE, State.FAULT)], 4),
    ],
)
def test_only_faults_have_an_exit_code_and_models_have_their_own(found: list[Finding], code: int):
    assert exit_code(found) == code
