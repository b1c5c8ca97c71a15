"""Draws with a model's networks: words, noise, the loop, and the picture out of its latents."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.catalog import Catalog, read_tokens, still_here
from fooo.catalog.configs import config_folder
from fooo.engine.held_models import HeldModels, vae_for_half
from fooo.engine.progress import Progress
from fooo.engine.retries import (
    decode_soundly,
    encode_soundly,
    raise_precision,
    raise_unets,
    with_enough_memory,
    with_sound_numbers,
)
from fooo.engine.together import Turns
from fooo.errors import ModelError
from fooo.events import Loading, Placement
from fooo.image import Picture
from fooo.monitor import Answer, Monitor
from fooo.pipeline import (
    Additions,
    Ended,
    Latents,
    LinearPreview,
    Moment,
    Networks,
    PacedPreview,
    PhraseWriter,
    Preview,
    denoise,
    denoise_together,
    find_tiny,
    finish_texts,
    hear,
    prepare_run,
)
from fooo.plan import Generate, Mend, Ruler, Shot
from fooo.weights import DeviceInfo, LoraUse, MemoryPolicy, NetworkKey, Part

Watch = Callable[[Latents, Moment, Preview], Answer]
"""Is told each guess and where it stands, and what shows it small; whether to go on."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Sampled:
    """A shot's latents, before they are a picture.

    Attributes:
        seconds: That it took; of what it shares with others, its share.
        batch_size: How many shots were drawn in the same network calls.
        wanted: Whether they are to become a picture.
    """

    shot: Shot
    generate: Generate
    networks: Networks
    ended: Ended
    seconds: float
    batch_size: int = 1
    wanted: bool = True


class Drawing:
    """Carries out the passes that denoise, with the networks of the last one still loaded for the next.

    Args:
        catalog: What there is, whenever it is asked.
        device: What draws.
        held: The models.
        together: How many pictures like a shot are drawn in the same network calls.
        compiled: Whether what the networks repeat is compiled, where they stay on the device.
    """

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        device: DeviceInfo,
        held: HeldModels,
        *,
        together: Callable[[MemoryPolicy, Shot], int],
        compiled: bool,
    ) -> None:
        self._current_catalog, self._device, self._held = catalog, device, held
        self._most_together, self._compiled = together, compiled
        self._last_preview: tuple[object, Preview] | None = None
        self._writer: PhraseWriter | None = None

    def warm_up(self, planned: Shot, monitor: Monitor) -> None:
        """Load every network of a shot, and encode its words."""
        shot = self.finish_words(planned, monitor)
        for generate in drawn_by(shot)[:1]:
            with_enough_memory(partial(self._warm_up, shot, generate, monitor), lambda: self._held.lower(monitor))

    def finish_words(self, shot: Shot, monitor: Monitor) -> Shot:
        """The shot with all its words: where the plan leaves some to a language model, they are written now."""
        if not shot.texts.model_writes or not drawn_by(shot):
            return shot
        first = drawn_by(shot)[0]
        if self._writer is None:
            folder = self._catalog.prompt_expansion
            if folder is None:  # it was there when this was planned
                raise ModelError(Path("models/prompt_expansion"), "is gone", "put it back, or choose gentle or rich")
            monitor.tell(Loading(folder.name))
            self._writer = PhraseWriter(folder)
        towers = read_tokens(config_folder(still_here(self._catalog.models, first.base)) / Part.TOKENIZER)
        ruler = Ruler(towers, self._catalog.embedding_lengths, first.steps)
        texts = finish_texts(shot.texts, self._writer, ruler, seed=shot.seed)
        return shot.model_copy(update={"texts": texts})

    def begin(self, shots: Sequence[Shot], progress: Progress, monitor: Monitor) -> list[Sampled]:
        """The latents of the first of these shots, and of as many more of them as are drawn together with it.

        Args:
            shots: Alike; each begins with a Generate.
            progress: Counts the steps.
            monitor: Told each, and asked whether to go on.
        """
        started = time.monotonic()
        sample = partial(self._sample_some, shots, progress, monitor)
        networks, sampled = with_enough_memory(sample, partial(self._held.lower, monitor))
        seconds = (time.monotonic() - started) / len(sampled)
        return [
            Sampled(
                shot=shot,
                generate=shot.generate,
                networks=networks,
                ended=ended,
                seconds=seconds,
                batch_size=len(sampled),
                wanted=wanted,
            )
            for shot, ended, wanted in sampled
        ]

    def draw_anew(self, shot: Shot, generate: Generate, picture: Picture, monitor: Monitor, watch: Watch) -> Sampled:
        """The latents of a picture that is drawn anew in part.

        Args:
            shot: Whose words and seed it has.
            generate: The pass; its size is the picture's.
            picture: To begin with.
            monitor: Told what is loaded.
            watch: Told each step.
        """

        def sample() -> Sampled:
            started = time.monotonic()
            networks = self._networks_for(shot, generate, monitor)
            preview = PacedPreview(self._preview(networks))
            start = encode_soundly(networks, picture, generate.tiling, monitor, in_tiles=_in_tiles(networks, generate))
            run = prepare_run(
                shot, generate, networks, start=start, watch=lambda clean, moment: watch(clean, moment, preview)
            )
            ended = denoise(run)
            seconds = time.monotonic() - started
            return Sampled(shot=shot, generate=generate, networks=networks, ended=ended, seconds=seconds)

        def sample_soundly() -> Sampled:
            return with_sound_numbers(sample, lambda: raise_unets(self._networks_for(shot, generate, monitor), monitor))

        return with_enough_memory(sample_soundly, partial(self._held.lower, monitor))

    def more_exactly(self, shot: Shot, generate: Generate, monitor: Monitor) -> bool:
        """Let the networks that draw a pass alone compute more exactly; False where they do as exactly as they can."""
        networks = self._networks_for(shot, generate, monitor)
        keys = (NetworkKey(networks.base, Part.UNET), networks.decoder)
        raised = [raise_precision(networks, key, monitor) for key in keys]
        return any(raised)

    def decode(self, sampled: Sampled, monitor: Monitor) -> Picture:
        """The picture of the latents."""
        networks, generate = sampled.networks, sampled.generate
        return with_enough_memory(
            lambda: decode_soundly(
                networks,
                sampled.ended.latents,
                generate.tiling,
                monitor,
                in_tiles=_in_tiles(networks, generate),
            ),
            partial(self._held.lower, monitor),
        )

    @property
    def _catalog(self) -> Catalog:
        return self._current_catalog()

    def _warm_up(self, shot: Shot, generate: Generate, monitor: Monitor) -> None:
        networks = self._networks_for(shot, generate, monitor)
        hear(networks.encoders, networks.base, shot.texts, generate.steps, networks.added)
        with networks.residency.use(NetworkKey(networks.base, Part.UNET), networks.loras):
            pass  # LoRAs that do not fit show now, and not after the first steps
        self._preview(networks)

    def _sample_some(
        self, shots: Sequence[Shot], progress: Progress, monitor: Monitor
    ) -> tuple[Networks, list[tuple[Shot, Ended, bool]]]:
        """The networks, and each shot that was drawn, where it ended, and whether it is wanted."""
        networks = self._networks_for(shots[0], shots[0].generate, monitor)
        together = shots[: self._most_together(networks.residency.policy, shots[0])]
        finished = [self.finish_words(shot, monitor) for shot in together]
        return networks, with_sound_numbers(
            lambda: self._sample(finished, networks, progress, monitor), lambda: raise_unets(networks, monitor)
        )

    def _sample(
        self, shots: Sequence[Shot], networks: Networks, progress: Progress, monitor: Monitor
    ) -> list[tuple[Shot, Ended, bool]]:
        drawn, turns = self._preview(networks), Turns(shots, monitor)
        previews = {shot.number: PacedPreview(drawn) for shot in shots}

        def watch(shot: Shot, clean: Latents, moment: Moment) -> Answer:
            preview = previews[shot.number].draw(clean)
            step = progress.step(shot, moment.done * moment.steps, moment.leg, preview)
            return turns.answer(shot.number, moment, monitor.tell(step))

        runs = [prepare_run(shot, shot.generate, networks, watch=partial(watch, shot)) for shot in shots]
        progress.begin(shots)  # what was loaded before says nothing about the steps
        return [
            (shot, ended, ended.answer is Answer.GO or shot.number in turns.kept)
            for shot, ended in zip(shots, denoise_together(runs), strict=True)
        ]

    def _networks_for(self, shot: Shot, generate: Generate, monitor: Monitor) -> Networks:
        """The networks of a pass, held as the memory allows; those of other models are forgotten.

        Every UNet is read before the first step, so that a damaged refiner does not show after minutes of drawing.
        """
        models = self._catalog.models
        base = still_here(models, generate.base)
        refiner = still_here(models, generate.refiner) if generate.refiner else None
        # those of its other passes too, so that none is read again for the next picture
        others = (still_here(models, name) for name in shot.models if name != generate.base)
        used = [base, *others]
        chosen = still_here(self._catalog.vaes, generate.vae) if generate.vae else None
        vae = chosen or vae_for_half(self._device, base, self._catalog.vaes)
        seen = generate.window or generate.size
        pixels = seen.width * seen.height
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


def drawn_by(shot: Shot) -> tuple[Generate, ...]:
    """Everything that denoises for a shot: over the whole picture, and over parts of it."""
    return (*shot.generates, *(each.generate for each in shot.passes if isinstance(each, Mend)))


def _in_tiles(networks: Networks, generate: Generate) -> bool:
    """Whether the VAE sees the picture a part after the other: where memory is short, or the picture is large."""
    return networks.residency.policy.tiled_vae or generate.window is not None
