"""Places that models come from, asked on this machine."""

import socket

import pytest

from fooo.doctor import Area, Finding, State
from fooo.doctor.network import check_network, check_place
from fooo.settings import NetworkSettings
from tests.files.loopback_hub import LoopbackServer, Trouble, running

HUB = "https://huggingface.co/"


def test_offline_nobody_is_asked(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    (found,) = check_network(NetworkSettings(offline=True))
    assert (found.state, found.found) == (State.OK, "not asked: Fooo is offline")


def test_the_mirror_is_asked_in_the_hubs_place():
    with running(LoopbackServer(host="127.0.0.1")) as mirror:
        mirror.files["/"] = b"<html>"
        found = check_place(HUB, NetworkSettings(hub=mirror.address))
        assert (found.name, found.state, found.found) == (mirror.host, State.OK, "answers")
        mirror.look_troubles.append(Trouble(status=503))
        assert check_place(HUB, NetworkSettings(hub=mirror.address)).found == "127.0.0.1 is in trouble (503)"


def test_every_place_that_is_asked_has_a_name(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def answer(address: str, _network: NetworkSettings) -> Finding:
        asked.append(address)
        return Finding(area=Area.NETWORK, name=address, state=State.OK, found="answers")

    monkeypatch.setattr("fooo.doctor.network.check_place", answer)
    assert [found.name for found in check_network(NetworkSettings())] == asked
    assert HUB in asked
    assert "https:///" not in asked


def test_a_place_that_cannot_be_reached_is_a_warning_with_its_mending():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        hub = f"http://127.0.0.1:{taken.getsockname()[1]}"
        found = check_place(HUB, NetworkSettings(hub=hub))
    assert found.state is State.WARNING
    assert "cannot be reached" in found.found
    assert "--hf-mirror" in found.mend
