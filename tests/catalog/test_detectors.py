"""Which detectors lie in the folders of models."""

from pathlib import Path

from fooo.catalog.shelf.detectors import DetectorKind, find_detectors


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_packs_come_first_then_centerface_then_what_finds_other_things(tmp_path: Path):
    hands = put(tmp_path / "detectors" / "hands.onnx")
    faces = put(tmp_path / "faces" / "CenterFace.onnx")
    pack = put(tmp_path / "insightface" / "buffalo_l" / "det_10g.onnx").parent
    deeper = put(tmp_path / "insightface" / "models" / "antelope" / "det.onnx").parent
    found = find_detectors([tmp_path])
    assert [each.path for each in found] == [pack, deeper, faces, hands]
    assert [each.finds_faces for each in found] == [True, True, True, False]
    assert [each.kind for each in found[1:]] == [DetectorKind.INSIGHTFACE, DetectorKind.CENTERFACE, DetectorKind.YOLO]


def test_the_terms_of_packs_are_told_in_both_languages_and_those_of_others_are_none(tmp_path: Path):
    put(tmp_path / "insightface" / "mine" / "det.onnx")
    put(tmp_path / "faces" / "centerface.onnx")
    pack, centerface = find_detectors([tmp_path])
    assert "non-commercial" in pack.terms.en
    assert "非商业" in pack.terms.zh
    assert centerface.terms.en == ""


def test_what_is_no_detector_is_passed_over(tmp_path: Path):
    put(tmp_path / "faces" / "other.onnx")
    put(tmp_path / "detectors" / "README.md")
    put(tmp_path / "insightface" / "README.md")
    (tmp_path / "insightface" / "empty").mkdir()
    assert find_detectors([tmp_path, tmp_path / "missing"]) == ()


def test_another_programs_folder_is_looked_into(tmp_path: Path):
    hands = put(tmp_path / "models" / "detectors" / "hands.onnx")
    assert [each.path for each in find_detectors([tmp_path])] == [hands]
