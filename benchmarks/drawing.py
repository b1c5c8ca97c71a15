"""Pictures drawn by Fooo and by diffusers' pipeline with the same networks, from the same words and the same noise."""

import copy
import importlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from fooo.catalog import Catalog, CurrentCatalog, LocalModel, read_catalog
from fooo.catalog.configs import config_folder
from fooo.engine import Engine
from fooo.engine.held_models import HeldModels
from fooo.engine.local import LocalEngine
from fooo.monitor import Monitor
from fooo.plan import Plan, make_plan
from fooo.request import Size, merge, read_request
from fooo.settings import ROOT, Settings
from fooo.weights import NetworkKey, Part, find_device, read_scheduler_config

Pixels = npt.NDArray[np.uint8]
Wishes = Mapping[str, Any]
"""Fields of a request, as a partial one."""

# untyped, as far as is asked of them here
diffusers: Any = importlib.import_module("diffusers")
transformers: Any = importlib.import_module("transformers")

_CLIP = ROOT / "fooo" / "catalog" / "configs" / "clip"
SEED = 100
PLAIN: Wishes = {
    "preset": None,
    "expansion": "off",
    "exactly": True,
    "models": {"refiner": None},
    "sampling": {"sampler": "euler", "schedule": "ddim_uniform", "guidance": 4.0},
}
"""What both can do: Euler's steps at the noise levels that SDXL's own scheduler visits, guidance at all of them."""
_SPACING = {"timestep_spacing": "leading", "steps_offset": 1}
"""Of that scheduler, whatever the model's own."""


class Ours:
    """Draws through the planner and the local engine, with a preview of each step.

    Args:
        models: A folder of models.
        base: The name of the one that draws.
        wishes: What is asked for in every picture.
        other: Has the same networks in memory already.
        drawn: The size that the networks draw at, also where Fooo would draw larger and shrink it; None: as planned.
    """

    def __init__(
        self, models: Path, base: str, wishes: Wishes, other: "Ours | None" = None, *, drawn: Size | None = None
    ) -> None:
        self.catalog = _catalog(models)
        self.model: LocalModel = self.catalog().models[base]
        self.device = find_device()
        self._held = other._held if other else HeldModels(self.device)
        self.engine: Engine = LocalEngine(self.catalog, self.device, self._held)
        self._wishes = merge(merge(PLAIN, {"models": {"base": base}}), wishes)
        self._drawn = drawn

    def plan(self, prompt: str, seed: int, wishes: Wishes | None = None) -> Plan:
        said = {"prompt": prompt, "sampling": {"seed": seed}}
        request = read_request(merge(merge(self._wishes, said), wishes or {}))
        plan = make_plan(request, self.catalog(), fallback_seed=seed)
        if self._drawn is None:
            return plan
        passes = (plan.shots[0].generate.model_copy(update={"size": self._drawn}),)
        return plan.model_copy(
            update={"shots": tuple(shot.model_copy(update={"passes": passes}) for shot in plan.shots)}
        )

    def network(self, part: Part) -> Any:
        """One of those that it draws with."""
        size = self.plan("", SEED).shots[0].generate.size
        monitor = Monitor(lambda event: None)
        residency, _ = self._held.hold([self.model], None, pixels=size.width * size.height, monitor=monitor)
        return residency.load(NetworkKey(self.model, part))

    def engine_like(self, *, together: int = 1, ahead: bool = False, compiled: bool = False) -> Engine:
        """Another engine on the same device, which draws so many pictures in the same network calls."""
        return LocalEngine(
            self.catalog,
            self.device,
            HeldModels(self.device),
            ahead=ahead,
            together=lambda policy, shot: together,
            compiled=compiled,
        )

    def draw(self, prompt: str, seed: int, wishes: Wishes | None = None) -> Pixels:
        [made] = self.engine.run(self.plan(prompt, seed, wishes), Monitor(lambda event: None))
        return made.picture.pixels


class Theirs:
    """Draws with `StableDiffusionXLPipeline`, made of the networks that ours has drawn with.

    Where ours has arranged weights in memory in a way of its own, theirs has a copy that lies as it was read.
    """

    def __init__(self, ours: Ours) -> None:
        model = ours.model
        generate = ours.plan("", SEED).shots[0].generate
        self._size, self._steps, self._guidance = generate.size, generate.steps, generate.guidance
        parts = {
            part: _as_read(ours.network(part)) for part in (Part.VAE, Part.TEXT_ENCODER, Part.TEXT_ENCODER_2, Part.UNET)
        }
        folder = config_folder(model)
        self._pipeline = diffusers.StableDiffusionXLPipeline(
            parts[Part.VAE],
            parts[Part.TEXT_ENCODER],
            parts[Part.TEXT_ENCODER_2],
            _tokenizer(folder / Part.TOKENIZER),
            _tokenizer(folder / Part.TOKENIZER_2),
            parts[Part.UNET],
            diffusers.EulerDiscreteScheduler.from_config(read_scheduler_config(model), **_SPACING),
            add_watermarker=False,
        )
        self._pipeline.set_progress_bar_config(disable=True)

    def draw(self, prompt: str, seed: int) -> Pixels:
        [picture] = self._pipeline(
            prompt,
            negative_prompt="",
            height=self._size.height,
            width=self._size.width,
            num_inference_steps=self._steps,
            guidance_scale=self._guidance,
            generator=torch.Generator("cpu").manual_seed(seed),
        ).images
        return np.asarray(picture)


def _catalog(models: Path) -> CurrentCatalog:
    def read(last: Catalog | None) -> Catalog:
        settings = Settings()
        return read_catalog(styles=settings.styles, presets=settings.presets, models=(models,), last=last)

    return CurrentCatalog(read)


def _as_read(network: torch.nn.Module) -> torch.nn.Module:
    """The network itself, unless ours has its convolutions lie otherwise."""
    weights = [weight for weight in network.parameters() if weight.ndim == 4]
    if all(weight.is_contiguous() for weight in weights):
        return network
    plain = copy.deepcopy(network)
    for weight in plain.parameters():
        weight.data = weight.data.contiguous()
    return plain


def _tokenizer(folder: Path) -> Any:
    """With CLIP's own vocabulary where the folder has none."""
    if (folder / "vocab.json").exists():
        return transformers.CLIPTokenizer.from_pretrained(folder)
    with tempfile.TemporaryDirectory() as whole:
        for source in (_CLIP, folder):
            shutil.copytree(source, whole, dirs_exist_ok=True)
        return transformers.CLIPTokenizer.from_pretrained(whole)
