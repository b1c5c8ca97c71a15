"""Enlarges pictures with one upscaler on this machine's own device, however much memory and precision it takes."""

from pathlib import Path

import torch

from fooo.engine.retries import enlarge_soundly
from fooo.image.picture_files import OpenedPicture
from fooo.vision.enlarge import Enlarger, Watch, choose_enlarge_policy, enlarge_opened, load_upscaler
from fooo.weights import find_device


class LocalEnlarging:
    """Makes pictures larger, one after the other.

    Args:
        path: Of the upscaler.
        always_cpu: Leave every accelerator alone.
        threads: Of the processor; None: as many as it has cores.

    Raises:
        ModelError: The file is missing, damaged, or cannot be computed here.
    """

    def __init__(self, path: Path, *, always_cpu: bool, threads: int | None) -> None:
        if threads is not None:
            torch.set_num_threads(threads)
        self._enlarger = Enlarger(load_upscaler(path), choose_enlarge_policy(find_device(always_cpu=always_cpu)))

    def __call__(self, opened: OpenedPicture, size: tuple[int, int], watch: Watch) -> OpenedPicture | None:
        """The picture at exactly that size, cropped evenly to its shape; None where `watch` said to stop.

        Raises:
            BadNumbers: What came out is no picture, or none of this one, even in the most exact numbers.
            OutOfMemory: Even the least was not enough.
        """
        return enlarge_soundly(self._enlarger, lambda: enlarge_opened(self._enlarger, opened, size, watch=watch))
