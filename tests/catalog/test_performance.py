import re
from dataclasses import replace
from itertools import product

import pytest

from fooo.catalog import DEFAULT_PERFORMANCE, PERFORMANCES, Catalog, Family, ModelKind, Performance, family_of
from fooo.catalog.known_models import known_file
from fooo.errors import RequestError, UnknownName
from fooo.request import read_request
from fooo.settings import ROOT

EVERY = [(family, mode) for family, modes in PERFORMANCES.items() for mode in modes]
DOCS = ROOT / "docs" / "performance.md"


def test_every_family_has_the_default_mode_and_each_name_once():
    for modes in PERFORMANCES.values():
        names = [mode.name for mode in modes]
        assert DEFAULT_PERFORMANCE in names
        assert len(set(names)) == len(names)


def test_the_steps_are_those_that_people_know_from_fooocus():
    steps = {mode.name: mode.steps for mode in PERFORMANCES[Family.SDXL]}
    known = {"Quality": 60, "Speed": 30, "Extreme Speed": 8, "Lightning": 4, "Hyper-SD": 4, "Turbo": 4}
    assert steps == known


@pytest.mark.parametrize(("family", "mode"), EVERY)
def test_what_a_mode_forces_is_a_request(family: Family, mode: Performance):
    request = read_request(mode.forced)
    assert (request.sampling.performance, request.sampling.steps) == (mode.name, mode.steps)
    assert 1 <= mode.fewest <= mode.steps
    if mode.distilled:
        assert (request.sampling.guidance, request.sampling.sharpness, request.models.refiner) == (1, 0, None)
        assert family is Family.SDXL, "the published LoRAs are SDXL's"
    assert [lora.name for lora in request.models.loras] == ([mode.lora] if mode.lora else [])
    assert mode.lora is None or known_file(mode.lora)


def test_a_model_that_says_what_it_has_learnt_is_of_the_pockets_family(catalog: Catalog):
    pocket = catalog.models["pocket/base"]
    assert family_of(pocket) is Family.POCKET
    assert family_of(replace(pocket, knows=None)) is Family.SDXL
    assert family_of(replace(pocket, knows=None, kind=ModelKind.SD2)) is Family.SD


@pytest.mark.parametrize(
    ("name", "family", "sentence"),
    [
        ("Lightning", Family.POCKET, "is for SDXL models, not for pocket ones; choose Quality or Speed or Quick"),
        (
            "lightning",
            Family.SD,
            "is for SDXL models, not for Stable Diffusion 1 or 2 ones; choose Quality or Speed",
        ),
        ("Quick", Family.SDXL, "is for pocket models, not for SDXL ones; choose Quality or Speed or Hyper-SD or"),
    ],
)
def test_a_mode_of_another_family_is_a_sentence_with_what_to_choose(
    catalog: Catalog, name: str, family: Family, sentence: str
):
    with pytest.raises(RequestError, match=sentence) as raised:
        catalog.performance(name, family)
    assert raised.value.field == "sampling.performance"
    assert not isinstance(raised.value, UnknownName)


def test_a_mode_is_found_in_any_capitals(catalog: Catalog):
    assert catalog.performance("hyper-sd", Family.SDXL).name == "Hyper-SD"
    assert catalog.performance_name("QUICK") == "Quick"
    with pytest.raises(UnknownName, match="did you mean: Speed"):
        catalog.performance_name("Sped")


def test_the_table_of_the_docs_is_the_table_of_the_code():
    rows = re.findall(r"^\| (\*\*.+)\|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    told = [tuple(cell.replace("`", "").strip(" *") for cell in row.split("|")) for row in rows]
    assert told == [row_of(family, mode) for family, mode in EVERY]


def row_of(family: Family, mode: Performance) -> tuple[str, ...]:
    distilled = mode.distilled
    if distilled is None:
        return (mode.name, family.value, str(mode.steps), str(mode.fewest), "", "", "", "")
    lora = f"{distilled.lora}, {distilled.weight:g}" if distilled.lora else "none: the base itself"
    loop = (distilled.sampler.label, distilled.schedule.label)
    return (mode.name, family.value, str(mode.steps), str(mode.fewest), lora, *loop, "1")


def test_names_of_models_say_whether_they_were_made_for_turbo():
    modes = {mode.name: mode for mode in PERFORMANCES[Family.SDXL]}
    for (mode, base), says in zip(
        product(("Turbo", "Lightning"), ("DreamShaperXL_Turbo_v2_1.safetensors", "sd_xl_base_1.0")),
        (True, False, False, False),
        strict=True,
    ):
        assert modes[mode].is_said_by(base) is says
