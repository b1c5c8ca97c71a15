"""Records in PNG, JPEG and WebP: ours as it was, and the same for the rest of the world."""

import io
from collections.abc import Callable

import numpy as np
import pytest
import sd_parsers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fooo.image import Picture
from fooo.plan import Plan, Texts
from fooo.plan.plan import Lora
from fooo.record import (
    ModelUsed,
    Program,
    Record,
    picture_bytes,
    read,
    read_record,
    read_text,
    write_record,
)
from fooo.record.infotext import parse_infotext
from fooo.record.parameters import parameters_text
from fooo.record.picture_texts import texts_of
from fooo.request import FileFormat

PICTURE = Picture(np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8))


@pytest.mark.parametrize("file_format", FileFormat)
def test_the_record_comes_back_from_every_kind_of_file(record: Record, file_format: FileFormat):
    content = picture_bytes(PICTURE, record, file_format)
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == file_format.value.upper()
    assert read_record(content) == record
    found = read(content)
    assert found is not None
    assert (found.program, found.record, found.request, found.losses) == (Program.FOOO, record, record.request, ())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)  # the record is frozen
@given(
    prompt=st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=300),
    file_format=st.sampled_from(FileFormat),
)
def test_any_prompt_comes_back_from_every_kind_of_file(record: Record, prompt: str, file_format: FileFormat):
    told = record.model_copy(update={"request": record.request.model_copy(update={"prompt": prompt})})
    assert read_record(picture_bytes(PICTURE, told, file_format)) == told


@pytest.mark.parametrize("file_format", FileFormat)
def test_the_longest_prompt_comes_back_from_every_kind_of_file(record: Record, file_format: FileFormat):
    letters = np.random.default_rng(1).integers(0x4E00, 0x9FFF, 10_000)
    prompt = "".join(map(chr, letters))
    shot = record.shot.model_copy(update={"texts": Texts.of(prompt)})
    told = record.model_copy(update={"request": record.request.model_copy(update={"prompt": prompt}), "shot": shot})
    assert read_record(picture_bytes(PICTURE, told, file_format)) == told


@pytest.mark.parametrize("file_format", FileFormat)
def test_without_a_record_nothing_is_written(file_format: FileFormat):
    content = picture_bytes(PICTURE, None, file_format)
    assert texts_of(content) == {}
    assert read(content) is None


def test_the_fields_stand_in_the_webuis_order_and_hashes_are_those_that_are_known(plan_of: Callable[..., Plan]):
    plan = plan_of(
        prompt="a (cat:1.2)",
        negative="blurry",
        sampling={"seed": 7, "variation": {"seed": 3, "strength": 0.2}, "steps": 20},
        models={"refiner": "pocket/refiner", "refiner_switch": 0.5},
    )
    shot = plan.shots[0]
    generate = shot.generate.model_copy(update={"base": "a/big.safetensors", "vae": "v.safetensors"})
    shot = shot.model_copy(update={"passes": (generate,)})
    models = tuple(
        ModelUsed(name=name, sha256=digit * 64) for name, digit in (("a/big.safetensors", "a"), ("pocket/refiner", "b"))
    )
    told = parameters_text(write_record(plan, shot, models=models, seconds=1, steps_done=20))
    said = parse_infotext(told)
    assert said is not None
    assert (said.prompt, said.negative) == ("a (cat:1.2)", "blurry")
    assert list(said.fields) == [
        "Steps", "Sampler", "Schedule type", "CFG scale", "Seed", "Size", "Model hash", "Model", "VAE",
        "Variation seed", "Variation seed strength", "Refiner", "Refiner switch at", "Hashes", "Version",
    ]  # fmt: skip
    assert said.fields["Model hash"] == "a" * 10  # AutoV2
    assert said.fields["Model"] == "big"
    assert said.fields["Refiner"] == "pocket/refiner"  # a folder has no such hash
    assert said.fields["Hashes"] == '{"model": "aaaaaaaaaa"}'
    assert said.fields["Refiner switch at"] == "0.5"


def test_loras_stand_in_the_prompt_where_the_webui_looks_for_them(record: Record):
    lora = Lora(name="mine/ink.safetensors", unet_weight=0.5, text_weight=0.5)
    generate = record.shot.generate.model_copy(update={"loras": (lora,)})
    shot = record.shot.model_copy(update={"passes": (generate,)})
    used = ModelUsed(name=lora.name, sha256="c" * 64)
    told = parse_infotext(parameters_text(record.model_copy(update={"shot": shot, "models": (used,)})))
    assert told is not None
    assert told.prompt.endswith("<lora:ink:0.5>")
    assert told.fields["Lora hashes"] == "ink: cccccccccc"


def test_what_we_write_for_others_is_read_as_what_we_drew(record: Record):
    text = texts_of(picture_bytes(PICTURE, record))["parameters"]
    found = read_text(text)
    assert found is not None
    drawn = record.shot.generate
    sampling = found.request.sampling
    assert found.program is Program.FOOO
    assert (sampling.steps, sampling.sampler, sampling.schedule, sampling.seed) == (
        drawn.steps, drawn.sampler.value, drawn.schedule.value, record.shot.seed,
    )  # fmt: skip
    assert (found.request.models.base, found.request.models.refiner) == (drawn.base, drawn.refiner)
    assert found.losses == ()


@pytest.mark.parametrize("file_format", FileFormat)
def test_sd_parsers_reads_what_we_write(record: Record, file_format: FileFormat):
    with Image.open(io.BytesIO(picture_bytes(PICTURE, record, file_format))) as image:
        found = sd_parsers.ParserManager().parse(image)
    assert found is not None
    assert found.generator.value == "AUTOMATIC1111"
    assert found.full_prompt == record.shot.texts.positive
    (sampler,) = found.samplers
    assert sampler.name == record.shot.generate.sampler.label
    assert sampler.parameters["seed"] == str(record.shot.seed)
    assert sampler.parameters["steps"] == str(record.shot.generate.steps)
    assert sampler.model is not None
    assert sampler.model.name == record.shot.generate.base
