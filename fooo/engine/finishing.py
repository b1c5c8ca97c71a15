"""Enlarges pictures, and finds the things in them that are to be mended."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from fooo.catalog import Catalog, still_here
from fooo.catalog.shelf.detectors import DetectorFile
from fooo.engine.retries import enlarge_soundly
from fooo.errors import ModelError
from fooo.events import Loading
from fooo.image import Detection, Picture
from fooo.monitor import Monitor
from fooo.plan import Enlarge
from fooo.vision.detect import Detector, open_detector
from fooo.vision.enlarge import Enlarger, Watch, choose_enlarge_policy, enlarge_around, load_upscaler
from fooo.weights import DeviceInfo


class Finishing:
    """Keeps the network of the last picture loaded for the next one.

    Args:
        catalog: What there is, whenever it is asked.
        device: What computes.
    """

    def __init__(self, catalog: Callable[[], Catalog], device: DeviceInfo) -> None:
        self._catalog, self._device = catalog, device
        self._enlarger: tuple[Path, Enlarger] | None = None
        self._detector: tuple[DetectorFile, Detector] | None = None

    def enlarge(self, picture: Picture, pass_: Enlarge, monitor: Monitor, watch: Watch) -> Picture | None:
        """The picture at the pass's size; None where `watch` said to stop.

        Raises:
            ModelError: The upscaler is gone, damaged or cannot be computed here.
            BadNumbers: What came out is no picture, or none of this one, even in the most exact numbers.
            OutOfMemory: Even the least was not enough.
        """
        path = still_here(self._catalog().upscalers, pass_.upscaler)
        if self._enlarger is None or self._enlarger[0] != path:
            monitor.tell(Loading(pass_.upscaler))
            self._enlarger = path, Enlarger(load_upscaler(path), choose_enlarge_policy(self._device))
        enlarger = self._enlarger[1]
        size = (pass_.size.width, pass_.size.height)
        make = partial(enlarge_around, enlarger, picture, size, pass_.tiling, watch=watch)
        return enlarge_soundly(enlarger, make)

    def find(self, picture: Picture, detector: str, monitor: Monitor) -> tuple[Detection, ...]:
        """What the detector of that name sees, surest first.

        Raises:
            ModelError: It is gone or damaged.
        """
        file = next((each for each in self._catalog().detectors if each.name == detector), None)
        if file is None:
            raise ModelError(Path(detector), "is gone", "put it back, or turn the mending off")
        if self._detector is None or self._detector[0] != file:
            monitor.tell(Loading(file.name))
            self._detector = file, open_detector(file)
        return self._detector[1].find(picture)
