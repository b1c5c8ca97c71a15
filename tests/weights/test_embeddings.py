"""Textual inversions in the layouts in which they are handed around."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fooo.catalog import Catalog, LocalModel, ModelKind
from fooo.errors import ModelError
from fooo.weights import Part, read_embedding
from tests import model_files

XL = {"clip_l": torch.ones(3, 768), "clip_g": torch.zeros(3, 1280)}


@pytest.fixture
def model(catalog: Catalog) -> LocalModel:
    return catalog.models["pocket/base"]


def test_sdxls_has_vectors_for_each_tower(model: LocalModel, tmp_path: Path):
    found = read_embedding(model_files.write(tmp_path / "x.safetensors", XL), model)
    assert torch.equal(found[Part.TEXT_ENCODER], XL["clip_l"])
    assert torch.equal(found[Part.TEXT_ENCODER_2], XL["clip_g"])


@pytest.mark.parametrize("name", ["emb_params", "string_to_param.*", "<mine>", "mine"])
@pytest.mark.parametrize("shape", [(2, 768), (768,)])
def test_sd1s_has_vectors_for_its_one_under_any_of_four_names(
    model: LocalModel, tmp_path: Path, name: str, shape: tuple[int, ...]
):
    vectors = torch.arange(torch.Size(shape).numel()).reshape(shape).float()
    file = model_files.write(tmp_path / "x.safetensors", {name: vectors})
    found = read_embedding(file, replace(model, kind=ModelKind.SD1))
    assert found.keys() == {Part.TEXT_ENCODER}
    assert torch.equal(found[Part.TEXT_ENCODER], vectors.reshape(-1, 768))


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        (
            {"emb_params": torch.ones(2, 768)},
            "is an embedding for SD 1.x, and pocket/base is an SDXL model; leave it out",
        ),
        (
            XL | {"clip_g": torch.zeros(2, 1280)},
            "takes more words of one text encoder than of the other; copy it again",
        ),
        ({"clip_l": torch.ones(2, 768)}, "lacks a tensor of its embedding"),
        ({"x.lora_up.weight": torch.ones(2, 2), "x.lora_down.weight": torch.ones(2, 2)}, "is no embedding"),
    ],
)
def test_what_is_no_embedding_for_the_model_is_a_sentence(
    model: LocalModel, tmp_path: Path, tensors: dict[str, torch.Tensor], sentence: str
):
    with pytest.raises(ModelError, match=sentence):
        read_embedding(model_files.write(tmp_path / "x.safetensors", tensors), model)
