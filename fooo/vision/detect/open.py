"""Files into detectors."""

from pathlib import Path
from typing import assert_never

from fooo.catalog.shelf.detectors import DetectorFile, DetectorKind
from fooo.errors import ModelError
from fooo.vision.detect.centerface import CenterFace
from fooo.vision.detect.detector import Detector
from fooo.vision.detect.onnx_model import OnnxModel
from fooo.vision.detect.scrfd import Scrfd
from fooo.vision.detect.yolo import Yolo

_LEAST_OUTPUTS = 6
"""Of a face detector in a pack; its other networks have fewer."""


def open_detector(file: DetectorFile) -> Detector:
    """The detector, ready to look at pictures.

    Raises:
        ModelError: It is missing, damaged, or not what it should be.
    """
    match file.kind:
        case DetectorKind.CENTERFACE:
            return CenterFace(file.path)
        case DetectorKind.INSIGHTFACE:
            return Scrfd(_detector_of_pack(file.path), name=file.name)
        case DetectorKind.YOLO:
            return Yolo(file.path)
        case _:
            assert_never(file.kind)


def _detector_of_pack(folder: Path) -> Path:
    """The file that detects, by what it gives: packs name their files as they like."""
    for path in sorted(folder.glob("*.onnx"), key=lambda path: not path.name.startswith("det")):
        if len(OnnxModel(path).output_shapes) >= _LEAST_OUTPUTS:
            return path
    raise ModelError(folder, "holds no face detector", "copy the whole pack again")
