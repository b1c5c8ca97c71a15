"""Carries out plans on this machine's own device."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.catalog import Catalog, read_tokens, still_here
from fooo.catalog.configs import config_folder
from fooo.engine.engine import Made
from fooo.engine.progress import Progress
from fooo.errors import ModelError
from fooo.events import Loading, ShotSkipped
from fooo.image import Picture, fit
from fooo.monitor import Answer, Monitor
from fooo.pipeline import (
    Additions,
    Ended,
    Latents,
    LinearPreview,
    Moment,
    Networks,
    PhraseWriter,
    TextEncoders,
    decode,
    denoise,
    finish_texts,
    hear,
    prepare_run,
)
from fooo.plan import Generate, Plan, Shot
from fooo.weights import (
    DeviceInfo,
    LoraUse,
    NetworkKey,
    Part,
    Residency,
    choose_policy,
    find_device,
    is_out_of_memory,
    out_of_memory,
    silence_loaders,
)


def build_local_engine(catalog: Callable[[], Catalog], *, always_cpu: bool, threads: int | None) -> "LocalEngine":
    """The engine on the best device of this machine.

    Args:
        catalog: What there is, whenever it is asked.
        always_cpu: Leave every accelerator alone.
        threads: Of the processor; None: as many as it has cores.
    """
    silence_loaders()
    if threads is not None:
        torch.set_num_threads(threads)
    return LocalEngine(catalog, find_device(always_cpu=always_cpu))


class LocalEngine:
    """Keeps the networks of the last plan loaded for the next one."""

    def __init__(self, catalog: Callable[[], Catalog], device: DeviceInfo) -> None:
        self._current_catalog, self._device = catalog, device
        self._residency: Residency | None = None
        self._encoders: TextEncoders | None = None
        self._previews: dict[NetworkKey, LinearPreview] = {}
        self._writer: PhraseWriter | None = None

    @property
    def _catalog(self) -> Catalog:
        return self._current_catalog()

    @property
    def device(self) -> str:
        return f"{self._device.name}, {self._device.memory / 2**30:.0f} GiB"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """Load every network of the plan's first picture; see `Engine.prepare`."""
        with _sentences():
            shot = self._finish_words(plan.shots[0], monitor)
            networks = self._networks_for(shot.generate, monitor)
            hear(networks.encoders, networks.base, shot.texts, shot.generate.steps, networks.added)
            with networks.residency.use(NetworkKey(networks.base, Part.UNET), networks.loras):
                pass  # LoRAs that do not fit show now, and not after the first steps
            self._preview(networks)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """Make the shots in order; see `Engine.run`."""
        progress = Progress(plan)
        for planned in plan.shots:
            if monitor.begin_shot() is Answer.STOP:
                return
            started = time.monotonic()
            with _sentences():
                shot = self._finish_words(planned, monitor)
                ended, picture = self._make(shot, progress, monitor)
            if picture is None:
                monitor.tell(ShotSkipped(shot.number))
            else:
                seconds = time.monotonic() - started
                yield Made(shot=shot, picture=picture, seconds=seconds, steps_done=ended.steps_done)
            if ended.answer is Answer.STOP:
                return

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
        texts = finish_texts(shot.texts, self._writer, towers, seed=shot.seed)
        return shot.model_copy(update={"texts": texts})

    def _make(self, shot: Shot, progress: Progress, monitor: Monitor) -> tuple[Ended, Picture | None]:
        """Draw a shot; no picture where it was ended early and its half is not wanted."""
        generate = shot.generate
        networks = self._networks_for(generate, monitor)
        preview = self._preview(networks)

        def watch(clean: Latents, moment: Moment) -> Answer:
            return monitor.tell(progress.step(shot, moment.step + 1, moment.leg, preview.draw(clean)))

        run = prepare_run(shot, generate, networks, watch=watch)
        progress.begin_shot(shot.number, shot.steps)  # what was loaded before says nothing about the steps
        ended = denoise(run)
        if ended.answer is not Answer.GO and not monitor.keep:
            return ended, None
        with networks.residency.use(networks.decoder) as vae:
            drawn = decode(cast(AutoencoderKL, vae), ended.latents)
        return ended, drawn if shot.size == generate.size else fit(drawn, shot.size.width, shot.size.height)

    def _networks_for(self, generate: Generate, monitor: Monitor) -> Networks:
        """The networks of a pass, held as the memory allows; those of other models are forgotten.

        Every UNet is read before the first step, so that a damaged refiner does not show after minutes of drawing.
        """
        models = self._catalog.models
        base = still_here(models, generate.base)
        refiner = still_here(models, generate.refiner) if generate.refiner else None
        used = [model for model in (base, refiner) if model is not None]
        policy = choose_policy(self._device, weights=sum(model.bytes for model in used))
        residency, encoders = self._residency, self._encoders
        if residency is None or encoders is None or residency.policy != policy or residency.has_stale(used):
            residency = Residency(policy)
            encoders = TextEncoders(residency)
            self._residency, self._encoders = residency, encoders
            self._previews.clear()
        vae = still_here(self._catalog.vaes, generate.vae) if generate.vae else None
        residency.keep_only(used, [vae] if vae else [])
        residency.listen(lambda what: monitor.tell(Loading(what)))
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
            ),
        )
        for key in (*(NetworkKey(model, Part.UNET) for model in used), networks.decoder):
            residency.load(key)
        return networks

    def _preview(self, networks: Networks) -> LinearPreview:
        if networks.decoder not in self._previews:
            with networks.residency.use(networks.decoder) as vae:
                self._previews[networks.decoder] = LinearPreview(cast(AutoencoderKL, vae))
        return self._previews[networks.decoder]


@contextmanager
def _sentences() -> Generator[None]:
    """Running out of memory, in words."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise out_of_memory() from error
        raise
