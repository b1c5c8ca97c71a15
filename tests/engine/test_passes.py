"""What the local engine does to a picture after, or instead of, drawing it from noise."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from fooo.catalog import Catalog
from fooo.catalog.shelf.detectors import DetectorFile, DetectorKind
from fooo.engine import Made
from fooo.engine.held_models import HeldModels
from fooo.engine.local import LocalEngine
from fooo.errors import BadNumbers, BadPicture, ModelError
from fooo.events import Event, PassName, PassSkipped, PassStep, ShotSkipped, Step
from fooo.image import Picture, fit
from fooo.image.soundness import fault_of
from fooo.monitor import Monitor
from fooo.plan import Mend, Plan, make_plan
from fooo.request import Size, read_request
from fooo.weights import find_device
from tests.vision.detect.onnx_files import centerface, white_spots
from tests.vision.enlarge.upscalers import compact, saved

PICTURE, BLACK = "a" * 64, "b" * 64
SPOTTED = white_spots((256, 192), (40, 40), (160, 80), side=4)
"""Two faces of 11 pixels, as the detector of these tests has it."""
SIZES = {picture: Size(width=256, height=192) for picture in (PICTURE, BLACK)}
KEPT = {"kind": "keep", "picture": PICTURE}


def open_picture(picture: str) -> Picture:
    if picture not in {PICTURE, BLACK}:
        raise BadPicture(picture, "is not among the pictures that Fooo keeps", "hand it in again")
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

    source = fit(SPOTTED, *varied(0.1).size)
    distances = [distance(varied(strength), source) for strength in (0.1, 0.5, 1.0)]
    assert distances == sorted(distances)
    # the VAE alone costs about 3 levels; a picture of something else is some 60 away
    assert distances[0] < 20 < distances[2]


def test_enlarging_tells_its_tiles_and_ends_at_the_size(engine: LocalEngine, planned: Callable[..., Plan]):
    told = Told()
    (made,) = run(engine, planned(start=KEPT, enlarge={"by": 2, "upscaler": "small"}), told)
    assert made.picture.size == (512, 384)
    done = [(step.done, step.total) for step in told.steps_of(PassName.ENLARGE)]
    assert done == [(number, len(done)) for number in range(1, len(done) + 1)]
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
    assert [step.done for step in told.steps_of(PassName.MEND)] == list(range(1, 9))


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
