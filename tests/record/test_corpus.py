"""Pictures of other programs, each in its documented form, read as they were made."""

import io
from typing import Any

import pytest
import sd_parsers
from PIL import Image

from fooo.catalog import Catalog
from fooo.plan import make_plan
from fooo.record import LossKind, read, read_text
from fooo.record.picture_texts import texts_of
from fooo.request import StrengthSteps, read_request
from tests.record.corpus import comfyui, json_forms, webui
from tests.record.corpus.sample import Sample

SAMPLES = (*webui.SAMPLES, *json_forms.SAMPLES, *comfyui.SAMPLES)

KNOWN_TO_SD_PARSERS = (
    "webui", "webui, iTXt", "webui, zTXt", "webui, JPEG", "Fooocus", "InvokeAI 5", "InvokeAI 2", "InvokeAI 1",
    "NovelAI", "ComfyUI",
)  # fmt: skip
"""Not what a transparency hides: it remembers that by the picture's place in memory, and mixes pictures up."""


def test_the_corpus_has_forty_samples_of_ten_programs():
    assert len({sample.name for sample in SAMPLES}) >= 40
    assert len({sample.program for sample in SAMPLES}) == 9  # our own pictures are the tenth


def at(content: Any, path: str) -> Any:
    for name in path.split("."):
        content = None if content is None else content[name]
    return content


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_picture_of_another_program_is_read_as_it_was_made(sample: Sample):
    found = read(sample.file)
    assert found is not None
    assert found.program is sample.program
    request = found.request.model_dump(mode="json")
    assert {path: at(request, path) for path in sample.expects} == dict(sample.expects)
    assert {(loss.kind, loss.at) for loss in found.losses} == sample.losses
    assert found.strength == sample.strength


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_is_not_here_is_left_open_and_told_so_that_the_rest_can_be_planned(sample: Sample, catalog: Catalog):
    found = read(sample.file, catalog)
    assert found is not None
    assert found.request.models.base is None
    assert found.request.models.loras == ()
    assert "<lora:" not in found.request.prompt
    if sample.expects.get("models.base"):
        assert LossKind.MODEL in {loss.kind for loss in found.losses}
    assert all(loss.sentence.endswith(".") for loss in found.losses)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_picture_of_another_program_can_be_planned_with_what_is_here(sample: Sample, catalog: Catalog):
    found = read(sample.file, catalog)
    assert found is not None
    asked: dict[str, Any] = found.request.model_dump()
    asked["enlarge"] = {}  # its upscaler is published, so every face offers to fetch it
    plan = make_plan(read_request(asked), catalog, fallback_seed=1)
    assert plan.shots[0].seed == found.request.sampling.seed
    if found.request.exactly:
        assert plan.shots[0].texts.positive == plan.shots[0].texts.words


@pytest.mark.parametrize("name", KNOWN_TO_SD_PARSERS)
def test_another_reader_finds_the_same_in_the_forms_that_it_knows(name: str):
    (sample,) = (each for each in SAMPLES if each.name == name)
    ours = read(sample.file)
    with Image.open(io.BytesIO(sample.file)) as image:
        theirs = sd_parsers.ParserManager(eagerness=sd_parsers.Eagerness.EAGER).parse(image)
    assert ours is not None
    assert theirs is not None
    (sampler,) = theirs.samplers
    assert int(sampler.parameters["seed"]) == ours.request.sampling.seed
    assert int(sampler.parameters["steps"] if "steps" in sampler.parameters else theirs.metadata["steps"]) == (
        ours.request.sampling.steps
    )


def test_the_webui_means_a_share_of_the_steps_by_a_strength_and_fooocus_all():
    by_name = {sample.name: read(sample.file) for sample in SAMPLES}
    of_webui, of_comfyui = by_name["webui, image to image"], by_name["ComfyUI, drawn over a picture"]
    assert of_webui is not None
    assert of_comfyui is not None
    assert of_webui.strength_steps is StrengthSteps.SHARE
    assert of_comfyui.strength_steps is StrengthSteps.ALL


@pytest.mark.parametrize(
    "sample", [*webui.SAMPLES[:1], *json_forms.SAMPLES, *comfyui.SAMPLES], ids=lambda sample: sample.name
)
def test_the_same_text_pasted_is_read_the_same(sample: Sample):
    found = read(sample.file)
    texts = [text for text in texts_of(sample.file).values() if text.startswith(("{", "a cat"))]
    pasted = [read_text(text) for text in texts]
    assert not texts or found is None or found.request in [each.request for each in pasted if each]
