"""A picture as a Python script that draws it with diffusers alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fooo.catalog import Catalog, ModelKind, Sampler, Schedule
from fooo.plan import Generate
from fooo.plan.plan import Lora
from fooo.record.export.words import Export, enlarges, left_out_of, plain_words
from fooo.record.parameters import MODEL_ENDINGS
from fooo.record.record import Record


@dataclass(frozen=True, slots=True)
class _Scheduler:
    """A class of diffusers and what it is told. Args: exact: False where it is only the nearest."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    exact: bool = True


_SCHEDULERS: Mapping[Sampler, _Scheduler] = {
    Sampler.EULER: _Scheduler("EulerDiscreteScheduler"),
    Sampler.EULER_ANCESTRAL: _Scheduler("EulerAncestralDiscreteScheduler"),
    Sampler.HEUN: _Scheduler("HeunDiscreteScheduler"),
    Sampler.LMS: _Scheduler("LMSDiscreteScheduler"),
    Sampler.DPM_2: _Scheduler("KDPM2DiscreteScheduler"),
    Sampler.DPM_2_ANCESTRAL: _Scheduler("KDPM2AncestralDiscreteScheduler"),
    Sampler.DPMPP_2S_ANCESTRAL: _Scheduler("DPMSolverSinglestepScheduler", exact=False),
    Sampler.DPMPP_2M: _Scheduler("DPMSolverMultistepScheduler"),
    Sampler.DPMPP_SDE: _Scheduler("DPMSolverSDEScheduler"),
    Sampler.DPMPP_2M_SDE: _Scheduler("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    Sampler.DPMPP_3M_SDE: _Scheduler(
        "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 3}
    ),
    Sampler.DPM_ADAPTIVE: _Scheduler("DPMSolverMultistepScheduler", exact=False),
    Sampler.DDIM: _Scheduler("DDIMScheduler"),
    Sampler.DDPM: _Scheduler("DDPMScheduler"),
    Sampler.UNI_PC: _Scheduler("UniPCMultistepScheduler"),
    Sampler.LCM: _Scheduler("LCMScheduler"),
    Sampler.TCD: _Scheduler("TCDScheduler"),
    Sampler.RESTART: _Scheduler("HeunDiscreteScheduler", exact=False),
}
_SPACINGS: Mapping[Schedule, Mapping[str, Any]] = {
    Schedule.NORMAL: {"timestep_spacing": "linspace"},
    Schedule.KARRAS: {"timestep_spacing": "linspace", "use_karras_sigmas": True},
    Schedule.EXPONENTIAL: {"timestep_spacing": "linspace", "use_exponential_sigmas": True},
    Schedule.BETA: {"timestep_spacing": "linspace", "use_beta_sigmas": True},
    Schedule.SIMPLE: {"timestep_spacing": "trailing"},
    Schedule.DDIM_UNIFORM: {"timestep_spacing": "leading"},
    Schedule.SGM_UNIFORM: {"timestep_spacing": "trailing"},
}
_NEAREST_SPACING: Mapping[str, Any] = {"timestep_spacing": "trailing"}
_OLDER = frozenset((ModelKind.SD1, ModelKind.SD2))


def as_diffusers_script(record: Record, catalog: Catalog | None = None) -> Export:
    """The script, of diffusers' public names only; it writes `picture.png`.

    Args:
        record: Of the picture. What is drawn after its first pass is left out.
        catalog: Where the models lie. None: they go by their names, which whoever runs it puts right.
    """
    drawn = record.shot.generates[:1]
    if not drawn:
        return Export("", ("The picture was not drawn, only opened.",))
    parts = _Parts(record, drawn[0], catalog)
    return Export(parts.script(), parts.left_out())


class _Parts:
    """The lines of a script. Args: As of `as_diffusers_script`."""

    def __init__(self, record: Record, drawn: Generate, catalog: Catalog | None) -> None:
        self._record, self._drawn, self._catalog = record, drawn, catalog
        texts = record.shot.texts
        self._words = plain_words(texts.positive), plain_words(texts.negative)
        model = catalog.models.get(drawn.base) if catalog else None
        self._older = model is not None and model.kind in _OLDER
        self._scheduler = _SCHEDULERS[drawn.sampler]
        self._refines = bool(drawn.refiner and drawn.refiner_step) and not self._older

    def left_out(self) -> tuple[str, ...]:
        drawn = self._drawn
        told = [*left_out_of(self._record.shot), *self._words[0].left_out, *self._words[1].left_out]
        if not self._scheduler.exact:
            told.append(f"{drawn.sampler.label} is not in diffusers; {self._scheduler.name}, the nearest, is used.")
        if drawn.schedule not in _SPACINGS:
            told.append(f"The schedule {drawn.schedule.label} is not in diffusers; the nearest is used.")
        if enlarges(self._record.shot) or self._record.shot.generates[1:]:
            told.append("Left out: what came after the first drawing.")
        if any(lora.text_weight != lora.unet_weight for lora in drawn.loras):
            told.append("A LoRA has one weight here, that of the network.")
        return tuple(dict.fromkeys(told))

    def script(self) -> str:
        left_out = "".join(f"# {line}\n" for line in self.left_out())
        lines = [
            f"# Draws again, with diffusers alone, a picture that Fooo {self._record.versions.get('fooo', '')} drew.",
            *([left_out.rstrip()] if left_out else []),
            "import torch",
            f"from diffusers import {', '.join(self._imports())}",
            "",
            f"MODEL = {self._place(self._drawn.base)!r}",
            f"PROMPT = {self._words[0].text!r}",
            f"NEGATIVE = {self._words[1].text!r}",
            "",
            *self._pipeline(),
            *self._vae(),
            *self._loras(self._drawn.loras),
            f'generator = torch.Generator("cpu").manual_seed({self._record.shot.seed})',
            *self._calls(),
            'picture.save("picture.png")',
        ]
        return "\n".join(lines) + "\n"

    def _kind(self) -> str:
        return "StableDiffusionPipeline" if self._older else "StableDiffusionXLPipeline"

    def _imports(self) -> list[str]:
        refiner = ["StableDiffusionXLImg2ImgPipeline", "UNet2DConditionModel"] if self._refines else []
        vae = ["AutoencoderKL"] if self._drawn.vae else []
        return sorted([self._kind(), self._scheduler.name, *refiner, *vae])

    def _place(self, name: str) -> str:
        model = self._catalog.models.get(name) if self._catalog else None
        return str(model.path) if model else name

    def _pipeline(self) -> list[str]:
        options = {**self._scheduler.options, **_SPACINGS.get(self._drawn.schedule, _NEAREST_SPACING)}
        load = "from_single_file" if self._is_file(self._drawn.base) else "from_pretrained"
        return [
            f"pipeline = {self._kind()}.{load}(MODEL, dtype=torch.float32)",
            f"pipeline.scheduler = {self._scheduler.name}.from_config(",
            f"    pipeline.scheduler.config, {', '.join(f'{key}={value!r}' for key, value in options.items())}",
            ")",
            'pipeline.to("cuda" if torch.cuda.is_available() else "cpu")',
        ]

    def _is_file(self, name: str) -> bool:
        return self._place(name).endswith(MODEL_ENDINGS)

    def _refiner(self, name: str) -> list[str]:
        """The refiner's network in a pipeline of the base's other parts: it hears with the second text tower alone."""
        load, of = ("from_single_file", "") if self._is_file(name) else ("from_pretrained", ', subfolder="unet"')
        return [
            f"REFINER = {self._place(name)!r}",
            f"unet = UNet2DConditionModel.{load}(REFINER{of}, dtype=torch.float32)",
            "refiner = StableDiffusionXLImg2ImgPipeline(",
            "    vae=pipeline.vae, text_encoder=None, text_encoder_2=pipeline.text_encoder_2,",
            "    tokenizer=None, tokenizer_2=pipeline.tokenizer_2, unet=unet.to(pipeline.device),",
            "    scheduler=pipeline.scheduler, requires_aesthetics_score=True,",
            ")",
        ]

    def _vae(self) -> list[str]:
        if not self._drawn.vae:
            return []
        path = self._catalog.vaes.get(self._drawn.vae) if self._catalog else None
        place = str(path or self._drawn.vae)
        return [f"pipeline.vae = AutoencoderKL.from_single_file({place!r}).to(pipeline.device)"]

    def _loras(self, loras: tuple[Lora, ...]) -> list[str]:
        if not loras:
            return []
        paths = [self._catalog.loras.get(lora.name) if self._catalog else None for lora in loras]
        named = [
            (f"lora_{number}", str(path or lora.name))
            for number, (lora, path) in enumerate(zip(loras, paths, strict=True))
        ]
        lines = [f"pipeline.load_lora_weights({place!r}, adapter_name={name!r})" for name, place in named]
        weights = [lora.unet_weight for lora in loras]
        return [*lines, f"pipeline.set_adapters({[name for name, _ in named]!r}, {weights!r})"]

    def _calls(self) -> list[str]:
        """The base alone, or the base up to where the refiner takes over."""
        size = self._drawn.size
        drawn = {"width": size.width, "height": size.height, **self._clip_skip()}
        if not self._refines:
            return self._call("picture", "pipeline", drawn, ".images[0]")
        share = (self._drawn.refiner_step or 0) / self._drawn.steps
        told = {"original_size": (size.height, size.width), "target_size": (size.height, size.width)}
        return [
            *self._call("latents", "pipeline", {**drawn, "denoising_end": share, "output_type": "latent"}, ".images"),
            *self._refiner(self._drawn.refiner or ""),
            *self._call("picture", "refiner", {"denoising_start": share, **told}, ".images[0]", image="latents"),
        ]

    def _call(self, result: str, pipeline: str, options: Mapping[str, Any], of: str, **names: str) -> list[str]:
        told = [f"{key}={value!r}" for key, value in options.items()] + [f"{key}={name}" for key, name in names.items()]
        common = (
            f"num_inference_steps={self._drawn.steps}, guidance_scale={self._drawn.guidance!r}, generator=generator"
        )
        return [
            f"{result} = {pipeline}(",
            "    prompt=PROMPT, negative_prompt=NEGATIVE,",
            f"    {common},",
            f"    {', '.join(told)},",
            f"){of}",
        ]

    def _clip_skip(self) -> dict[str, int]:
        """Counted from the layer that diffusers hears by itself: of SDXL the second from the last."""
        skipped = (self._drawn.clip_skip or 0) - (1 if self._older else 2)
        return {"clip_skip": skipped} if skipped > 0 else {}
