from pathlib import Path

import pytest

from fooo.setup.mends import mend


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "free 3 GB"),
        ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'", "as its owner"),
        ("OSError: [Errno 30] Read-only file system", "as its owner"),
        (
            "WARNING: Retrying after NewConnectionError: [Errno -3] Temporary failure in name resolution\n"
            "ERROR: Could not find a version that satisfies the requirement torch\n"
            "ERROR: No matching distribution found for torch",
            "check the connection",
        ),
        ("pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.", "check the connection"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "pip cache purge"),
        ("ERROR: ResolutionImpossible: for help visit", "try another Python"),
        (
            "HINT: This error might have occurred since this system does not have Windows Long Path support",
            "Long Paths",
        ),
        ("something new\n\n[notice] A new release of pip", "with 'something new': start again with FOOO_VERBOSE=1"),
        ("", "with 'no word'"),
    ],
)
def test_every_failure_becomes_one_sentence_with_its_mend(said: str, wanted: str) -> None:
    sentence = mend(said.splitlines(), prefix=Path("here"), log=None)
    assert wanted in sentence
    assert sentence.startswith("Setting up failed")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_the_log_is_named() -> None:
    assert "(pip's own words: somewhere.log)." in mend(["Killed"], prefix=Path("here"), log=Path("somewhere.log"))
