"""Checkpoints of one file against diffusers' own pipelines around the networks that were written into them, float32."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import ModelKind, Sampler, Schedule
from fooo.events import LegName
from fooo.pipeline import Networks, denoise, prepare_run
from fooo.pipeline.conditioning import Conditioning
from fooo.pipeline.moment import CallName
from fooo.plan import Generate, Shot, Texts, plain
from fooo.request import Size
from fooo.settings import ROOT
from tests import adapter_files, model_files
from tests.model_files import Widths
from tests.oracle.conftest import TOLERANCE, diffusers, networks_of
from tests.oracle.test_loop_against_diffusers import SEEN, distance, go_on, with_words
from tests.small_checkpoints import loud, models_in, pipeline_of, write_checkpoint

SIZE, STEPS, GUIDANCE, SEED = Size(width=64, height=96), 3, 4.0, 7
WORDS, NEGATIVE, OTHER_WORDS = "a red apple on a table", "blurry", "three blue cars"
V_MARK = {"v_pred": torch.zeros(0)}


@dataclass(frozen=True)
class Case:
    """A checkpoint as Fooo holds it, and a pipeline of diffusers around the same networks."""

    networks: Networks
    pipeline: Any


CASES: dict[str, tuple[ModelKind, dict[str, torch.Tensor], dict[str, str]]] = {
    "SDXL": (ModelKind.SDXL_BASE, {}, {}),
    "SDXL v": (ModelKind.SDXL_BASE, V_MARK, {"prediction_type": "v_prediction"}),
    "SD 1.x": (ModelKind.SD1, {}, {}),
    "SD 2.x": (ModelKind.SD2, {}, {}),
    "SD 2.x v": (ModelKind.SD2, V_MARK, {"prediction_type": "v_prediction"}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, folder: Path) -> Case:
    kind, marks, scheduler = CASES[request.param]
    made = loud(kind)
    write_checkpoint(folder / f"{request.param}.safetensors", made, marks=marks)
    model = models_in(folder)[f"{request.param}.safetensors"]
    pipeline = pipeline_of(made, folder / f"words of {request.param}", **scheduler)
    return Case(networks_of(model, None), pipeline)


def generate_of(refiner_step: int | None = None) -> Generate:
    return Generate(
        size=SIZE, steps=STEPS, guidance=GUIDANCE, sampler=Sampler.EULER, schedule=Schedule.DDIM_UNIFORM,
        base="base", refiner="refiner" if refiner_step else None, refiner_step=refiner_step,
    )  # fmt: skip


def shot_of(generate: Generate, negative: str = NEGATIVE) -> Shot:
    return Shot(number=0, seed=SEED, texts=Texts.of(WORDS, negative), passes=(generate,))


BLOCKED = """
import socket
import sys

tried = []

def refuse(event, _arguments):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")):
        tried.append(event)  # whoever asks may swallow the error
        raise RuntimeError("it wants to speak to another machine")

sys.addaudithook(refuse)

from pathlib import Path

import torch

from fooo.catalog.local_models import models_on
from fooo.catalog.shelf import kind_of, read_shelf
from fooo.pipeline import TextEncoders
from fooo.plan import plain
from fooo.weights import (
    DeviceKind, LoraUse, MemoryPolicy, NetworkKey, Part, Precision, Residency, load_network, read_embedding,
    read_scheduler_config,
)

single = Precision.FLOAT32
residency = Residency(MemoryPolicy(device=DeviceKind.CPU, precision=single, vae_precision=single))
shelf = read_shelf([Path(sys.argv[1])])
models = models_on(shelf)
print(*sorted(kind_of(file.identity.contents) for file in shelf.files), sep=", ")
for name, model in models.items():
    read_scheduler_config(model)
    unet = load_network(model, Part.UNET)
    if model.kind.base == "SDXL refiner":
        print(name)
    else:
        load_network(model, Part.VAE)
        (words,) = TextEncoders(residency).encode(model, [plain("a cat")])
        print(name, words.both.shape[-1] == unet.config.cross_attention_dim)

sd1 = models["SD1.safetensors"]
print("VAE", len(list(load_network(sd1, Part.VAE, file=shelf.vaes["vae.safetensors"].path).parameters())) > 0)
(embedding,) = read_embedding(shelf.embeddings["words.safetensors"].path, sd1).values()
print("embedding", tuple(embedding.shape))


def weights(*loras):
    with residency.use(NetworkKey(sd1, Part.UNET), loras) as unet:
        return unet.get_parameter("mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight").clone()


lora = LoraUse(shelf.loras["lora.safetensors"].path, 1.0)
print("LoRA", bool((weights() != weights(lora)).any()))
print("tried", tried)
for ask in (lambda: socket.create_connection(("127.0.0.1", 9)), lambda: socket.getaddrinfo("localhost", 80)):
    try:
        ask()
    except RuntimeError as error:
        print(error)
"""


def test_files_load_in_a_process_that_cannot_reach_any_other_machine(tmp_path: Path):
    kinds = (ModelKind.SD1, ModelKind.SD2, ModelKind.SDXL_BASE, ModelKind.SDXL_REFINER)
    for kind in kinds:
        write_checkpoint(tmp_path / f"{kind.name}.safetensors", loud(kind))
    vae = model_files.original(loud(ModelKind.SD1))
    others = {
        "vae": {name: tensor for name, tensor in vae.items() if name.startswith(model_files.VAE)},
        "words": adapter_files.embedding(ModelKind.SD1, Widths.FULL, vectors=2),
        "lora": adapter_files.lora(ModelKind.SD1, only=lambda module: module.endswith("attn2.to_k")),
        "guide": model_files.control_net(ModelKind.SD1).state_dict(),
    }
    for name, tensors in others.items():
        model_files.write(tmp_path / f"{name}.safetensors", tensors)
    # neither an environment that says "offline" nor anything that was fetched before
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, str(tmp_path)], cwd=ROOT, env={"HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "ControlNet, LoRA, VAE, checkpoint, checkpoint, checkpoint, checkpoint, embedding",
        "SD1.safetensors True",
        "SD2.safetensors True",
        "SDXL_BASE.safetensors True",
        "SDXL_REFINER.safetensors",
        "VAE True",
        "embedding (2, 768)",
        "LoRA True",
        "tried []",
        # and the block blocks
        "it wants to speak to another machine",
        "it wants to speak to another machine",
    ], done.stderr


@pytest.fixture(scope="module")
def expected(case: Case) -> torch.Tensor:
    return case.pipeline(
        WORDS, negative_prompt=NEGATIVE, num_inference_steps=STEPS, guidance_scale=GUIDANCE, height=SIZE.height,
        width=SIZE.width, generator=torch.Generator("cpu").manual_seed(SEED), output_type="latent",
    ).images  # fmt: skip


def run_of(case: Case):
    generate = generate_of()
    return prepare_run(shot_of(generate), generate, case.networks, watch=go_on)


def test_a_checkpoint_draws_the_latents_of_diffusers_pipeline(case: Case, expected: torch.Tensor):
    assert distance(denoise(run_of(case)).latents, expected) <= TOLERANCE


def exchanged(case: Case) -> dict[str, Callable[[Conditioning], Conditioning]]:
    """One input of a call exchanged for another of the same kind."""
    (other,) = case.networks.encoders.encode(case.networks.base, [plain(OTHER_WORDS)])
    first = other.first.shape[-1]
    changes: dict[str, Callable[[Conditioning], Conditioning]] = {
        "first tower": lambda words: replace(
            words, context=torch.cat([other.first, words.context[..., first:]], dim=-1)
        ),
    }
    if case.networks.base.kind is ModelKind.SDXL_BASE:
        changes |= {
            "second tower": lambda words: replace(
                words, context=torch.cat([words.context[..., :first], other.second], dim=-1)
            ),
            "pooled": lambda words: replace(words, pooled=other.pooled),
            "size numbers": lambda words: replace(words, numbers=words.numbers.flip(1)),
        }
    return changes


@pytest.mark.parametrize("case", ["SDXL", "SD 1.x", "SD 2.x v"], indirect=True)
@pytest.mark.parametrize("call", list(CallName))
def test_the_oracle_sees_every_input(case: Case, expected: torch.Tensor, call: CallName):
    changes = exchanged(case)
    moved = {
        name: distance(denoise(with_words(run_of(case), LegName.BASE, call, change)).latents, expected)
        for name, change in changes.items()
    }
    assert min(moved.values()) >= SEEN, moved


def test_base_and_refiner_of_one_file_each_give_the_latents_of_diffusers_hand_over(tmp_path: Path):
    made, finer = loud(ModelKind.SDXL_BASE), loud(ModelKind.SDXL_REFINER, seed=1)
    write_checkpoint(tmp_path / "base.safetensors", made)
    write_checkpoint(tmp_path / "refiner.safetensors", finer)
    models = models_in(tmp_path)
    base = pipeline_of(made, tmp_path / "words")
    refiner = diffusers.StableDiffusionXLImg2ImgPipeline(
        made.vae, None, made.text_encoder_2, None, base.tokenizer_2, finer.unet, base.scheduler,
        requires_aesthetics_score=True, force_zeros_for_empty_prompt=False, add_watermarker=False,
    )  # fmt: skip
    refiner.set_progress_bar_config(disable=True)
    common = {
        "negative_prompt": NEGATIVE,
        "num_inference_steps": 5,
        "guidance_scale": GUIDANCE,
        "output_type": "latent",
    }
    half = base(
        WORDS, height=SIZE.height, width=SIZE.width, generator=torch.Generator("cpu").manual_seed(SEED),
        denoising_end=0.8, **common,
    ).images  # fmt: skip
    size = (SIZE.height, SIZE.width)
    wanted = refiner(WORDS, image=half, denoising_start=0.8, original_size=size, target_size=size, **common).images
    networks = networks_of(models["base.safetensors"], models["refiner.safetensors"])

    def drawn(refiner_step: int) -> torch.Tensor:
        generate = generate_of(refiner_step).model_copy(update={"steps": 5})
        return denoise(prepare_run(shot_of(generate), generate, networks, watch=go_on)).latents

    assert distance(drawn(4), wanted) <= TOLERANCE
    assert distance(drawn(3), wanted) >= SEEN
