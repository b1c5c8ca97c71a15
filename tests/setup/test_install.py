from types import SimpleNamespace

import pytest

from fooo.setup import install
from fooo.setup.steps import SetupError


def test_too_little_room_is_said_before_the_download(monkeypatch: pytest.MonkeyPatch) -> None:
    def nearly_full(path: object) -> SimpleNamespace:
        return SimpleNamespace(free=10**9)

    monkeypatch.setattr(install.shutil, "disk_usage", nearly_full)
    with pytest.raises(SetupError, match=r"^3 GB are needed where .* and 1\.0 are free: make room"):
        install.check_free_space(3)
