"""Our pictures for ComfyUI and for diffusers."""

import ast
import json
from collections.abc import Callable
from typing import Any, cast

import diffusers
import pytest

from fooo.catalog import Catalog, Sampler, Schedule
from fooo.plan import Enlarge, Plan
from fooo.plan.plan import Lora
from fooo.record import ModelUsed, Program, Record, read_text, write_record
from fooo.record.export import as_comfyui, as_diffusers_script
from fooo.record.export.words import plain_words, weighted_words
from fooo.request import Size

NODES = frozenset(
    (
        "CheckpointLoaderSimple", "DiffusersLoader", "LoraLoader", "CLIPSetLastLayer", "CLIPTextEncode",
        "EmptyLatentImage",
        "KSampler", "KSamplerAdvanced", "VAEDecode", "VAEEncode", "VAELoader", "SaveImage", "ImageScale",
        "UpscaleModelLoader", "ImageUpscaleWithModel",
    )
)  # fmt: skip
"""ComfyUI's own."""
SAMPLERS = frozenset((
    "euler", "euler_ancestral", "heun", "dpm_2", "dpm_2_ancestral", "lms", "dpm_adaptive", "dpmpp_2s_ancestral",
    "dpmpp_sde", "dpmpp_2m", "dpmpp_2m_sde", "dpmpp_3m_sde", "ddpm", "lcm", "ddim", "uni_pc",
))  # fmt: skip
SCHEDULERS = frozenset(("normal", "karras", "exponential", "sgm_uniform", "simple", "ddim_uniform", "beta"))


def record_of(plan: Plan, **changes: object) -> Record:
    shot = plan.shots[0]
    shot = shot.model_copy(update={"passes": (shot.generate.model_copy(update=changes),)})
    models = (ModelUsed(name="pocket/base", sha256="0" * 64),)
    return write_record(plan, shot, models=models, seconds=1, steps_done=1)


def graph_of(record: Record) -> dict[str, Any]:
    return json.loads(as_comfyui(record).text)


def test_the_graph_is_whole_and_of_comfyuis_own_nodes(plan_of: Callable[..., Plan]):
    lora = Lora(name="ink.safetensors", unet_weight=0.5, text_weight=0.4)
    plan = plan_of(models={"refiner": "pocket/refiner"})
    record = record_of(plan, loras=(lora,), vae="v.safetensors", clip_skip=2, base="big.safetensors")
    enlarged = (*record.shot.passes, Enlarge(size=Size(width=512, height=512), upscaler="x4.safetensors"))
    record = record.model_copy(update={"shot": record.shot.model_copy(update={"passes": enlarged})})
    graph = graph_of(record)
    assert {node["class_type"] for node in graph.values()} <= NODES
    inputs = [value for node in graph.values() for value in node["inputs"].values()]
    sources = [cast(list[Any], value)[0] for value in inputs if isinstance(value, list)]
    assert sources
    assert set(sources) <= set(graph)
    assert [node["class_type"] for node in graph.values()].count("KSamplerAdvanced") == 2


def test_a_graph_is_read_as_the_picture_that_it_draws(plan_of: Callable[..., Plan]):
    record = record_of(plan_of(prompt="a (cat:1.2), ink", negative="blurry", sampling={"seed": 7, "steps": 20}))
    found = read_text(as_comfyui(record).text)
    assert found is not None
    drawn = record.shot.generate
    request, sampling = found.request, found.request.sampling
    assert found.program is Program.COMFYUI
    assert (request.prompt, request.negative) == ("a (cat:1.2), ink", "blurry")
    assert (sampling.seed, sampling.steps, sampling.guidance) == (7, 20, drawn.guidance)
    assert (sampling.sampler, sampling.schedule) == (drawn.sampler.value, drawn.schedule.value)
    assert request.models.base == drawn.base
    assert str(request.size) == str(drawn.size)


@pytest.mark.parametrize("sampler", Sampler)
def test_every_sampler_has_a_name_in_comfyui_and_a_class_in_diffusers(plan_of: Callable[..., Plan], sampler: Sampler):
    record = record_of(plan_of(), sampler=sampler, refiner=None, refiner_step=None)
    samplers = [node["inputs"].get("sampler_name") for node in graph_of(record).values()]
    assert {name for name in samplers if name} <= SAMPLERS
    script = as_diffusers_script(record).text
    (imported,) = (node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.ImportFrom))
    assert imported.module == "diffusers"
    assert {each.name for each in imported.names} <= set(dir(diffusers))  # which imports none of them


@pytest.mark.parametrize("schedule", Schedule)
def test_every_schedule_is_known_there_or_told(plan_of: Callable[..., Plan], schedule: Schedule):
    record = record_of(plan_of(), schedule=schedule)
    export = as_comfyui(record)
    names = {node["inputs"].get("scheduler") for node in json.loads(export.text).values()} - {None}
    assert names <= SCHEDULERS
    told = any(schedule.label in line for line in export.left_out)
    assert told == (schedule.value not in SCHEDULERS)


def test_the_script_compiles_whatever_the_prompt_is(plan_of: Callable[..., Plan]):
    prompt = 'a "quoted"\n\\ {cat} \'\'\' """ 红 (x:1.2) [a:b:0.5] BREAK c AND d'
    export = as_diffusers_script(record_of(plan_of(prompt=prompt)))
    compile(export.text, "script.py", "exec")
    assert {"Words have no weights here.", "BREAK is a space here."} <= set(export.left_out)


def test_the_script_calls_public_names_only(plan_of: Callable[..., Plan], catalog: Catalog):
    lora = Lora(name="ink.safetensors", unet_weight=0.5, text_weight=0.5)
    record = record_of(plan_of(models={"refiner": "pocket/refiner"}), loras=(lora,), vae="v.safetensors")
    tree = ast.parse(as_diffusers_script(record, catalog).text)
    names = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    names += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assert not [name for name in names if name.startswith("_")]
    assert "exec" not in names
    assert "eval" not in names


def test_what_has_no_form_elsewhere_is_told(plan_of: Callable[..., Plan]):
    record = record_of(plan_of(sampling={"sharpness": 2, "tiling": "both"}))
    for export in (as_comfyui(record), as_diffusers_script(record)):
        assert {"Left out: sharpness.", "Left out: tiling."} <= set(export.left_out)


@pytest.mark.parametrize(
    ("text", "weighted", "plain"),
    [
        ("a cat", "a cat", "a cat"),
        ("a ((cat)), [dog]", "a (cat:1.21), (dog:0.9091)", "a cat, dog"),
        (r"a \(cat\)", r"a \(cat\)", "a (cat)"),
        ("<lora:x:1>a embedding:e", "a embedding:e", "a e"),
        ("(a (b:2):0.5)", "(a :0.5)b", "a b"),
    ],
)
def test_prompts_are_said_in_simpler_words(text: str, weighted: str, plain: str):
    assert (weighted_words(text).text, plain_words(text).text) == (weighted, plain)
