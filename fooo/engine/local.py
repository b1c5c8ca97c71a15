"""Carries out plans on this machine's own device."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.catalog import Catalog, LocalModel
from fooo.engine.engine import Made
from fooo.engine.progress import Progress
from fooo.events import Loading, ShotSkipped
from fooo.image import Picture, fit
from fooo.monitor import Answer, Monitor
from fooo.pipeline import (
    Ended,
    Latents,
    LinearPreview,
    Moment,
    Networks,
    TextEncoders,
    decode,
    denoise,
    hear,
    prepare_run,
)
from fooo.plan import Generate, Plan, Shot
from fooo.weights import (
    DeviceInfo,
    NetworkKey,
    Part,
    Residency,
    choose_policy,
    find_device,
    is_out_of_memory,
    out_of_memory,
    silence_loaders,
)


def build_local_engine(catalog: Catalog, *, always_cpu: bool, threads: int | None) -> "LocalEngine":
    """The engine on the best device of this machine."""
    silence_loaders()
    if threads is not None:
        torch.set_num_threads(threads)
    return LocalEngine(catalog, find_device(always_cpu=always_cpu))


class LocalEngine:
    """Keeps the networks of the last plan loaded for the next one."""

    def __init__(self, catalog: Catalog, device: DeviceInfo) -> None:
        self._catalog, self._device = catalog, device
        self._residency: Residency | None = None
        self._encoders: TextEncoders | None = None
        self._previews: dict[LocalModel, LinearPreview] = {}

    @property
    def device(self) -> str:
        return f"{self._device.name}, {self._device.memory / 2**30:.0f} GiB"

    def prepare(self, plan: Plan, monitor: Monitor) -> None:
        """Load every network of the plan's first picture; see `Engine.prepare`."""
        shot = plan.shots[0]
        with _sentences():
            networks = self._networks_for(shot.generate, monitor)
            hear(networks.encoders, networks.base, shot.texts, shot.generate.steps)
            self._preview(networks)

    def run(self, plan: Plan, monitor: Monitor) -> Iterator[Made]:
        """Make the shots in order; see `Engine.run`."""
        progress = Progress(plan)
        for shot in plan.shots:
            if monitor.begin_shot() is Answer.STOP:
                return
            started = time.monotonic()
            with _sentences():
                ended, picture = self._make(shot, progress, monitor)
            if picture is None:
                monitor.tell(ShotSkipped(shot.number))
            else:
                seconds = time.monotonic() - started
                yield Made(shot=shot, picture=picture, seconds=seconds, steps_done=ended.steps_done)
            if ended.answer is Answer.STOP:
                return

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
        with networks.residency.use(NetworkKey(networks.base, Part.VAE)) as vae:
            drawn = decode(cast(AutoencoderKL, vae), ended.latents)
        return ended, drawn if shot.size == generate.size else fit(drawn, shot.size.width, shot.size.height)

    def _networks_for(self, generate: Generate, monitor: Monitor) -> Networks:
        """The networks of a pass, held as the memory allows; those of other models are forgotten.

        Every UNet is read before the first step, so that a damaged refiner does not show after minutes of drawing.
        """
        models = self._catalog.models
        base = models[generate.base]
        refiner = models[generate.refiner] if generate.refiner else None
        used = [model for model in (base, refiner) if model is not None]
        policy = choose_policy(self._device, weights=sum(model.bytes for model in used))
        residency, encoders = self._residency, self._encoders
        if residency is None or encoders is None or residency.policy != policy or residency.has_stale(used):
            residency = Residency(policy)
            encoders = TextEncoders(residency)
            self._residency, self._encoders = residency, encoders
            self._previews.clear()
        residency.keep_only(used)
        residency.listen(lambda what: monitor.tell(Loading(what)))
        for key in (*(NetworkKey(model, Part.UNET) for model in used), NetworkKey(base, Part.VAE)):
            residency.load(key)
        return Networks(base=base, refiner=refiner, residency=residency, encoders=encoders)

    def _preview(self, networks: Networks) -> LinearPreview:
        if networks.base not in self._previews:
            with networks.residency.use(NetworkKey(networks.base, Part.VAE)) as vae:
                self._previews[networks.base] = LinearPreview(cast(AutoencoderKL, vae))
        return self._previews[networks.base]


@contextmanager
def _sentences() -> Generator[None]:
    """Running out of memory, in words."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise out_of_memory() from error
        raise
