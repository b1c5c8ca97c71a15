"""A detector that is here, for catalogs of tests that only plan."""

from pathlib import Path

from fooo.catalog.shelf.detectors import DetectorFile, DetectorKind

CENTERFACE = DetectorFile(name="centerface", kind=DetectorKind.CENTERFACE, path=Path("centerface.onnx"))
"""Finds faces, where a plan wants them mended."""
