"""What the local engine does to a picture after, or instead of, drawing it from noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from fooo.catalog import Catalog, LocalModel
from fooo.catalog.shelf.detectors import DetectorFile, DetectorKind
from fooo.engine import Made
from fooo.engine.held_models import HeldModels
from fooo.engine.local import LocalEngine
from fooo.errors import BadNumbers, BadPicture, ModelError
from fooo.events import Event, PassName, PassSkipped, PassStep, PrecisionRaised, ShotSkipped, Step
from fooo.image import Mask, Picture, fit
from fooo.image.soundness import fault_of
from fooo.monitor import Monitor
from fooo.pipeline import TextEncoders
from fooo.plan import Mend, Plan, make_plan
from fooo.request import Size, read_request
from fooo.weights import NetworkKey, Part, Precision, Residency, find_device
from tests.vision.detect.onnx_files import centerface, white_spots
from tests.vision.enlarge.upscalers import compact, saved

PICTURE, BLACK, GLASS = "a" * 64, "b" * 64, "d" * 64
SPOTTED = white_spots((256, 192), (40, 40), (160, 80), side=4)
"""Two faces of 11 pixels, as the detector of these tests has it."""
SIZES = {picture: Size(width=256, height=192) for picture in (PICTURE, BLACK, GLASS)}
KEPT = {"kind": "keep", "picture": PICTURE}


def open_picture(picture: str) -> Picture:
    if picture not in {PICTURE, BLACK, GLASS}:
        raise BadPicture(picture, "is not among the pictures that Fooo keeps", "hand it in again")
    if picture == GLASS:  # its right half
        alpha = np.repeat(np.where(np.arange(256) < 128, 255, 0).astype(np.uint8)[None], 192, axis=0)
        return Picture(SPOTTED.pixels, Mask(alpha))
    return SPOTTED if picture == PICTURE else white_spots((256, 192), side=4)


@pytest.fixture(scope="module")
def equipped(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("finish")
    found = DetectorFile(name="centerface", kind=DetectorKind.CENTERFACE, path=centerface(folder / "centerface.onnx"))
    upscaler = saved(compact(), folder / "small.safetensors")
    return replace(catalog, upscalers={"small": upscaler}, detectors=(found,))


@pytest.fixture(scope="module")
def engine(equipped: Catalog) -> LocalEngine:
    device = find_device(always_cpu=True)
    return LocalEngine(lambda: equipped, device, HeldModels(device), pictures=open_picture)


@pytest.fixture
def planned(equipped: Catalog) -> Callable[..., Plan]:
    def plan(**fields: object) -> Plan:
        sampling = {"steps": 4, "seed": 7}
        request = read_request({"prompt": "a cat", "sampling": sampling, "models": {"refiner": None}, **fields})
        return make_plan(request, equipped, fallback_seed=7, pictures=SIZES)

    return plan


@dataclass
class Told:
    """Hears every event; at the first that `at` knows, tells its monitor something."""

    at: Callable[[Event], bool] = lambda event: False
    then: Callable[[Monitor], None] = Monitor.stop
    events: list[Event] = field(default_factory=list[Event])

    def __post_init__(self) -> None:
        self.monitor = Monitor(self.hear)

    def hear(self, event: Event) -> None:
        self.events.append(event)
        if self.at(event):
            self.then(self.monitor)

    def steps_of(self, name: PassName) -> list[PassStep]:
        return [event for event in self.events if isinstance(event, PassStep) and event.name is name]


def run(engine: LocalEngine, plan: Plan, told: Told | None = None) -> list[Made]:
    return list(engine.run(plan, (told or Told()).monitor))


def distance(one: Picture, other: Picture) -> float:
    return float(np.abs(one.pixels.astype(int) - other.pixels.astype(int)).mean())


def test_a_picture_that_is_kept_comes_out_bit_for_bit(engine: LocalEngine, planned: Callable[..., Plan]):
    (made,) = run(engine, planned(start=KEPT))
    assert (made.picture.pixels == SPOTTED.pixels).all()
    assert made.steps_done == 0


@pytest.mark.parametrize("seed", [7, 8])
def test_the_weaker_a_picture_is_varied_the_more_it_stays(engine: LocalEngine, planned: Callable[..., Plan], seed: int):
    def varied(strength: float) -> Picture:
        sampling = {"steps": 8, "seed": seed}
        start = {"kind": "vary", "picture": PICTURE, "strength": strength}
        (made,) = run(engine, planned(start=start, sampling=sampling))
        return made.picture

    pictures = [varied(strength) for strength in (0.1, 0.5, 1.0)]
    source = fit(SPOTTED, *pictures[0].size)
    distances = [distance(picture, source) for picture in pictures]
    assert distances == sorted(distances)
    # the VAE alone costs about 3 levels; a picture of something else is some 60 away
    assert distances[0] < 20 < distances[2]


def test_enlarging_tells_that_it_begins_and_its_tiles_and_ends_at_the_size(
    engine: LocalEngine, planned: Callable[..., Plan]
):
    told = Told()
    (made,) = run(engine, planned(start=KEPT, enlarge={"by": 2, "upscaler": "small"}), told)
    assert made.picture.size == (512, 384)
    done = [(step.done, step.total) for step in told.steps_of(PassName.ENLARGE)]
    assert done == [(number, len(done) - 1) for number in range(len(done))]
    assert fault_of(made.picture.pixels, SPOTTED) is None


def test_a_repainted_picture_is_drawn_in_windows_twice_the_same_and_counts_its_steps(
    engine: LocalEngine, planned: Callable[..., Plan]
):
    plan = planned(enlarge={"by": 2, "upscaler": "small", "repaint": 0.4, "steps": 3})
    told = Told()
    (made,) = run(engine, plan, told)
    (again,) = run(engine, plan)
    assert made.picture.size == (256, 256)
    assert (made.picture.pixels == again.picture.pixels).all()
    assert [event.step for event in told.events if isinstance(event, Step)] == [1, 2, 3, 4, 5, 6, 7]
    assert made.steps_done == 7 == made.shot.steps


def unlike_across(picture: Picture) -> float:
    """How much more a picture's first and last columns, and rows, differ than neighbours within it."""
    pixels = picture.pixels.astype(float)
    across = [np.abs(np.take(pixels, 0, axis) - np.take(pixels, -1, axis)).mean() for axis in (0, 1)]
    within = [np.abs(np.diff(pixels, axis=axis)).mean() for axis in (0, 1)]
    return max(one / other for one, other in zip(across, within, strict=True))


def test_a_picture_that_tiles_does_so_when_it_is_enlarged_and_repainted_in_windows(
    engine: LocalEngine, planned: Callable[..., Plan]
):
    def unlike(tiling: str, repaint: float) -> float:
        enlarge = {"by": 2, "upscaler": "small", "repaint": repaint}
        sampling = {"steps": 4, "seed": 8, "tiling": tiling}
        (made,) = run(engine, planned(prompt="a sailboat on the sea", sampling=sampling, enlarge=enlarge))
        return unlike_across(made.picture)

    # sky meets sea where nothing tiles: 36 measured; where it does, 0.6 and 1.0
    assert unlike("both", 0) < 2
    assert unlike("both", 0.5) < 2
    assert unlike("none", 0.5) > 20


def test_a_pass_shows_the_picture_that_it_works_on(engine: LocalEngine, planned: Callable[..., Plan]):
    told = Told()
    run(engine, planned(start=KEPT, faces={"on": True, "strength": 0.5}, enlarge={"by": 4, "upscaler": "small"}), told)
    mended, enlarged = (told.steps_of(name) for name in (PassName.MEND, PassName.ENLARGE))
    assert all(step.preview and np.array_equal(step.preview.pixels, SPOTTED.pixels) for step in mended)
    assert {step.preview.size for step in enlarged if step.preview} == {(256, 192)}


def nearly_black(_decoder: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
    """In sixteen bits, of a few levels: so that it is not of one colour."""
    if output.dtype is torch.float32:
        return output
    return torch.full_like(output, -1) + 0.01 * (torch.arange(output.shape[-1]) % 2)


class InSixteenBits(HeldModels):
    """Holds small models, too, in bfloat16."""

    def hold(
        self, models: Sequence[LocalModel], vae: Path | None, *, pixels: int, monitor: Monitor
    ) -> tuple[Residency, TextEncoders]:
        residency, encoders = super().hold(models, vae, pixels=pixels, monitor=monitor)
        precise = {"precision": Precision.BFLOAT16, "vae_precision": Precision.BFLOAT16}
        residency.adopt(replace(residency.policy, **precise))
        return residency, encoders


def test_a_repaint_that_comes_out_empty_is_done_again_more_exactly(equipped: Catalog, planned: Callable[..., Plan]):
    device = find_device(always_cpu=True)
    held = InSixteenBits(device)
    base = equipped.models["pocket/base"]
    residency, _ = held.hold([base], None, pixels=256 * 256, monitor=Monitor(lambda event: None))
    vae = residency.load(NetworkKey(base, Part.VAE))
    cast(Any, vae).decoder.register_forward_hook(nearly_black)
    told = Told()
    plan = planned(start=KEPT, enlarge={"to": (264, 200), "upscaler": "small", "repaint": 0.4, "steps": 2})
    (made,) = run(LocalEngine(lambda: equipped, device, held, pictures=open_picture), plan, told)
    assert [each.kind for each in made.shot.passes] == ["open", "enlarge", "generate"]
    raised = [event.what for event in told.events if isinstance(event, PrecisionRaised)]
    assert "pocket/base vae" in raised
    assert fault_of(made.picture.pixels) is None
    assert [event.step for event in told.events if isinstance(event, Step)] == [1, 2, 1, 2]
    assert not [event for event in told.events if isinstance(event, PassSkipped)]


def test_only_what_is_mended_changes_and_the_record_says_where(engine: LocalEngine, planned: Callable[..., Plan]):
    told = Told()
    (made,) = run(engine, planned(start=KEPT, faces={"on": True, "strength": 0.5}), told)
    mend = made.shot.passes[-1]
    assert isinstance(mend, Mend)
    assert len(mend.found) == 2
    changed = (made.picture.pixels != SPOTTED.pixels).any(axis=2)
    assert changed.any()
    near = np.zeros_like(changed)
    for region in mend.found:
        # 0.15 of the face around its box is replaced, over 0.35 more it fades
        grown = round(0.5 * (region.right - region.left)) + 1
        near[region.top - grown : region.bottom + grown, region.left - grown : region.right + grown] = True
    assert not changed[~near].any()
    assert [step.done for step in told.steps_of(PassName.MEND)] == list(range(9))


@pytest.mark.parametrize("faces", [False, True])
def test_a_transparent_picture_that_is_kept_stays_so_also_enlarged(
    engine: LocalEngine, planned: Callable[..., Plan], *, faces: bool
):
    plan = planned(
        start={"kind": "keep", "picture": GLASS}, faces={"on": faces}, enlarge={"by": 2, "upscaler": "small"}
    )
    (made,) = run(engine, plan)
    assert made.picture.alpha is not None
    assert made.picture.alpha.size == made.picture.size == (512, 384)
    left, right = made.picture.alpha.values[:, :240], made.picture.alpha.values[:, 272:]
    # the network is random, and brought back to what it was shown
    assert left.mean() > 240
    assert right.mean() < 15


def test_a_transparent_picture_that_is_drawn_anew_lies_on_white(engine: LocalEngine, planned: Callable[..., Plan]):
    start = {"kind": "vary", "picture": GLASS, "strength": 0.1}
    (made,) = run(engine, planned(start=start))
    assert made.picture.alpha is None
    assert made.picture.pixels[:, made.picture.size[0] * 3 // 4 :].mean() > 200


def test_a_picture_without_faces_stays_as_it_is(engine: LocalEngine, planned: Callable[..., Plan]):
    (made,) = run(engine, planned(start={"kind": "keep", "picture": BLACK}, faces={"on": True}))
    assert not made.picture.pixels.any()


@pytest.mark.parametrize("name", [PassName.ENLARGE, PassName.MEND])
def test_what_is_stopped_after_it_was_drawn_is_kept_where_that_is_wanted(
    engine: LocalEngine, planned: Callable[..., Plan], name: PassName
):
    plan = planned(start=KEPT, faces={"on": True}, enlarge={"by": 2, "upscaler": "small"})

    def now(event: Event) -> bool:
        return isinstance(event, PassStep) and event.name is name

    (made,) = run(engine, plan, Told(now, lambda monitor: monitor.stop(keep=True)))
    assert made.picture.size == (256, 192)
    told = Told(now)
    assert run(engine, plan, told) == []
    assert isinstance(told.events[-1], ShotSkipped)


def with_broken_upscaler(equipped: Catalog, folder: Path) -> LocalEngine:
    broken = compact()
    for weight in broken.parameters():
        weight.fill_(float("nan"))
    catalog = replace(equipped, upscalers={"small": saved(broken, folder / "small.safetensors")})
    device = find_device(always_cpu=True)
    return LocalEngine(lambda: catalog, device, HeldModels(device), pictures=open_picture)


def test_numbers_that_are_no_picture_leave_a_pass_out_and_keep_what_was_there(
    equipped: Catalog, planned: Callable[..., Plan], tmp_path: Path
):
    engine = with_broken_upscaler(equipped, tmp_path)
    told = Told()
    (made,) = run(engine, planned(enlarge={"by": 2, "upscaler": "small"}), told)
    (plain,) = run(engine, planned())
    assert PassSkipped(0, PassName.ENLARGE) in told.events
    assert [each.kind for each in made.shot.passes] == ["generate", "fit"]
    assert (made.picture.pixels == fit(plain.picture, 256, 256).pixels).all()


def test_a_picture_of_which_nothing_came_is_an_error_and_no_copy(
    equipped: Catalog, planned: Callable[..., Plan], tmp_path: Path
):
    engine = with_broken_upscaler(equipped, tmp_path)
    with pytest.raises(BadNumbers, match="another upscaler"):
        run(engine, planned(start=KEPT, enlarge={"by": 2, "upscaler": "small"}))


def test_what_has_gone_since_it_was_planned_is_said(
    equipped: Catalog, engine: LocalEngine, planned: Callable[..., Plan]
):
    device = find_device(always_cpu=True)
    bare = replace(equipped, upscalers={}, detectors=())
    gone = LocalEngine(lambda: bare, device, HeldModels(device), pictures=open_picture)
    with pytest.raises(ModelError, match="is gone"):
        run(gone, planned(start=KEPT, enlarge={"by": 2, "upscaler": "small"}))
    with pytest.raises(ModelError, match="is gone"):
        run(gone, planned(start=KEPT, faces={"on": True}))
    unknown = planned(start=KEPT)
    shot = unknown.shots[0]
    other = shot.passes[0].model_copy(update={"picture": "c" * 64})
    with pytest.raises(BadPicture, match="hand it in again"):
        run(engine, unknown.model_copy(update={"shots": (shot.model_copy(update={"passes": (other,)}),)}))
