"""The time promise: what jobs take is learnt from those before, on machines that do not exist."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fooo.catalog import Catalog, LocalModel, ModelKind
from fooo.catalog.shelf.detectors import DetectorFile, DetectorKind
from fooo.errors import RequestError
from fooo.events import Step
from fooo.plan import Generate, Plan, Promise, Sketch
from fooo.plan.plan import Lora
from fooo.record import Archive
from fooo.request import Size, read_request
from fooo.service import Experience, Fooo, Job, Timings
from fooo.service.experience import Nearness
from fooo.service.timings import Timed
from tests.changing_catalog import ChangingCatalog
from tests.service.machine import Clock, Machine

ProgramOf = Callable[..., tuple[Fooo, Machine]]


@pytest.fixture
def full(catalog: Catalog) -> LocalModel:
    """A model as large as SDXL; it is never read, for the machine does not exist."""
    return replace(catalog.models["pocket/base"], name="full", knows=None, native_size=Size(width=1024, height=1024))


@pytest.fixture
def program_of(catalog: Catalog, full: LocalModel, tmp_path: Path) -> Iterator[ProgramOf]:
    made: list[Fooo] = []

    def build(seed: int = 0, **machine: Any) -> tuple[Fooo, Machine]:
        clock = Clock()
        engine = Machine(clock=clock, rng=random.Random(seed), **machine)
        refiner = replace(catalog.models["pocket/refiner"], name="full refiner", kind=ModelKind.SDXL_REFINER)
        sister = replace(full, name="sister")
        models = {**catalog.models, full.name: full, sister.name: sister, refiner.name: refiner}
        finder = DetectorFile(name="finder", kind=DetectorKind.CENTERFACE, path=Path("finder.onnx"))
        whole = replace(
            catalog, models=models, upscalers={"RealESRGAN_x4plus": Path("photo.safetensors")}, detectors=(finder,)
        )
        folders = ChangingCatalog(whole)
        experience = Experience(Timings(), clock)
        archive = Archive(tmp_path / str(len(made)))
        made.append(
            Fooo(
                catalog=folders,
                make_engine=lambda: engine,
                archive=archive,
                draw_seed=lambda: 1,
                experience=experience,
            )
        )
        return made[-1], engine

    yield build
    for program in made:
        program.close()


def draw(program: Fooo, machine: Machine, **fields: Any) -> tuple[Job, float]:
    """The job, and the seconds that it took by the machine's clock."""
    asked: dict[str, Any] = {**FULL, **fields}
    asked["models"] = {**FULL["models"], **asked.get("models", {})}
    began = machine.clock.now
    job = program.submit(read_request(asked))
    assert [*job.events()][-1].__class__.__name__ == "JobDone"
    return job, machine.clock.now - began


NO_FACES = {"on": False}
FULL: dict[str, Any] = {
    "prompt": "a cat",
    "preset": "default",
    "expansion": "off",
    "faces": NO_FACES,
    "models": {"base": "full"},
}
FIRST_THREE = (
    {"sampling": {"steps": 8}},
    {"sampling": {"steps": 12, "sampler": "heun"}, "size": "832x1216"},
    {"sampling": {"steps": 5, "guidance": 1}, "size": "768x768"},
)
OTHERS = (
    {"sampling": {"steps": 30}},
    {"sampling": {"steps": 4, "guidance": 1}},
    {"sampling": {"steps": 20, "sampler": "dpmpp_sde"}, "size": "768x1024"},
    {"sampling": {"steps": 15}, "output": {"count": 3}},
    {"sampling": {"performance": "Quality"}, "size": "16:9"},
)


@pytest.mark.parametrize("seed", range(12))
def test_the_promise_is_within_a_quarter_after_three_jobs_of_a_machine_with_5_percent_noise(
    program_of: ProgramOf, seed: int
):
    dice = random.Random(seed)
    speed = dice.choice([0.05, 0.3, 1, 20])
    program, machine = program_of(
        seed,
        call=speed * dice.uniform(0, 0.3),
        megapixel=speed * dice.uniform(0.7, 1.3),
        words=speed * dice.uniform(0, 1),
        decode=speed * dice.uniform(0.3, 2),
        load=dice.uniform(0, 60),
    )
    assert draw(program, machine, **FIRST_THREE[0])[0].promise is None
    for fields in FIRST_THREE[1:]:
        draw(program, machine, **fields)
    for fields in OTHERS:
        job, took = draw(program, machine, **fields)
        assert job.promise is not None
        assert job.promise.seconds == pytest.approx(took, rel=0.25)


def test_reading_models_is_promised_where_others_are_in_memory(program_of: ProgramOf):
    program, machine = program_of(load=40, noise=0)
    for _ in range(3):
        draw(program, machine, sampling={"steps": 4})
    warm, _ = draw(program, machine, sampling={"steps": 4})
    draw(program, machine, models={"base": "pocket/base"})
    cold, took = draw(program, machine, sampling={"steps": 4})
    assert warm.promise is not None
    assert cold.promise is not None
    assert (warm.promise.loading, cold.promise.loading) == (0, pytest.approx(40, rel=0.1))
    assert cold.promise.seconds == pytest.approx(took, rel=0.1)


def test_one_job_is_enough_for_its_like_and_an_odd_one_sways_nothing(program_of: ProgramOf):
    program, machine = program_of(noise=0)
    draw(program, machine, sampling={"steps": 6})
    job, took = draw(program, machine, sampling={"steps": 6})
    assert job.promise is not None
    assert job.promise.seconds == pytest.approx(took, rel=0.1)
    draw(program, machine, sampling={"steps": 6})
    machine.megapixel = 30.0
    draw(program, machine, sampling={"steps": 6})
    machine.megapixel = 1.0
    job, took = draw(program, machine, sampling={"steps": 6})
    assert job.promise is not None
    assert job.promise.seconds == pytest.approx(took, rel=0.1)


def test_a_model_that_was_never_drawn_with_is_told_by_others_of_its_build(program_of: ProgramOf):
    program, machine = program_of(noise=0)
    draw(program, machine, sampling={"steps": 6})
    job, took = draw(program, machine, models={"base": "sister"}, sampling={"steps": 6})
    assert job.promise is not None
    assert job.promise.seconds == pytest.approx(took, rel=0.1)


def test_another_device_is_another_machine(program_of: ProgramOf):
    program, machine = program_of()
    draw(program, machine)
    machine.device = "another card"
    assert program.promise(program.plan(read_request({"models": {"base": "full"}}))) is None


def test_a_budget_is_kept_on_a_measured_machine(program_of: ProgramOf):
    program, machine = program_of(noise=0)
    for fields in FIRST_THREE:
        draw(program, machine, **fields)
    for budget, seconds in (("20 s", 20), ("45 s", 45), ("1 min", 60), ("2 min", 120)):
        job, took = draw(program, machine, sampling={"budget": budget})
        generate = job.plan.shots[0].generate
        assert took <= seconds * 1.05
        again = program.plan(job.plan.request)
        assert again.shots[0].generate == generate
        assert again.request.sampling.budget is None
        # ... and not much of it is left
        assert took > 0.85 * seconds or generate.steps == 60


def test_a_budget_below_a_step_is_refused_with_the_least_that_is_possible(program_of: ProgramOf):
    program, machine = program_of(noise=0)
    for fields in FIRST_THREE:
        draw(program, machine, **fields)
    sentence = r"1 s is below what one step takes with full here; allow .* s at least"
    with pytest.raises(RequestError, match=sentence) as raised:
        draw(program, machine, sampling={"budget": "1 s"})
    assert raised.value.field == "sampling.budget"
    least = raised.value.hint.split()[1]
    job, took = draw(program, machine, sampling={"budget": f"{least} s"})
    assert took <= float(least) * 1.05
    assert any(isinstance(each, Sketch) for each in job.plan.notices)


FINISHED = {"faces": {"on": True, "steps": 6}, "enlarge": {"by": 2, "upscaler": "photo", "repaint": 0.4, "steps": 5}}
"""Two faces are mended, and what is enlarged is repainted in nine windows a step."""
FINISHED_OTHERWISE = (
    {**FINISHED, "sampling": {"steps": 20}, "size": "832x1216"},
    {"sampling": {"steps": 12}, "enlarge": {"by": 4, "upscaler": "photo", "repaint": 0}},
    {**FINISHED, "sampling": {"steps": 8, "sampler": "heun"}, "output": {"count": 2}},
    {"sampling": {"steps": 9}, "enlarge": {"by": 1.5, "upscaler": "photo", "repaint": 0.5}},
)


@pytest.mark.parametrize("seed", range(6))
def test_mending_enlarging_and_windows_are_promised_within_a_quarter_after_three_jobs(program_of: ProgramOf, seed: int):
    dice = random.Random(seed)
    speed = dice.choice([0.05, 0.3, 1, 20])
    program, machine = program_of(
        seed,
        call=speed * dice.uniform(0, 0.3),
        megapixel=speed * dice.uniform(0.7, 1.3),
        words=speed * dice.uniform(0, 1),
        decode=speed * dice.uniform(0.3, 2),
        enlarge=speed * dice.uniform(2, 60),
        faces=dice.randrange(4),
    )
    for fields in ({"sampling": {"steps": 12}}, {"sampling": {"steps": 6}, "size": "768x768"}, {}):
        draw(program, machine, **{**FINISHED, **fields})
    for fields in FINISHED_OTHERWISE:
        job, took = draw(program, machine, **fields)
        assert job.promise is not None
        assert job.promise.seconds == pytest.approx(took, rel=0.25)


@pytest.mark.parametrize("enlarge", [5.0, 60.0])
def test_the_seconds_left_count_what_is_done_after_the_drawing(program_of: ProgramOf, enlarge: float):
    program, machine = program_of(enlarge=enlarge)
    for steps in (12, 6, 8):
        draw(program, machine, **FINISHED, sampling={"steps": steps})
    job, _ = draw(program, machine, **FINISHED, sampling={"steps": 10}, output={"count": 2})
    told = job.timed_events()
    end = told[-1][0]
    steps = [(second, event) for second, event in told if isinstance(event, Step)]
    assert len(steps) == 2 * (10 + 5)
    for second, event in steps:
        # what is kept and decoded after a picture's last step no step tells of: some seconds
        assert event.seconds_left == pytest.approx(end - second, rel=0.25, abs=10)


def test_a_budget_is_kept_by_the_whole_request(program_of: ProgramOf):
    program, machine = program_of(noise=0)
    for steps in (12, 6, 8):
        draw(program, machine, **FINISHED, sampling={"steps": steps})
    for fields in FIRST_THREE:
        draw(program, machine, **fields)
    enlarge = {"by": 2, "upscaler": "photo", "repaint": 0.4, "steps": 2}
    for budget, seconds in (("2 min", 120), ("3 min", 180)):
        job, took = draw(program, machine, enlarge=enlarge, sampling={"budget": budget})
        assert took <= seconds * 1.05
        assert took > 0.8 * seconds or job.plan.shots[0].generate.steps == 60
    sentence = r"20 s is below what one step takes with full here; allow .* s at least"
    with pytest.raises(RequestError, match=sentence):
        draw(program, machine, enlarge=enlarge, sampling={"budget": "20 s"})


def test_an_upscaler_that_was_never_measured_leaves_a_budget_to_the_drawing(program_of: ProgramOf):
    program, machine = program_of(noise=0)
    for fields in FIRST_THREE:
        draw(program, machine, **fields)
    enlarge = {"by": 2, "upscaler": "photo", "repaint": 0}
    enlarged, plain = (
        program.plan(
            read_request({"models": {"base": "full"}, "faces": NO_FACES, "sampling": {"budget": "45 s"}, **more})
        )
        for more in ({"enlarge": enlarge}, {})
    )
    assert enlarged.shots[0].generate == plain.shots[0].generate
    assert program.promise(enlarged) is None
    assert program.promise(plain) is not None


def with_lora(plan: Plan) -> Plan:
    lora = Lora(name="ink", unet_weight=1, text_weight=1)
    (shot,) = plan.shots
    passes = [each.model_copy(update={"loras": (lora,)}) for each in shot.passes if isinstance(each, Generate)]
    return plan.model_copy(update={"shots": (shot.model_copy(update={"passes": tuple(passes)}),)})


def test_how_near_the_memory_is_goes_by_the_models_and_the_loras_on_them(plan_of: Callable[..., Plan], tmp_path: Path):
    plain, other = plan_of(models={"refiner_switch": 1}), plan_of()
    experience = Experience(Timings(tmp_path / "timings.json"))
    assert experience.nearness(plain) is Nearness.NOTHING
    experience.loaded(plain)
    assert [experience.nearness(each) for each in (plain, with_lora(plain), other)] == [
        Nearness.ALL, Nearness.MODELS, Nearness.OTHER_MODELS,
    ]  # fmt: skip
    experience.begin(plain)  # until it ends well, what it leaves behind is not known
    assert experience.nearness(plain) is Nearness.NOTHING


def ready_after(experience: Experience) -> frozenset[str]:
    """What the next job is promised to find in memory."""
    return experience.speeds(None).ready


def test_a_job_behind_another_is_promised_what_that_one_leaves_in_memory(plan_of: Callable[..., Plan]):
    plan, experience = plan_of(), Experience(Timings())
    experience.begin(plan)
    assert ready_after(experience) == set(plan.models)
    experience.failed()
    assert ready_after(experience) == set(), "what a failure leaves there nobody knows"


def test_a_promise_that_is_asked_for_while_its_like_is_drawn_counts_no_reading_of_models(program_of: ProgramOf):
    program, machine = program_of(load=40, noise=0)
    draw(program, machine, sampling={"steps": 4})
    _, took = draw(program, machine, sampling={"steps": 4})
    asked = read_request({**FULL, "sampling": {"steps": 4}})
    promises: list[Promise | None] = []
    machine.meanwhile = lambda: promises.append(program.promise(program.plan(asked)))
    draw(program, machine, sampling={"steps": 4})
    assert [each and each.seconds for each in promises] == [pytest.approx(took, rel=0.01)] * len(promises)
    assert promises


def test_how_long_the_engine_took_to_be_made_is_not_learnt_as_the_time_of_anything(
    catalog: Catalog, full: LocalModel, tmp_path: Path
):
    clock, timings = Clock(), Timings()
    machine = Machine(clock=clock, rng=random.Random(0), load=9, noise=0)

    def make() -> Machine:
        clock.now += 60
        return machine

    whole = ChangingCatalog(replace(catalog, models={**catalog.models, full.name: full}))
    archive = Archive(tmp_path)
    program = Fooo(
        catalog=whole,
        make_engine=make,
        archive=archive,
        draw_seed=lambda: 1,
        experience=Experience(timings, clock),
    )
    _, took = draw(program, machine, sampling={"steps": 4})
    program.close()
    (timed,) = timings.all()
    assert isinstance(timed, Timed)
    assert took > 60
    assert timed.cold_start == pytest.approx(9 + machine.words, rel=0.01)
