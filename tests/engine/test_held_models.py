"""Which models are held and how, and what is told about it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fooo.catalog import Catalog, LocalModel, ModelKind
from fooo.engine.held_models import HeldModels, is_safe_in_half, vae_for_half
from fooo.engine.local import LocalEngine
from fooo.events import Event, Loading, MemoryChosen, Placement
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.plan import make_plan
from fooo.request import read_request
from fooo.weights import DeviceInfo, DeviceKind, NetworkKey, Part
from fooo.weights.memory_policy import GIB
from tests import model_files
from tests.small_checkpoints import models_in, write_checkpoint

CPU = DeviceInfo(kind=DeviceKind.CPU, name="x", memory=16 * GIB, free=16 * GIB, quick_bfloat16=True)
OLD_CARD = DeviceInfo(kind=DeviceKind.CUDA, name="x", memory=8 * GIB, free=8 * GIB, quick_bfloat16=False)
PIXELS = 128 * 128


@pytest.fixture
def base(catalog: Catalog) -> LocalModel:
    return catalog.models["pocket/base"]


def test_how_they_are_held_is_told_before_anything_is_read_and_once(base: LocalModel):
    told: list[Event] = []
    held = HeldModels(CPU)
    for _ in range(2):
        residency, _ = held.hold([base], None, pixels=PIXELS, monitor=Monitor(told.append))
        residency.load(NetworkKey(base, Part.VAE))
    assert told == [MemoryChosen(placement=Placement.ALL), Loading("pocket/base vae")]


def test_who_wants_little_memory_taken_is_told_so_and_gets_the_same_picture(catalog: Catalog):
    plan = make_plan(read_request({"prompt": "a cat", "sampling": {"steps": 3}}), catalog, fallback_seed=7)
    pictures: list[Picture] = []
    told: list[Event] = []
    for low in (False, True):
        engine = LocalEngine(lambda: catalog, CPU, HeldModels(CPU, low_memory=low))
        (made,) = engine.run(plan, Monitor(told.append))
        pictures.append(made.picture)
    assert np.array_equal(pictures[0].pixels, pictures[1].pixels)
    placements = [event.placement for event in told if isinstance(event, MemoryChosen)]
    assert placements == [Placement.ALL, Placement.STREAMED]


def test_a_larger_picture_may_have_to_be_drawn_otherwise_and_keeps_what_was_read(base: LocalModel):
    told: list[Event] = []
    small = replace(CPU, free=GIB)
    held = HeldModels(small)
    for pixels in (PIXELS, 2048 * 2048, PIXELS):
        residency, _ = held.hold([base], None, pixels=pixels, monitor=Monitor(told.append))
        residency.load(NetworkKey(base, Part.VAE))
    assert told == [
        MemoryChosen(placement=Placement.ALL),
        Loading("pocket/base vae"),
        MemoryChosen(placement=Placement.STREAMED),
        MemoryChosen(placement=Placement.ALL),
    ]


def test_another_model_is_held_beside_what_is_here_already_of_the_first(catalog: Catalog, base: LocalModel):
    told: list[Event] = []
    held = HeldModels(CPU)
    refiner = catalog.models["pocket/refiner"]
    for models in ([base], [base, refiner], [base]):
        residency, _ = held.hold(models, None, pixels=PIXELS, monitor=Monitor(told.append))
        for model in models:
            residency.load(NetworkKey(model, Part.UNET))
    assert [event.what for event in told if isinstance(event, Loading)] == ["pocket/base unet", "pocket/refiner unet"]


def test_an_exchanged_file_is_read_again_and_its_words_heard_again(tmp_path: Path):
    file = tmp_path / "x.safetensors"
    write_checkpoint(file, model_files.build(ModelKind.SD1))
    model = models_in(tmp_path)[file.name]
    held, monitor = HeldModels(CPU), Monitor(lambda event: None)
    before = held.hold([model], None, pixels=PIXELS, monitor=monitor)
    before[0].load(NetworkKey(model, Part.UNET))
    assert held.hold([model], None, pixels=PIXELS, monitor=monitor) == before
    file.touch()
    after = held.hold([model], None, pixels=PIXELS, monitor=monitor)
    assert after[0] is not before[0]
    assert after[1] is not before[1]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("sdxl_vae_fp16_fix", True),
        ("sdxl-vae-fp16-fix", True),
        ("sdXL_v1.fp16Fix.vae", True),
        ("sdxl_vae", False),
        ("vae-ft-mse-840000-fp16", False),
        ("sdxl_vae_fp16", False),
    ],
)
def test_a_vae_is_told_by_its_name_to_be_safe_in_float16(name: str, safe: bool):
    assert is_safe_in_half(Path(f"{name}.safetensors")) == safe


def test_the_mended_vae_decodes_by_itself_where_half_the_digits_are_computed_with(base: LocalModel):
    mended = Path("vae/sdxl_vae_fp16_fix.safetensors")
    vaes = {"sdxl_vae": Path("vae/sdxl_vae.safetensors"), "fix": mended}
    assert vae_for_half(OLD_CARD, base, vaes) == mended
    assert vae_for_half(OLD_CARD, base, {"sdxl_vae": vaes["sdxl_vae"]}) is None
    assert vae_for_half(replace(OLD_CARD, quick_bfloat16=True), base, vaes) is None
    assert vae_for_half(replace(CPU, quick_bfloat16=False), base, vaes) is None
    assert vae_for_half(OLD_CARD, replace(base, kind=ModelKind.SD1), vaes) is None
