"""Enlarges pictures with a network, tile by tile, to any size."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from math import ceil

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from fooo.errors import BadNumbers
from fooo.image import Box, Mask, Picture, fit, part_of_shape, resized
from fooo.image.soundness import Fault, fault_of
from fooo.vision.enlarge.load import LoadedUpscaler
from fooo.vision.enlarge.policy import EnlargePolicy, in_smaller_tiles, more_exactly
from fooo.vision.enlarge.tiles import Tile, tiles
from fooo.weights.held_network import HeldNetwork
from fooo.weights.memory_policy import Precision
from fooo.weights.residency import DTYPES

Size = tuple[int, int]
"""(width, height) in pixels."""

_LEAST = 24
"""Pixels along a side that a network is shown: of fewer it draws specks, as beyond the edges it sees black."""

Watch = Callable[[int, int], bool]
"""Is told how many tiles are done and of how many; whether to go on."""


def go_on(_done: int, _tiles: int) -> bool:
    """Watches nothing."""
    return True


class Enlarger:
    """Enlarges with one network, which is on the device only meanwhile.

    Args:
        upscaler: The network.
        policy: Where and in what it computes.
        true_to_source: Whether what the network gives is brought back to the source's colours, pixel by pixel; see
            `likened`.
    """

    def __init__(self, upscaler: LoadedUpscaler, policy: EnlargePolicy, *, true_to_source: bool = True) -> None:
        self._upscaler, self._policy, self._true_to_source = upscaler, policy, true_to_source
        self._device = torch.device(policy.device.value)
        self._held = HeldNetwork(upscaler.network, self._device, self._dtype)

    @property
    def name(self) -> str:
        """Of the network's file."""
        return self._upscaler.name

    @property
    def scale(self) -> int:
        """How many times larger the network makes a picture by itself."""
        return self._upscaler.scale

    @property
    def policy(self) -> EnlargePolicy:
        return self._policy

    def enlarge(self, picture: Picture, size: Size, *, watch: Watch = go_on) -> Picture | None:
        """The picture at exactly that size, cropped evenly, as little as its shape takes.

        The network makes it larger by its own factor, as often as it takes, and a Lanczos resize makes it fit. What is
        not to become larger is only resized. A picture without colours gets none.

        Args:
            picture: Of any size.
            size: Of the enlarged one.
            watch: Called at the beginning, and after each tile.

        Returns:
            None where `watch` said to stop.

        Raises:
            BadNumbers: What came out is no picture, or none of this one; try again after `raise_precision`.
            OutOfMemory, RuntimeError: There is not enough memory; try again after `lower`.
        """
        part = part_of_shape(picture.size, size)
        if self.scale == 1 or size[0] <= part.width:
            return fit(picture, *size)
        steps = self._steps(part, size)
        jobs = self._jobs(picture.size, part, steps)
        count, done = sum(map(len, jobs)), 0
        if not watch(done, count):
            return None
        enlarged, is_grey = picture, _is_grey(picture)
        with self._network_on_device():
            for step, job in zip(steps, jobs, strict=True):
                pixels = np.empty((step[1], step[0], 3), np.uint8)
                for tile in job:
                    made = self._tile(enlarged, tile)
                    pixels[tile.rows.place, tile.columns.place] = _in_grey(made) if is_grey else made
                    done += 1
                    if not watch(done, count):
                        return None
                enlarged = Picture(pixels)
        self._check(enlarged, fit(picture, max(1, round(part.width)), max(1, round(part.height))))
        return enlarged

    def enlarge_mask(self, mask: Mask, size: Size, *, watch: Watch = go_on) -> Mask | None:
        """A mask, or a picture's transparency, in the same way as a picture of grey; see `enlarge`."""
        grey = Picture(np.repeat(mask.values[..., None], 3, axis=2))
        enlarged = self.enlarge(grey, size, watch=watch)
        return enlarged and Mask(enlarged.pixels[..., 0].copy())

    def raise_precision(self) -> bool:
        """Compute more exactly from now on; False where that cannot be."""
        return self._adopt(more_exactly(self._policy))

    def lower(self) -> bool:
        """Take less memory from now on; False where that cannot be."""
        return self._adopt(in_smaller_tiles(self._policy))

    def _adopt(self, policy: EnlargePolicy | None) -> bool:
        if policy is None or (self._dtype is torch.float32 and policy.precision is not self._policy.precision):
            return False
        self._policy = policy
        self._held.dtype = self._dtype
        return True

    @property
    def _dtype(self) -> torch.dtype:
        return DTYPES[Precision.FLOAT32 if self._upscaler.only_float32 else self._policy.precision]

    def _steps(self, part: Box, size: Size) -> list[Size]:
        """The sizes on the way, the last of them the wanted one; each at most the network's factor larger."""
        steps = [size]
        while max(steps[0][0] / part.width, steps[0][1] / part.height) > self.scale * (1 + 1e-6):
            width, height = steps[0]
            steps.insert(0, (ceil(width / self.scale), ceil(height / self.scale)))
        return steps

    def _jobs(self, source: Size, part: Box, steps: list[Size]) -> list[list[Tile]]:
        """The tiles of each step; the steps after the first enlarge the whole of what the one before gave."""
        jobs: list[list[Tile]] = []
        for step in steps:
            jobs.append(
                tiles(
                    source,
                    part,
                    step,
                    most=self._policy.tile,
                    context=self._upscaler.context,
                    multiple=self._upscaler.multiple,
                )
            )
            source, part = step, Box(0, 0, *step)
        return jobs

    @contextmanager
    def _network_on_device(self) -> Generator[None]:
        self._held.lay()
        try:
            yield
        finally:
            self._held.put_away()

    def _tile(self, picture: Picture, tile: Tile) -> npt.NDArray[np.uint8]:
        seen = picture.pixels[tile.rows.seen, tile.columns.seen]
        return resized(Picture(self._compute(seen)), tile.box(self.scale), tile.size).pixels

    @torch.inference_mode()
    def _compute(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Raises: BadNumbers: The network gave NaN or infinity."""
        height, width = pixels.shape[:2]
        (above, below), (left, right) = (_room(side, self._upscaler.multiple) for side in (height, width))
        shown = torch.tensor(pixels, device=self._device).permute(2, 0, 1)[None].float() / 255
        if above or below or left or right:
            shown = functional.pad(shown, (left, right, above, below), mode="replicate")
        larger = self._held.network(shown.contiguous(memory_format=torch.channels_last))
        if self._true_to_source:
            larger = likened(larger, shown, self.scale)
        top, start = above * self.scale, left * self.scale
        larger = larger[0, :, top : top + height * self.scale, start : start + width * self.scale]
        if not bool(torch.isfinite(larger).all()):
            raise _bad(Fault.NO_NUMBERS)
        return larger.clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()

    def _check(self, enlarged: Picture, source: Picture) -> None:
        """Raises: BadNumbers: It is not the source made larger."""
        if fault := fault_of(enlarged.pixels, source):
            raise _bad(fault)


def likened(enlarged: torch.Tensor, source: torch.Tensor, scale: int) -> torch.Tensor:
    """The enlarged pixels, moved so far that they are the source again when made small.

    Networks of this kind repaint: faces become waxen, colours drift by some levels. What they add inside a pixel of the
    source stays; what they make of the pixel as a whole does not.

    Args:
        enlarged: Shape (1, 3, scale * height, scale * width).
        source: Shape (1, 3, height, width).
        scale: How many times larger.

    Source: Irani and Peleg 1991, "Improving Resolution by Image Registration", back-projection; one round of it.
    """
    off = source - functional.avg_pool2d(enlarged, scale)
    return enlarged + functional.interpolate(off, scale_factor=scale, mode="bicubic")


def _room(length: int, multiple: int) -> tuple[int, int]:
    """Pixels to add before and behind a side, so that it is long enough and divisible."""
    wanted = max(length, _LEAST)
    before = (wanted - length) // 2
    return before, wanted + -wanted % multiple - length - before


def _is_grey(picture: Picture) -> bool:
    red, green, blue = (picture.pixels[..., channel] for channel in range(3))
    return np.array_equal(red, green) and np.array_equal(green, blue)


def _in_grey(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Networks give grey lines rims of colour, of up to 60 levels."""
    levels = np.rint(pixels.mean(axis=2, keepdims=True)).astype(np.uint8)
    return levels.repeat(3, axis=2)


def _bad(fault: Fault) -> BadNumbers:
    return BadNumbers(f"The enlarged picture {fault.value}; enlarge it with --always-cpu, or with another upscaler.")
