"""What comes after a picture is drawn: which passes, in which order, with which numbers, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fooo.catalog import Catalog
from fooo.catalog.about import About
from fooo.catalog.shelf.detectors import DetectorFile, DetectorKind
from fooo.errors import RequestError, UnknownName
from fooo.plan import Enlarge, Fit, Generate, Mend, Plan, make_plan, needed_files
from fooo.plan.plan import Source, Span, Texts
from fooo.plan.prompt.notices import NoFaceDetector, ResearchOnly
from fooo.request import Size, read_request
from tests.detectors import CENTERFACE

PICTURE = "a" * 64
PHOTO, DRAWING = "RealESRGAN_x4plus", "RealESRGAN_x4plus_anime_6B"
HANDS = DetectorFile(name="hands", kind=DetectorKind.YOLO, path=Path("hands.onnx"))

Planned = Callable[..., Plan]


@pytest.fixture
def equipped(catalog: Catalog) -> Catalog:
    """With upscalers and detectors."""
    upscalers = {name: Path(f"{name}.safetensors") for name in (PHOTO, DRAWING)}
    return replace(catalog, upscalers=upscalers, detectors=(CENTERFACE, HANDS))


@pytest.fixture
def planned(equipped: Catalog) -> Planned:
    def plan(catalog: Catalog = equipped, **fields: object) -> Plan:
        request = read_request({"prompt": "a cat", **fields})
        return make_plan(request, catalog, fallback_seed=7, pictures={PICTURE: Size(width=100, height=60)})

    return plan


def kinds(plan: Plan) -> list[str]:
    return [each.kind for each in plan.shots[0].passes]


def size_of(plan: Plan) -> str:
    return str(plan.shots[0].size)


def test_things_are_mended_before_the_picture_is_enlarged_and_repainted(planned: Planned):
    things = [{"detector": "hands", "words": "a hand", "most": 2}]
    plan = planned(faces={"on": True}, things=things, enlarge={"by": 2, "repaint": 0.4})
    assert kinds(plan) == ["generate", "mend", "mend", "enlarge", "generate"]
    faces, hands = (each for each in plan.shots[0].passes if isinstance(each, Mend))
    assert (faces.detector, faces.words, faces.most) == ("centerface", "detailed face", 8)
    assert (hands.detector, hands.words, hands.most) == ("hands", "a hand", 2)


def test_parts_are_drawn_by_the_base_alone_at_its_native_size_with_their_own_noise(planned: Planned):
    sampling = {"variation": {"seed": 3, "strength": 0.2}, "tiling": "x", "steps": 12}
    plan = planned(size="144x112", faces={"on": True, "strength": 0.3}, sampling=sampling)
    first, mend = plan.shots[0].passes
    assert isinstance(first, Generate)
    assert isinstance(mend, Mend)
    assert first.refiner is not None
    drawn = mend.generate
    assert (drawn.refiner, drawn.variation, drawn.tiling.value, drawn.window) == (None, None, "none", None)
    assert (drawn.steps, drawn.strength, str(drawn.size)) == (12, 0.3, "128x128")
    assert drawn.base == first.base


def test_enlarging_takes_the_upscaler_of_the_styles_and_ends_at_the_size(planned: Planned):
    assert [
        (each.upscaler, str(each.size))
        for style in ((), ("Line Art",))
        for each in planned(styles=style, enlarge={"by": 1.5}).shots[0].passes
        if isinstance(each, Enlarge)
    ] == [(PHOTO, "192x192"), (DRAWING, "192x192")]
    assert size_of(planned(enlarge={"to": [333, 111], "upscaler": "drawing"})) == "333x111"


def test_a_repainted_picture_is_drawn_in_windows_where_the_model_knows_no_such_size(planned: Planned):
    whole = planned(enlarge={"by": 1.2, "repaint": 0.3}).shots[0].passes[-2]
    windowed = planned(enlarge={"by": 3, "repaint": 0.3, "steps": 9}, sampling={"step_cache": 2}).shots[0].passes[-1]
    assert isinstance(whole, Generate)
    assert isinstance(windowed, Generate)
    assert (whole.window, windowed.window) == (None, Size(width=128, height=128))
    assert (windowed.steps, windowed.strength, windowed.step_cache) == (9, 0.3, 1)


def test_sides_that_no_network_draws_are_drawn_a_little_larger_and_cut(planned: Planned):
    *_, enlarge, drawn, last = planned(enlarge={"to": [301, 203], "repaint": 0.3}).shots[0].passes
    assert (str(enlarge.size), str(drawn.size)) == ("304x208", "304x208")
    assert last == Fit(size=Size(width=301, height=203))


def test_a_preset_mends_what_is_drawn_and_not_what_is_only_kept(equipped: Catalog, planned: Planned):
    pocket = equipped.presets["pocket"]
    preset = replace(pocket, partial={**pocket.partial, "faces": {"on": True}})
    catalog = replace(equipped, presets={**equipped.presets, "pocket": preset})
    start = {"kind": "keep", "picture": PICTURE}
    assert kinds(planned(catalog)) == ["generate", "mend"]
    assert kinds(planned(catalog, faces={"on": False})) == ["generate"]
    assert kinds(planned(catalog, start=start)) == ["open"]
    assert kinds(planned(catalog, start=start, faces={"on": True})) == ["open", "mend"]
    assert planned(catalog).request.faces.on is True


def test_without_a_detector_a_preset_says_so_and_a_person_is_told_how_to_get_one(equipped: Catalog, planned: Planned):
    pocket = equipped.presets["pocket"]
    preset = replace(pocket, partial={**pocket.partial, "faces": {"on": True}})
    bare = replace(equipped, detectors=(), presets={**equipped.presets, "pocket": preset})
    plan = planned(bare)
    assert (kinds(plan), plan.notices) == (["generate"], (NoFaceDetector("centerface"),))
    assert plan.request.faces.on is False
    with pytest.raises(RequestError, match=r"^faces.on: no face detector is here; fetch it: python launch.py models"):
        planned(bare, faces={"on": True})
    assert [file.name for file in needed_files(read_request({"faces": {"on": True}}), bare)] == ["centerface.onnx"]


def test_an_upscaler_that_is_not_here_is_offered_or_refused(equipped: Catalog, planned: Planned):
    bare = replace(equipped, upscalers={})
    with pytest.raises(RequestError, match=r"^enlarge.upscaler: 'RealESRGAN_x4plus' is not here; fetch it"):
        planned(bare, enlarge={"by": 2})
    needed = needed_files(read_request({"enlarge": {"by": 2}}), bare)
    assert [file.name for file in needed] == ["RealESRGAN_x4plus.safetensors"]
    with pytest.raises(UnknownName, match=r"^enlarge.upscaler: there is no 'mine'"):
        planned(enlarge={"by": 2, "upscaler": "mine"})
    with pytest.raises(UnknownName, match=r"^things.0.detector: there is no 'feet'"):
        planned(things=[{"detector": "feet"}])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"enlarge": {"to": [32_768, 32_768]}}, "enlarge.to"),
        ({"size": "4096x4096", "enlarge": {"by": 8}}, "enlarge.by"),
        ({"enlarge": {"by": 2, "repaint": 0.05, "steps": 100}}, "enlarge.repaint"),
        ({"faces": {"on": True, "strength": 0.01}}, "faces.strength"),
    ],
)
def test_what_is_beyond_memory_or_the_model_is_refused_by_field(
    planned: Planned, fields: dict[str, object], field: str
):
    with pytest.raises(RequestError) as refused:
        planned(**fields)
    assert refused.value.field == field


def test_nothing_is_done_where_nothing_is_asked_for(planned: Planned):
    assert kinds(planned()) == ["generate"]


def test_planning_the_plans_own_request_again_gives_the_same_shots(equipped: Catalog, planned: Planned):
    plan = planned(faces={"on": True}, enlarge={"by": 2.5, "repaint": 0.4}, size="100x70")
    assert make_plan(plan.request, equipped, fallback_seed=99).shots == plan.shots


def test_loras_of_the_prompt_are_on_every_pass_that_draws(equipped: Catalog, planned: Planned):
    catalog = replace(equipped, loras={"loras/soft": Path("soft.safetensors")})
    plan = planned(catalog, prompt="a cat <lora:soft:0.5>", faces={"on": True}, enlarge={"by": 2, "repaint": 0.4})
    first, mend, _, again = plan.shots[0].passes
    assert isinstance(first, Generate)
    assert isinstance(mend, Mend)
    assert isinstance(again, Generate)
    assert [each.name for each in first.loras] == ["loras/soft"]
    assert first.loras == mend.generate.loras == again.loras


def test_a_pack_for_research_says_so_before_it_is_used_and_not_otherwise(equipped: Catalog, planned: Planned):
    pack = DetectorFile(
        name="antelope", kind=DetectorKind.INSIGHTFACE, path=Path("antelope"), terms=About(en="no", zh="no")
    )
    catalog = replace(equipped, detectors=(pack, CENTERFACE))
    assert planned(catalog, faces={"on": True}).notices == (ResearchOnly("antelope"),)
    assert planned(catalog).notices == planned(faces={"on": True}).notices == ()


def test_a_presets_repaint_is_for_twice_the_size_and_a_persons_for_any(equipped: Catalog, planned: Planned):
    pocket = equipped.presets["pocket"]
    preset = replace(pocket, partial={**pocket.partial, "enlarge": {"repaint": 0.38, "steps": 18}})
    catalog = replace(equipped, presets={**equipped.presets, "pocket": preset})
    assert kinds(planned(catalog, enlarge={"by": 2})) == ["generate", "enlarge", "generate"]
    assert kinds(planned(catalog, enlarge={"by": 4})) == ["generate", "enlarge"]
    assert kinds(planned(catalog, enlarge={"by": 4, "repaint": 0.3})) == ["generate", "enlarge", "generate"]
    plan = planned(catalog, enlarge={"by": 4})
    assert make_plan(plan.request, catalog, fallback_seed=1).shots == plan.shots


def test_what_is_smaller_than_the_model_draws_well_is_not_drawn_anew(planned: Planned):
    start = {"kind": "keep", "picture": PICTURE}
    assert kinds(planned(start=start, enlarge={"by": 1.1, "repaint": 0.5})) == ["open", "enlarge"]


@pytest.mark.parametrize("style", ["line art", "Random Style"])
def test_the_upscaler_is_the_same_when_it_is_planned_again(equipped: Catalog, planned: Planned, style: str):
    plan = planned(styles=[style], enlarge={"by": 2})
    again = make_plan(plan.request, equipped, fallback_seed=99)
    assert again.shots[0].passes == plan.shots[0].passes
    if style == "line art":
        assert isinstance(plan.shots[0].passes[-1], Enlarge)
        assert plan.shots[0].passes[-1].upscaler == DRAWING


def test_a_record_names_the_detector_so_that_another_one_changes_nothing(equipped: Catalog, planned: Planned):
    plan = planned(faces={"on": True})
    pack = DetectorFile(name="antelope", kind=DetectorKind.INSIGHTFACE, path=Path("antelope"))
    with_pack = replace(equipped, detectors=(pack, *equipped.detectors))
    assert make_plan(plan.request, with_pack, fallback_seed=1).shots == plan.shots
    assert planned(with_pack, faces={"on": True}).shots != plan.shots


def test_exactly_adds_nothing_to_what_is_said_of_a_face_either(planned: Planned):
    words = [
        each.words
        for said in ({}, {"words": "a calm face"})
        for each in planned(exactly=True, faces={"on": True, **said}).shots[0].passes
        if isinstance(each, Mend)
    ]
    assert words == ["", "a calm face"]


def test_a_side_that_webp_cannot_have_is_refused_before_anything_is_drawn(planned: Planned):
    with pytest.raises(RequestError, match=r"^output.format: WebP has no side above 16,383 pixels"):
        planned(enlarge={"to": [20_000, 1_000]}, output={"format": "webp"})


@pytest.mark.parametrize("preset", ["", "true colours"])
def test_of_a_picture_without_words_a_face_is_still_said_to_be_one(preset: str):
    spans = (Span(text=preset, source=Source.PRESET),) if preset else ()
    said = Texts(positive_spans=spans).with_phrases(["detailed face"])
    assert said.positive == ("detailed face, true colours" if preset else "detailed face")
    assert Texts(positive_spans=spans).with_phrases([]).positive == preset
