"""A hub on this machine with its store of large files at another host, and a folder of models."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fooo.catalog.presets import PresetFile
from fooo.events import Event
from fooo.files import fetch
from fooo.monitor import Monitor
from fooo.settings import NetworkSettings
from tests.files.loopback_hub import LoopbackServer, resolve_path, running


def safetensors_bytes(numbers: int = 50_000) -> bytes:
    """A whole safetensors file with one tensor."""
    entry = {"a": {"dtype": "U8", "shape": [numbers], "data_offsets": [0, numbers]}}
    header = json.dumps(entry).encode()
    return len(header).to_bytes(8, "little") + header + bytes(index % 251 for index in range(numbers))


CONTENT = safetensors_bytes()


@dataclass
class Fetching:
    """What a test fetches, from where, and what was told."""

    hub: LoopbackServer
    store: LoopbackServer
    models: Path
    file: PresetFile
    network: NetworkSettings
    events: list[Event] = field(default_factory=list[Event])
    waited: list[float] = field(default_factory=list[float])

    def fetch(self, file: PresetFile | None = None, monitor: Monitor | None = None) -> Path | None:
        return fetch(
            file or self.file,
            models=self.models,
            network=self.network,
            monitor=monitor or Monitor(self.events.append),
            wait=self.waited.append,
        )

    def left(self) -> list[str]:
        """Names of the files below the models' folder."""
        return sorted(path.relative_to(self.models).as_posix() for path in self.models.rglob("*") if path.is_file())


@pytest.fixture
def fetching(tmp_path: Path) -> Iterator[Fetching]:
    store = LoopbackServer(host="localhost")
    hub = LoopbackServer(host="127.0.0.1", elsewhere=store)
    file = PresetFile(folder="loras", name="new.safetensors", repository="somebody/model", path="weights.safetensors")
    hub.put(resolve_path("somebody/model", "weights.safetensors"), CONTENT)
    with running(store), running(hub):
        yield Fetching(hub, store, tmp_path / "models", file, NetworkSettings(hub=hub.address))
