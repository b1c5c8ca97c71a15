import sys
from pathlib import Path

import pytest

from tests.launching import make_home, make_wheel, plain_python

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Python made for these tests is laid out as on Linux"
)

HAS_EVERYTHING = "from fooo.setup.packages import has_everything; print(has_everything(set()))"


def test_a_python_with_a_package_out_of_range_does_not_have_everything(tmp_path: Path) -> None:
    home = make_home(tmp_path, plain_python(tmp_path / "python"))
    make_wheel(home.wheels, "alpha", "2.0")
    home.unpack("torch-2.13.0+cpu", "alpha-2.0")
    assert home.run(HAS_EVERYTHING) == "False"
