"""Models that are added, from wherever, and taken away."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fooo.errors import ModelError, RequestError
from fooo.files import add, add_file, move_to_trash
from fooo.monitor import Monitor
from fooo.settings import NetworkSettings
from tests.files.conftest import Fetching, safetensors_bytes
from tests.files.loopback_hub import Trouble, resolve_path

OFFLINE = NetworkSettings(offline=True)


def write_embedding(path: Path, width: int = 768) -> Path:
    """A textual inversion, the smallest of the files that are told by their header."""
    entry = f'{{"emb_params": {{"dtype": "F16", "shape": [1, {width}], "data_offsets": [0, {2 * width}]}}}}'.encode()
    path.write_bytes(len(entry).to_bytes(8, "little") + entry + bytes(2 * width))
    return path


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_a_file_goes_to_the_folder_of_what_it_holds_and_stays_where_it_was(tmp_path: Path, models: Path):
    path = write_embedding(tmp_path / "mine.safetensors")
    added = models / "embeddings/mine.safetensors"
    assert add(str(path), models=models, network=OFFLINE, monitor=Monitor(print)) == added
    assert added.read_bytes() == path.read_bytes()


def test_a_disk_without_second_names_takes_a_copy(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = write_embedding(tmp_path / "mine.safetensors")
    added = add_file(path, models=models)
    assert added.read_bytes() == path.read_bytes()
    assert added.stat().st_ino != path.stat().st_ino
    assert [each.name for each in added.parent.iterdir()] == ["mine.safetensors"]


def test_a_pickle_is_added_converted(tmp_path: Path, models: Path):
    torch.save({"string_to_param": {"*": torch.zeros(2, 768)}}, tmp_path / "mine.pt")
    assert add_file(tmp_path / "mine.pt", models=models) == models / "embeddings/mine.safetensors"
    assert [path.name for path in models.rglob("*")] == ["embeddings", "mine.safetensors"]


def test_a_second_file_of_one_name_is_refused(tmp_path: Path, models: Path):
    path = write_embedding(tmp_path / "mine.safetensors")
    add_file(path, models=models)
    with pytest.raises(ModelError, match="is there already; take it away first"):
        add_file(path, models=models)


def test_a_file_of_no_use_is_refused(tmp_path: Path, models: Path):
    with pytest.raises(ModelError, match="is an embedding for another kind of model"):
        add_file(write_embedding(tmp_path / "mine.safetensors", width=100), models=models)
    assert list(models.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, models: Path):
    (models / "embeddings").write_text("a file where the folder should be")
    with pytest.raises(ModelError, match="cannot be written"):
        add_file(write_embedding(tmp_path / "downloads"), models=models)
    (tmp_path / "x.ckpt").touch()
    with pytest.raises(ModelError, match="cannot be written"):
        add_file(tmp_path / "x.ckpt", models=tmp_path / "gone")


def test_what_is_neither_file_nor_link_nor_known_is_told(models: Path):
    with pytest.raises(RequestError, match=r"'nothing' is no file here, no link and no known model; known are: sd_xl"):
        add("nothing", models=models, network=OFFLINE, monitor=Monitor(print))


def test_a_known_model_is_fetched_by_its_name(models: Path):
    with pytest.raises(ModelError, match=r"taesdxl\.safetensors was not fetched: Fooo is offline"):
        add("taesdxl", models=models, network=OFFLINE, monitor=Monitor(print))


def put_embedding(fetching: Fetching, tmp_path: Path, name: str) -> None:
    fetching.hub.put(resolve_path("a/b", name), write_embedding(tmp_path / "served").read_bytes())


def test_a_link_to_a_file_brings_it_to_the_folder_of_what_it_holds(fetching: Fetching, tmp_path: Path):
    put_embedding(fetching, tmp_path, "style.safetensors")
    link = "https://huggingface.co/a/b/blob/main/style.safetensors"
    path = add(link, models=fetching.models, network=fetching.network, monitor=Monitor(fetching.events.append))
    assert path == fetching.models / "embeddings/style.safetensors"
    assert fetching.left() == ["embeddings/style.safetensors"]


def test_a_link_to_something_else_leaves_it_where_it_is_not_used(fetching: Fetching):
    fetching.hub.put(resolve_path("a/b", "x.safetensors"), safetensors_bytes())
    link = "https://huggingface.co/a/b/blob/main/x.safetensors"
    with pytest.raises(ModelError, match=r"incoming/\w+/x\.safetensors"):
        add(link, models=fetching.models, network=fetching.network, monitor=Monitor(print))
    (left,) = fetching.left()
    assert (left.startswith("incoming/"), left.endswith("/x.safetensors")) == (True, True)


def test_what_waits_from_one_link_is_not_taken_for_the_file_of_another(fetching: Fetching, tmp_path: Path):
    fetching.hub.put(resolve_path("a/b", "x.safetensors"), safetensors_bytes())
    fetching.hub.put(resolve_path("c/d", "x.safetensors"), write_embedding(tmp_path / "served").read_bytes())
    with pytest.raises(ModelError, match="incoming"):
        add("https://huggingface.co/a/b/blob/main/x.safetensors", models=fetching.models, network=fetching.network,
            monitor=Monitor(print))  # fmt: skip
    path = add("https://huggingface.co/c/d/blob/main/x.safetensors", models=fetching.models, network=fetching.network,
               monitor=Monitor(print))  # fmt: skip
    assert path == fetching.models / "embeddings/x.safetensors"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="style.safetensors"', "style.safetensors"),
        ("attachment; filename*=UTF-8''%E7%BA%A2.safetensors", "红.safetensors"),
        ('attachment; filename="../../evil.safetensors"', None),
        ('attachment; filename="C:\\\\evil.safetensors"', None),
        ("attachment", None),
    ],
)
def test_a_server_names_the_file_where_the_link_does_not(
    fetching: Fetching, tmp_path: Path, disposition: str, name: str | None
):
    fetching.store.files["/api/download/1"] = write_embedding(tmp_path / "served").read_bytes()
    fetching.store.look_troubles.append(Trouble(headers={"Content-Disposition": disposition}))
    link = f"{fetching.store.address}/api/download/1"
    if name is None:
        with pytest.raises(RequestError, match="a name that is not safe"):
            add(link, models=fetching.models, network=fetching.network, monitor=Monitor(print))
        assert not fetching.models.exists()
    else:
        path = add(link, models=fetching.models, network=fetching.network, monitor=Monitor(fetching.events.append))
        assert path == fetching.models / "embeddings" / name


def test_a_model_taken_away_lies_in_the_trash_and_can_come_back(tmp_path: Path, models: Path):
    kept: list[Path] = []
    for content in (b"first", b"second"):
        (models / "x.safetensors").write_bytes(content)
        kept.append(move_to_trash(models / "x.safetensors", models=models))
    assert [path.name for path in kept] == ["x.safetensors", "x 2.safetensors"]
    assert [path.read_bytes() for path in kept] == [b"first", b"second"]
    assert not (models / "x.safetensors").exists()


def test_only_our_own_files_are_taken_away(tmp_path: Path, models: Path):
    theirs = write_embedding(tmp_path / "theirs.safetensors")
    (models / "loras").symlink_to(tmp_path, target_is_directory=True)
    (models / "link.safetensors").symlink_to(theirs)
    for path in (theirs, models / "../theirs.safetensors", models / "loras/theirs.safetensors", models):
        with pytest.raises(ModelError, match="lies in a folder of another program"):
            move_to_trash(path, models=models)
    assert move_to_trash(models / "link.safetensors", models=models).is_symlink()
    assert theirs.is_file()
    with pytest.raises(ModelError, match="is not there"):
        move_to_trash(models / "none", models=models)


def test_a_pickle_from_the_network_arrives_converted(fetching: Fetching, tmp_path: Path):
    torch.save({"params_ema": {"conv": torch.ones(3)}}, tmp_path / "x.pth")
    fetching.store.files["/x.pth"] = (tmp_path / "x.pth").read_bytes()
    url = f"{fetching.store.address}/x.pth"
    file = replace(fetching.file, folder="upscale_models", repository=None, path=None, url=url)
    assert fetching.fetch(file) == fetching.models / "upscale_models/new.safetensors"
    assert fetching.left() == ["upscale_models/new.safetensors"]
