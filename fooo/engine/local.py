"""Carries out plans on this machine's own device."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.catalog import Catalog, read_tokens, still_here
from fooo.catalog.configs import config_folder
from fooo.engine.ahead import one_ahead
from fooo.engine.engine import Made
from fooo.engine.held_models import HeldModels, vae_for_half
from fooo.engine.progress import Progress
from fooo.engine.retries import decode_soundly, raise_unets, with_enough_memory, with_sound_numbers
from fooo.engine.together import Turns, alike, most_together
from fooo.errors import ModelError
from fooo.events import Loading, Placement, ShotSkipped
from fooo.image import fit
from fooo.monitor import Answer, Monitor
from fooo.pipeline import (
    Additions,
    Ended,
    Latents,
    LinearPreview,
    Moment,
    Networks,
    PhraseWriter,
    Preview,
    denoise_together,
    find_tiny,
    finish_texts,
    hear,
    prepare_run,
)
from fooo.pipeline.speed import why_not_compiled
from fooo.plan import Generate, Plan, Ruler, Shot
from fooo.weights import (
    DeviceInfo,
    DeviceKind,
    LoraUse,
    MemoryPolicy,
    NetworkKey,
    Part,
    find_device,
    silence_loaders,
)

log = logging.getLogger(__name__)


def build_local_engine(
    catalog: Callable[[], Catalog],
    *,
    always_cpu: bool,
    threads: int | None,
    low_memory: bool = False,
    compiled: bool = False,
) -> "LocalEngine":
    """The engine on the best device of this machine.

    Args:
        catalog: What there is, whenever it is asked.
        always_cpu: Leave every accelerator alone.
        threads: Of the processor; None: as many as it has cores.
        low_memory: Take as little memory as possible, whatever there is.
        compiled: Compile what the networks repeat, where that works.
    """
    silence_loaders()
    if threads is not None:
        torch.set_num_threads(threads)
    device = find_device(always_cpu=always_cpu)
    held = HeldModels(device, low_memory=low_memory)
    if compiled and (problem := why_not_compiled(torch.device(device.kind.value))):
        log.warning("Nothing can be compiled here (%s); Fooo draws without it.", problem)
        compiled = False
    # what keeps pictures is a processor's work: it would take from the drawing what it saves
    return LocalEngine(catalog, device, held, ahead=device.kind is not DeviceKind.CPU, compiled=compiled)


class LocalEngine:
    """Keeps the networks of the last plan loaded for the next one.

    Args:
        catalog: What there is, whenever it is asked.
        device: What draws.
        held: The models.
        ahead: Whether a picture is drawn while the one before it is kept.
        together: How many pictures like a shot are drawn in the same network calls.
        compiled: Whether what the networks repeat is compiled, where they stay on the device.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        device: DeviceInfo,
        held: HeldModels,
        *,
        ahead: bool = False,
        together: Callable[[MemoryPolicy, Shot], int] = most_together,
        compiled: bool = False,
    ) -> None:
        self._current_catalog, self._device, self._held = catalog, device, held
        self._ahead, self._most_together, self._compiled = ahead, together, compiled
        self._last_preview: tuple[object, Preview] | None = None
        self._writer: PhraseWriter | None = None

    @property
    def _catalog(self) -> Catalog:
        return self._current_catalog()

    @property
    def device(self) -> str:
        return f"{self._device.name}, {self._device.memory / 2**30:.0f} GiB"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """Load every network of the plan's first picture; see `Engine.prepare`."""
        with_enough_memory(lambda: self._warm_up(plan.shots[0], monitor), lambda: self._held.lower(monitor))

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """Make the shots in order; see `Engine.run`."""
        made = self._make(plan, monitor)
        return one_ahead(made, monitor.stop) if self._ahead and len(plan.shots) > 1 else made

    def _make(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        progress, left = Progress(plan), plan.shots
        while left and monitor.begin_shot() is not Answer.STOP:
            started = time.monotonic()
            sample = partial(self._sample_some, alike(left), progress, monitor)
            networks, sampled = with_enough_memory(sample, partial(self._held.lower, monitor))
            seconds = (time.monotonic() - started) / len(sampled)
            for each in sampled:
                if each.wanted:
                    yield self._finish(each, networks, monitor, seconds=seconds, batch_size=len(sampled))
                else:
                    monitor.tell(ShotSkipped(each.shot.number))
            left = left[len(sampled) :]

    def _finish_words(self, shot: Shot, monitor: Monitor) -> Shot:
        """The shot with all its words: where the plan leaves some to a language model, they are written now."""
        if not shot.texts.model_writes:
            return shot
        if self._writer is None:
            folder = self._catalog.prompt_expansion
            if folder is None:  # it was there when this was planned
                raise ModelError(Path("models/prompt_expansion"), "is gone", "put it back, or choose gentle or rich")
            monitor.tell(Loading(folder.name))
            self._writer = PhraseWriter(folder)
        towers = read_tokens(config_folder(still_here(self._catalog.models, shot.generate.base)) / Part.TOKENIZER)
        ruler = Ruler(towers, self._catalog.embedding_lengths, shot.generate.steps)
        texts = finish_texts(shot.texts, self._writer, ruler, seed=shot.seed)
        return shot.model_copy(update={"texts": texts})

    def _warm_up(self, planned: Shot, monitor: Monitor) -> None:
        shot = self._finish_words(planned, monitor)
        networks = self._networks_for(shot.generate, monitor)
        hear(networks.encoders, networks.base, shot.texts, shot.generate.steps, networks.added)
        with networks.residency.use(NetworkKey(networks.base, Part.UNET), networks.loras):
            pass  # LoRAs that do not fit show now, and not after the first steps
        self._preview(networks)

    def _sample_some(
        self, shots: Sequence[Shot], progress: Progress, monitor: Monitor
    ) -> tuple[Networks, list["_Sampled"]]:
        """The first of these shots, and as many more of them as are drawn together with it."""
        networks = self._networks_for(shots[0].generate, monitor)
        together = shots[: self._most_together(networks.residency.policy, shots[0])]
        finished = [self._finish_words(shot, monitor) for shot in together]
        return networks, with_sound_numbers(
            lambda: self._sample(finished, networks, progress, monitor), lambda: raise_unets(networks, monitor)
        )

    def _sample(
        self, shots: Sequence[Shot], networks: Networks, progress: Progress, monitor: Monitor
    ) -> list["_Sampled"]:
        preview, turns = self._preview(networks), Turns(shots, monitor)

        def watch(shot: Shot, clean: Latents, moment: Moment) -> Answer:
            step = progress.step(shot, moment.done * moment.steps, moment.leg, preview.draw(clean))
            return turns.answer(shot.number, moment, monitor.tell(step))

        runs = [prepare_run(shot, shot.generate, networks, watch=partial(watch, shot)) for shot in shots]
        progress.begin(shots)  # what was loaded before says nothing about the steps
        return [
            _Sampled(shot, ended, wanted=ended.answer is Answer.GO or shot.number in turns.kept)
            for shot, ended in zip(shots, denoise_together(runs), strict=True)
        ]

    def _finish(
        self, sampled: "_Sampled", networks: Networks, monitor: Monitor, *, seconds: float, batch_size: int
    ) -> Made:
        """The picture. Args: seconds: That its sampling took."""
        started, shot = time.monotonic(), sampled.shot
        drawn = with_enough_memory(
            lambda: decode_soundly(networks, sampled.ended.latents, shot.generate.tiling, monitor),
            lambda: self._held.lower(monitor),
        )
        return Made(
            shot=shot,
            picture=drawn if shot.size == shot.generate.size else fit(drawn, shot.size.width, shot.size.height),
            seconds=seconds + time.monotonic() - started,
            steps_done=sampled.ended.steps_done,
            batch_size=batch_size,
        )

    def _networks_for(self, generate: Generate, monitor: Monitor) -> Networks:
        """The networks of a pass, held as the memory allows; those of other models are forgotten.

        Every UNet is read before the first step, so that a damaged refiner does not show after minutes of drawing.
        """
        models = self._catalog.models
        base = still_here(models, generate.base)
        refiner = still_here(models, generate.refiner) if generate.refiner else None
        used = [model for model in (base, refiner) if model is not None]
        chosen = still_here(self._catalog.vaes, generate.vae) if generate.vae else None
        vae = chosen or vae_for_half(self._device, base, self._catalog.vaes)
        pixels = generate.size.width * generate.size.height
        residency, encoders = self._held.hold(used, vae, pixels=pixels, monitor=monitor)
        files = self._catalog.loras
        networks = Networks(
            base=base,
            refiner=refiner,
            residency=residency,
            encoders=encoders,
            vae=vae,
            loras=tuple(LoraUse(still_here(files, each.name), each.unet_weight) for each in generate.loras),
            added=Additions(
                loras=tuple(LoraUse(still_here(files, each.name), each.text_weight) for each in generate.loras),
                embeddings=self._catalog.embeddings,
                clip_skip=generate.clip_skip,
            ),
            compiled=self._compiled and residency.policy.placement is Placement.ALL,
        )
        for key in (*(NetworkKey(model, Part.UNET) for model in used), networks.decoder):
            residency.load(key)
        return networks

    def _preview(self, networks: Networks) -> Preview:
        """A sharp one where there is a file for it; made anew only where the last picture's decoder was another one."""
        residency, key, tiny = networks.residency, networks.decoder, self._catalog.preview_decoders
        of = (key, key.states(), residency.precision(key), tuple(tiny.items()))
        if self._last_preview is None or self._last_preview[0] != of:
            with residency.use(key) as network:
                vae = cast(AutoencoderKL, network)
                self._last_preview = of, find_tiny(vae, tiny, residency.device) or LinearPreview(vae)
        return self._last_preview[1]


@dataclass(frozen=True, eq=False, slots=True)
class _Sampled:
    """A shot's latents. Attributes: wanted: Whether they are to become a picture."""

    shot: Shot
    ended: Ended
    wanted: bool
