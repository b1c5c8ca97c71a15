"""Tries again what failed for want of memory, or of digits."""

from collections.abc import Callable
from typing import TypeVar, cast

from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from fooo.errors import BadNumbers, OutOfMemory
from fooo.events import PrecisionRaised
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.pipeline import Latents, Networks, decode, encode
from fooo.request import Tiling
from fooo.vision.enlarge import Enlarger
from fooo.weights import NetworkKey, Part, Precision, is_out_of_memory, out_of_memory

T = TypeVar("T")


def with_enough_memory(do: Callable[[], T], lower: Callable[[], bool]) -> T:
    """What `do` gives, tried again with less and less memory as long as there was not enough.

    Args:
        do: Uses the memory.
        lower: Gives back what is held and sees to it that `do` takes less; False where it cannot.

    Raises:
        OutOfMemory: Even the least was not enough.
    """
    while True:
        try:
            return do()
        except (MemoryError, RuntimeError, OutOfMemory) as error:
            if not isinstance(error, OutOfMemory) and not is_out_of_memory(error):
                raise
        # only behind the `except` is nothing held any more of the call that failed
        if not lower():
            raise out_of_memory()


def with_sound_numbers(do: Callable[[], T], more_exactly: Callable[[], bool]) -> T:
    """What `do` gives, tried again more exactly as long as its numbers are broken.

    Raises:
        BadNumbers: They stay so.
    """
    while True:
        try:
            return do()
        except BadNumbers:
            if not more_exactly():
                raise


def decode_soundly(
    networks: Networks, latents: Latents, tiling: Tiling, monitor: Monitor, *, in_tiles: bool = False
) -> Picture:
    """The picture of clean latents; where the decoder overflows, as one decodes it that does not.

    Args:
        networks: Among them the decoder.
        latents: Clean ones.
        tiling: Along which axes copies of the picture are to meet without a seam.
        monitor: Told when the decoder computes more exactly.
        in_tiles: Whether it is decoded a part after the other even where the memory would hold it.

    Raises:
        BadNumbers: In float32 it does so too.
    """
    residency, key = networks.residency, networks.decoder

    def draw() -> Picture:
        with residency.use(key) as vae:
            picture = decode(cast(AutoencoderKL, vae), latents, tiling, in_tiles=in_tiles or residency.policy.tiled_vae)
        # some decoders overflow into black; a picture that was meant to be of one colour is so in float32 too
        if residency.precision(key) is not Precision.FLOAT32 and _is_of_one_colour(picture):
            raise BadNumbers("All of the picture is one colour.")
        return picture

    return with_sound_numbers(draw, lambda: raise_precision(networks, key, monitor))


def encode_soundly(
    networks: Networks, picture: Picture, tiling: Tiling, monitor: Monitor, *, in_tiles: bool = False
) -> Latents:
    """The latents of a picture; where the encoder overflows, as one encodes it that does not.

    Raises:
        BadNumbers: In float32 it does so too.
    """
    residency, key = networks.residency, networks.decoder

    def read() -> Latents:
        with residency.use(key) as vae:
            tiled = in_tiles or residency.policy.tiled_vae
            return encode(cast(AutoencoderKL, vae), picture, tiling, in_tiles=tiled)

    return with_sound_numbers(read, lambda: raise_precision(networks, key, monitor))


def enlarge_soundly(enlarger: Enlarger, make: Callable[[], T]) -> T:
    """What `make` enlarges with it, however much memory and precision that takes.

    Raises:
        BadNumbers: What came out is no picture, or none of this one, even in the most exact numbers.
        OutOfMemory: Even the least was not enough.
    """
    return with_enough_memory(lambda: with_sound_numbers(make, enlarger.raise_precision), enlarger.lower)


def raise_unets(networks: Networks, monitor: Monitor) -> bool:
    """Let the UNets that compute in float16 do so more exactly; False where none does.

    The other formats have a range as wide as float32's: what is broken in them is broken in the file.
    """
    models = [model for model in (networks.base, networks.refiner) if model is not None]
    keys = [NetworkKey(model, Part.UNET) for model in models]
    narrow = [key for key in keys if networks.residency.precision(key) is Precision.FLOAT16]
    for key in narrow:
        raise_precision(networks, key, monitor)
    return bool(narrow)


def raise_precision(networks: Networks, key: NetworkKey, monitor: Monitor) -> bool:
    """Let a network compute more exactly; False where it does as exactly as it can."""
    raised = networks.residency.raise_precision(key)
    if raised:
        monitor.tell(PrecisionRaised(key.name))
    return raised


def _is_of_one_colour(picture: Picture) -> bool:
    return bool((picture.pixels == picture.pixels[0, 0]).all())
