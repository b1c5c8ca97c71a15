"""Each kind of detector on networks of its real layout that find white spots."""

from pathlib import Path

import numpy as np
import pytest

from fooo.catalog.shelf.detectors import DetectorFile, DetectorKind, find_detectors
from fooo.errors import ModelError
from fooo.image import Box, Detection, Picture
from fooo.vision.detect import open_detector
from tests.vision.detect.onnx_files import centerface, constant, scrfd, white_spots

NAMES = {"names": "{0: 'hand', 1: 'eye'}"}


def find(path: Path, kind: DetectorKind, picture: Picture) -> tuple[Detection, ...]:
    return open_detector(DetectorFile(name=path.stem, kind=kind, path=path)).find(picture)


def corners(box: Box) -> tuple[int, int, int, int]:
    return round(box.left), round(box.top), round(box.right), round(box.bottom)


def test_centerface_finds_each_spot_in_a_picture_of_any_size(tmp_path: Path):
    path = centerface(tmp_path / "centerface.onnx", log_size=np.log(5))
    # 100 and 70 do not divide by 32: the picture stands in the corner of 128 x 96, and keeps its size there
    one, other = find(path, DetectorKind.CENTERFACE, white_spots((128, 96), (40, 20), (100, 80), side=4))
    assert {corners(one.box), corners(other.box)} == {(32, 12, 52, 32), (92, 72, 112, 92)}
    assert one.score == pytest.approx(1, abs=0.01)
    assert one.landmarks is not None
    assert one.landmarks[0] == pytest.approx((42, 22))
    assert len(one.landmarks) == 5


def test_a_large_picture_is_shown_smaller_and_its_boxes_are_in_its_own_pixels(tmp_path: Path):
    path = centerface(tmp_path / "centerface.onnx")
    (found,) = find(path, DetectorKind.CENTERFACE, white_spots((4096, 2048), (1600, 800), side=8))
    assert corners(found.box) == (1593, 793, 1615, 815)  # e cells of 8 pixels, around the middle of one


def test_a_box_at_the_edge_ends_there(tmp_path: Path):
    path = centerface(tmp_path / "centerface.onnx", log_size=np.log(8))
    (found,) = find(path, DetectorKind.CENTERFACE, white_spots((64, 64), (0, 0), side=4))
    assert corners(found.box) == (0, 0, 18, 18)


def test_a_picture_without_anything_gives_nothing(tmp_path: Path):
    path = centerface(tmp_path / "centerface.onnx")
    assert find(path, DetectorKind.CENTERFACE, white_spots((64, 64), side=4)) == ()
    assert find(path, DetectorKind.CENTERFACE, Picture(np.zeros((1, 1, 3), np.uint8))) == ()


@pytest.mark.parametrize("landmarks", [True, False])
def test_an_insightface_pack_finds_faces_at_its_scales(tmp_path: Path, landmarks: bool):
    scrfd(tmp_path / "insightface" / "mine" / "det_10g.onnx", landmarks=landmarks)
    constant(tmp_path / "insightface" / "mine" / "w600k_r50.onnx", np.zeros((1, 512)), input_shape=(1, 3, 112, 112))
    (file,) = find_detectors([tmp_path])
    assert "non-commercial" in file.terms.en
    detector = open_detector(file)
    assert detector.name == "mine"
    (found,) = detector.find(white_spots((96, 64), (40, 24), side=8))
    # the spot fills a cell of 8 pixels, and less than half of the larger ones; one cell to each side of its corner
    assert corners(found.box) == (32, 16, 48, 32)
    assert (found.landmarks is not None) == landmarks
    if found.landmarks:
        assert found.landmarks[4] == pytest.approx((42, 26))


def test_a_pack_without_a_detector_is_refused(tmp_path: Path):
    constant(tmp_path / "pack" / "w600k_r50.onnx", np.zeros((1, 512)))
    with pytest.raises(ModelError, match="holds no face detector"):
        open_detector(DetectorFile(name="pack", kind=DetectorKind.INSIGHTFACE, path=tmp_path / "pack"))


# 64 x 64 has 64 + 16 + 4 cells
def by_version_8(classes: int, further: int = 0) -> np.ndarray:
    output = np.zeros((1, 4 + classes + further, 84))
    output[0, :5, 7] = (32, 16, 20, 10, 0.9)
    output[0, :4, 8] = (33, 16, 20, 10)  # the same thing once more
    output[0, 4, 8] = 0.8
    output[0, :4, 20] = (50, 50, 8, 8)
    output[0, 5, 20] = 0.7
    output[0, 4 + classes :] = 9
    return output


def by_version_5() -> np.ndarray:
    output = np.zeros((1, 3 * 84, 7))
    output[0, 7] = (32, 16, 20, 10, 0.9, 1.0, 0.1)
    output[0, 100] = (50, 50, 8, 8, 0.7, 0.0, 1.0)
    output[0, 101] = (10, 50, 8, 8, 0.7, 0.3, 0.3)  # something, but of no class
    return output


def sorted_out() -> np.ndarray:
    output = np.zeros((1, 300, 6))
    output[0, 0] = (22, 11, 42, 21, 0.9, 0)
    output[0, 1] = (46, 46, 54, 54, 0.7, 1)
    return output


@pytest.mark.parametrize(
    "output",
    [by_version_8(2), by_version_8(2, further=32), by_version_5(), sorted_out()],
    ids=["version 8", "with outlines", "version 5", "sorted out"],
)
def test_every_layout_of_yolo_says_where_and_what(tmp_path: Path, output: np.ndarray):
    path = constant(tmp_path / "hands.onnx", output, notes=NAMES)
    found = find(path, DetectorKind.YOLO, Picture(np.zeros((128, 128, 3), np.uint8)))
    assert [each.label for each in found] == ["hand", "eye"]
    # the picture is twice as large as what the network is shown
    assert [corners(each.box) for each in found] == [(44, 22, 84, 42), (92, 92, 108, 108)]
    assert found[0].score == pytest.approx(0.9)


@pytest.mark.parametrize("names", ["", "no python", "__import__('os')", "3", "[" * 5000])
def test_what_has_no_names_is_called_as_its_file(tmp_path: Path, names: str):
    path = constant(tmp_path / "hands.onnx", by_version_8(2), notes={"names": names})
    found = find(path, DetectorKind.YOLO, Picture(np.zeros((64, 64, 3), np.uint8)))
    assert {each.label for each in found} == {"hands"}


@pytest.mark.parametrize("shape", [(1, 10), (1, 3, 64), (1, 84, 5), (1, 4, 84)])
def test_another_network_is_no_yolo(tmp_path: Path, shape: tuple[int, ...]):
    path = constant(tmp_path / "x.onnx", np.zeros(shape))
    with pytest.raises(ModelError, match="is no YOLO detection model"):
        find(path, DetectorKind.YOLO, Picture(np.zeros((64, 64, 3), np.uint8)))


@pytest.mark.parametrize("kind", [DetectorKind.CENTERFACE, DetectorKind.YOLO])
def test_a_damaged_or_missing_file_is_refused_in_a_sentence(tmp_path: Path, kind: DetectorKind):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"<html>")
    for path, says in ((broken, "is damaged"), (tmp_path / "missing.onnx", "cannot be read")):
        with pytest.raises(ModelError, match=says):
            open_detector(DetectorFile(name="x", kind=kind, path=path))


def test_a_network_that_takes_no_picture_or_is_another_is_refused(tmp_path: Path):
    words = constant(tmp_path / "words.onnx", np.zeros((1, 3)), input_shape=(1, 77))
    with pytest.raises(ModelError, match="does not take a picture"):
        open_detector(DetectorFile(name="x", kind=DetectorKind.YOLO, path=words))
    other = constant(tmp_path / "centerface.onnx", np.zeros((1, 1, 8, 8)))
    with pytest.raises(ModelError, match="is another network than CenterFace"):
        open_detector(DetectorFile(name="x", kind=DetectorKind.CENTERFACE, path=other))
