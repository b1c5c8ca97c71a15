"""LoRAs and embeddings in a drawn picture against diffusers with peft, on small random networks, float32."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from fooo.catalog import ModelKind, Sampler, Schedule
from fooo.pipeline import Additions, Networks, denoise, prepare_run
from fooo.plan import Generate, Shot, Texts
from fooo.request import Size
from fooo.weights import LoraUse
from tests import adapter_files, model_files
from tests.adapter_files import Change
from tests.model_files import Networks as Made
from tests.oracle.conftest import TOLERANCE, networks_of
from tests.oracle.test_loop_against_diffusers import SEEN, distance, go_on
from tests.small_checkpoints import loud, models_in, pipeline_of, write_checkpoint

SIZE, STEPS, GUIDANCE, SEED = Size(width=64, height=64), 2, 4.0, 7
WORDS, NEGATIVE = "a red apple on a table", "blurry"


@dataclass(frozen=True)
class Case:
    """A model, diffusers' pipeline around the same networks, and two LoRAs for it."""

    networks: Networks
    pipeline: Any
    loras: tuple[Path, Path]

    def drawn(
        self, *uses: tuple[int, float, float], words: str = WORDS, embeddings: Mapping[str, Path] | None = None
    ) -> torch.Tensor:
        """The latents with LoRAs on. Args: uses: Which, how strongly on the UNet, how strongly on the towers."""
        files = self.loras
        networks = replace(
            self.networks,
            loras=tuple(LoraUse(files[which], unet) for which, unet, _ in uses),
            added=Additions(
                loras=tuple(LoraUse(files[which], text) for which, _, text in uses), embeddings=embeddings or {}
            ),
        )
        generate = Generate(
            size=SIZE, steps=STEPS, guidance=GUIDANCE, sampler=Sampler.EULER, schedule=Schedule.DDIM_UNIFORM,
            base="base", refiner=None, refiner_step=None,
        )  # fmt: skip
        shot = Shot(number=0, seed=SEED, texts=Texts.of(words, NEGATIVE), passes=(generate,))
        return denoise(prepare_run(shot, generate, networks, watch=go_on)).latents

    def expected(self, *uses: tuple[int, float, float]) -> torch.Tensor:
        """The same of diffusers, which is told a weight for each network."""
        towers = [name for name in ("text_encoder", "text_encoder_2") if getattr(self.pipeline, name, None) is not None]
        names = [f"lora{which}" for which, _, _ in uses]
        weights = [{"unet": unet, **dict.fromkeys(towers, text)} for _, unet, text in uses]
        for which, _, _ in uses:
            self.pipeline.load_lora_weights(
                self.loras[which].parent, weight_name=self.loras[which].name, adapter_name=f"lora{which}",
                local_files_only=True,
            )  # fmt: skip
        self.pipeline.set_adapters(names, weights)
        latents = self.ask(WORDS)
        self.pipeline.unload_lora_weights()
        return latents

    def ask(self, words: str) -> torch.Tensor:
        """The latents that diffusers draws."""
        return self.pipeline(
            words, negative_prompt=NEGATIVE, num_inference_steps=STEPS, guidance_scale=GUIDANCE, height=SIZE.height,
            width=SIZE.width, generator=torch.Generator("cpu").manual_seed(SEED), output_type="latent",
        ).images  # fmt: skip


def there(made: Made, module: str) -> bool:
    """Whether the shallow networks have a module that the deeper ones of `adapter_files.py` have."""
    part, _, name = module.partition(".")
    names = {name.removeprefix("text_model.") for name, _ in getattr(made, part).named_modules()}
    return name.removeprefix("text_model.") in names


@pytest.fixture(scope="module", params=[ModelKind.SDXL_BASE, ModelKind.SD1])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    transformers_logging: Any = importlib.import_module("transformers.utils.logging")
    transformers_logging.set_verbosity_error()  # it tells of a tower's weights as missing that a LoRA never has
    folder, kind = tmp_path_factory.mktemp("models"), request.param
    made = loud(kind)
    write_checkpoint(folder / "base.safetensors", made)
    model = models_in(folder)["base.safetensors"]
    loras = tuple(
        model_files.write(
            folder / "loras" / f"{seed}.safetensors",
            adapter_files.lora(kind, change=Change.LORA, seed=seed, only=lambda module: there(made, module)),
        )
        for seed in (1, 2)
    )
    yield Case(networks_of(model, None), pipeline_of(made, folder / "words"), (loras[0], loras[1]))
    transformers_logging.set_verbosity_warning()


def test_a_lora_draws_what_diffusers_draws_with_it(case: Case):
    expected = case.expected((0, 0.8, 0.8))
    assert distance(case.drawn((0, 0.8, 0.8)), expected) <= TOLERANCE
    assert distance(case.drawn(), expected) >= SEEN


@pytest.mark.filterwarnings("ignore:Already found a `peft_config` attribute:UserWarning")
def test_two_loras_stack_with_a_weight_for_each_encoder_and_below_nothing(case: Case):
    uses = ((0, 0.8, 0.3), (1, -0.6, 0.0))
    expected = case.expected(*uses)
    assert distance(case.drawn(*uses), expected) <= TOLERANCE
    first, second = uses
    wrong = [(first,), (first, (1, 0.6, 0.0)), ((0, 0.8, 0.8), second), ((0, 0.3, 0.3), second)]
    for other in wrong:
        assert distance(case.drawn(*other), expected) >= SEEN, other


def test_pictures_with_and_without_loras_do_not_disturb_each_other(case: Case):
    plain, with_lora = case.drawn(), case.drawn((0, 1.0, 1.0))
    assert torch.equal(case.drawn(), plain)
    assert torch.equal(case.drawn((0, 1.0, 1.0)), with_lora)


@pytest.mark.parametrize("case", [ModelKind.SDXL_BASE], indirect=True)
def test_an_embedding_is_heard_as_diffusers_hears_it(case: Case, tmp_path: Path):
    tensors = {name: 10 * vectors for name, vectors in adapter_files.embedding(ModelKind.SDXL_BASE, vectors=3).items()}
    towers = [
        {
            "text_encoder": getattr(case.pipeline, f"text_encoder{end}"),
            "tokenizer": getattr(case.pipeline, f"tokenizer{end}"),
        }
        for end in ("", "_2")
    ]
    for vectors, tower in zip(tensors.values(), towers, strict=True):
        case.pipeline.load_textual_inversion(vectors, token="<mine>", **tower)
    expected = case.ask("a red <mine> on a table")
    for tower in towers:
        case.pipeline.unload_textual_inversion("<mine>", **tower)

    def drawn(changed: Mapping[str, torch.Tensor]) -> torch.Tensor:
        file = model_files.write(tmp_path / "mine.safetensors", tensors | dict(changed))
        return case.drawn(words="a red embedding:mine on a table", embeddings={"mine": file})

    assert distance(drawn({}), expected) <= TOLERANCE
    for name, vectors in tensors.items():
        assert distance(drawn({name: vectors.flip(0)}), expected) >= SEEN, name
