"""Guidance and clip skip against diffusers' own pipelines, on small random networks, float32."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import Catalog, LocalModel, ModelKind
from fooo.pipeline import Additions, TextEncoders, denoise, prepare_run
from fooo.plan import Generate, plain
from fooo.request import GuidanceOptions
from tests.oracle.conftest import TOLERANCE, Oracles, networks_of
from tests.oracle.test_loop_against_diffusers import GUIDANCE, SEED, SEEN, SIZE, STEPS, WORDS, distance, go_on, shot_of
from tests.oracle.text_towers import Kind, towers_of
from tests.small_checkpoints import loud, models_in, write_checkpoint

# Their types say less than is true, so both are taken as untyped here.
diffusers: Any = importlib.import_module("diffusers")

COMMON: dict[str, Any] = {
    "prompt": WORDS, "negative_prompt": "", "num_inference_steps": STEPS, "guidance_scale": GUIDANCE,
    "height": SIZE.height, "width": SIZE.width, "output_type": "latent",
}  # fmt: skip


def theirs(pipeline: Any, **more: Any) -> torch.Tensor:
    return pipeline(**COMMON, generator=torch.Generator("cpu").manual_seed(SEED), **more).images


def ours(oracles: Oracles, **wishes: Any) -> torch.Tensor:
    shot = shot_of()
    generate: Generate = shot.generate.model_copy(update={"schedule": oracles.schedule, **wishes})
    return denoise(prepare_run(shot, generate, oracles.networks, watch=go_on)).latents


def test_rescaled_guidance_of_a_model_that_tells_v_is_that_of_diffusers(oracles: Oracles):
    """diffusers rescales what the network tells, whatever that is; here it is always v."""
    found = ours(oracles, guidance_options=GuidanceOptions(rescale=0.7))
    apart = distance(found, theirs(oracles.base, guidance_rescale=0.7))
    if oracles.base.scheduler.config.prediction_type == "v_prediction":
        assert apart <= oracles.tolerance
    else:
        assert apart >= SEEN
    assert distance(found, theirs(oracles.base)) >= SEEN


def test_perturbed_attention_is_that_of_diffusers(oracles: Oracles):
    parts = {**oracles.base.components, "image_encoder": None, "feature_extractor": None}
    pipeline = diffusers.StableDiffusionXLPAGPipeline(**parts, pag_applied_layers="mid", add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    found = ours(oracles, guidance_options=GuidanceOptions(perturbed_attention=3.0))
    assert distance(found, theirs(pipeline, pag_scale=3.0)) <= oracles.tolerance
    assert distance(found, theirs(oracles.base)) >= SEEN


CLIP_SKIPS = [(Kind.POCKET, 2), (Kind.POCKET, 3), (Kind.POCKET, 4), (Kind.RANDOM, 2), (Kind.RANDOM, 3)]
"""As far as there are layers."""


@pytest.mark.parametrize(("kind", "clip_skip"), CLIP_SKIPS)
def test_clip_skip_hears_the_layer_that_diffusers_hears(catalog: Catalog, tmp_path: Path, kind: Kind, clip_skip: int):
    """diffusers counts from the layer that SDXL was trained with, the last but one."""
    towers = towers_of(kind, catalog, tmp_path)
    pipeline = diffusers.StableDiffusionXLPipeline(
        None, towers.first.network, towers.second.network, towers.first.tokenizer, towers.second.tokenizer, None, None,
        add_watermarker=False,
    )  # fmt: skip
    with torch.no_grad():
        wanted, _, pooled, _ = pipeline.encode_prompt(
            "a red cat", device="cpu", do_classifier_free_guidance=False, clip_skip=clip_skip - 2
        )
    (found,) = towers.encoders.encode(towers.model, [plain("a red cat")], Additions(clip_skip=clip_skip))
    assert distance(found.both, wanted) <= TOLERANCE
    assert distance(found.pooled, pooled) <= TOLERANCE
    (usual,) = towers.encoders.encode(towers.model, [plain("a red cat")])
    assert (distance(usual.both, found.both) >= SEEN) is (clip_skip != 2)


@pytest.fixture(scope="module")
def first_stable_diffusion(tmp_path_factory: pytest.TempPathFactory) -> tuple[LocalModel, TextEncoders, Any]:
    folder = tmp_path_factory.mktemp("models")
    networks = loud(ModelKind.SD1)
    write_checkpoint(folder / "sd.safetensors", networks)
    model = models_in(folder)["sd.safetensors"]
    return model, networks_of(model, None).encoders, networks.text_encoder


@pytest.mark.parametrize("clip_skip", [1, 2, 3])
def test_a_tower_with_a_norm_behind_it_has_it_behind_every_layer(
    first_stable_diffusion: tuple[LocalModel, TextEncoders, Any], clip_skip: int
):
    """As diffusers does for SD 1.x, written out: its pipeline asks the tower for a name that is no more there."""
    model, encoders, tower = first_stable_diffusion
    (found,) = encoders.encode(model, [plain("cat")], Additions(clip_skip=clip_skip))
    # the tokens of one word, its marks and padding, by SD 1.x's vocabulary
    ids = torch.tensor([[49406, 2368, *[49407] * 75]])
    with torch.no_grad():
        layers = tower(ids, output_hidden_states=True).hidden_states
        wanted = tower.final_layer_norm(layers[-clip_skip])
    assert distance(found.first, wanted) <= TOLERANCE
    (usual,) = encoders.encode(model, [plain("cat")])
    assert (distance(usual.first, found.first) >= SEEN) is (clip_skip != 1)
