import time
from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog, Sampler, Schedule
from fooo.catalog.shelf import FileHashes
from fooo.engine import FakeEngine
from fooo.plan import Generate, Pass, Shot, Texts
from fooo.plan.plan import Enlarge, Lora, Mend
from fooo.record import Archive, ModelUsed, UsedAs, read_record
from fooo.request import Request, Size, read_request
from fooo.service import Fooo
from fooo.service.files_used import FilesUsed

SIZE = Size(width=64, height=64)


@pytest.fixture
def full(catalog: Catalog, tmp_path: Path) -> Catalog:
    def files(*names: str) -> dict[str, Path]:
        for name in names:
            (tmp_path / name).write_bytes(name.encode())
        return {name: tmp_path / name for name in names}

    return replace(
        catalog,
        loras=files("grain", "off"),
        embeddings=files("bad-hands", "unsaid"),
        embedding_lengths={"bad-hands": 1, "unsaid": 1},
        vaes=files("clear"),
    )


def generate(*loras: Lora, vae: str | None = None) -> Generate:
    return Generate(
        size=SIZE, steps=2, guidance=4.0, sampler=Sampler.EULER, schedule=Schedule.KARRAS, base="pocket/base",
        refiner=None, refiner_step=None, loras=loras, vae=vae,
    )  # fmt: skip


def shot(*passes: Pass, negative: str = "") -> Shot:
    return Shot(number=0, seed=7, texts=Texts.of("a cat", negative), passes=passes)


def lora(name: str, unet_weight: float = 1.0) -> Lora:
    return Lora(name=name, unet_weight=unet_weight, text_weight=0.0)


def test_each_file_is_named_once_by_what_it_was_used_as_and_an_unused_one_is_not(full: Catalog):
    mended = Mend(size=SIZE, detector="faces", generate=generate(lora("grain")), words="", most=1)
    passes = (generate(lora("grain"), lora("off", 0.0), vae="clear"), mended, Enlarge(size=SIZE, upscaler="sharp"))
    drawn = shot(*passes, negative="(embedding:bad-hands:1.2), blurry")
    assert FilesUsed(FileHashes()).of(drawn, full) == (
        ModelUsed(name="grain", kind=UsedAs.LORA),
        ModelUsed(name="clear", kind=UsedAs.VAE),
        ModelUsed(name="sharp", kind=UsedAs.UPSCALER),
        ModelUsed(name="bad-hands", kind=UsedAs.EMBEDDING),
    )


def test_a_hash_is_told_where_it_is_known_and_never_computed_for_it(full: Catalog, monkeypatch: pytest.MonkeyPatch):
    hashes = FileHashes()
    known = hashes.sha256(full.loras["grain"])

    def refuse(*_: object) -> str:
        raise AssertionError("a file was read")

    monkeypatch.setattr(FileHashes, "sha256", refuse)
    told = FilesUsed(hashes).of(shot(generate(lora("grain"), vae="clear")), full)
    assert [each.sha256 for each in told] == [known, None]


def test_a_file_that_is_gone_keeps_its_name(full: Catalog):
    full.loras["grain"].unlink()
    (told,) = FilesUsed(FileHashes()).of(shot(generate(lora("grain"))), full)
    assert told == ModelUsed(name="grain", kind=UsedAs.LORA)


def test_the_next_picture_knows_the_hashes_of_the_files_of_the_one_before(full: Catalog, tmp_path: Path):
    hashes = FileHashes(tmp_path / "kept")
    program = Fooo(
        catalog=lambda: full, make_engine=FakeEngine, archive=Archive(tmp_path / "out"), draw_seed=lambda: 7,
        hashes=hashes,
    )  # fmt: skip
    asked: Request = read_request({"prompt": "a cat", "models": {"loras": [{"name": "grain"}]}})

    def used() -> dict[str, str | None]:
        job = program.submit(asked)
        list(job.events())
        return {each.name: each.sha256 for each in read_record(job.pictures[0].path).models if each.kind is UsedAs.LORA}

    try:
        assert used() == {"grain": None}
        while hashes.known_sha256(full.loras["grain"]) is None:  # a test that hangs fails too
            time.sleep(0.01)
        assert used() == {"grain": FileHashes(tmp_path / "kept").known_sha256(full.loras["grain"])}
    finally:
        program.close()
