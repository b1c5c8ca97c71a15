"""Other programs' folders, read in place."""

import json
from pathlib import Path

import pytest

from fooo.catalog.shelf import FolderKind, ModelFolder, model_folders, model_roots


def make(root: Path, *folders: str) -> None:
    for folder in folders:
        (root / folder).mkdir(parents=True)


def found(*places: Path) -> list[tuple[str, FolderKind | None]]:
    """Paths from the first place's parent on, without what lies beside the folders."""
    folders, problems = model_folders(places)
    assert problems == []
    deep = (folder for folder in folders if folder.is_deep)
    return [(folder.path.relative_to(places[0].parent).as_posix(), folder.kind) for folder in deep]


def problem(place: Path) -> str:
    folders, (said,) = model_folders([place])
    assert folders == []
    assert "\n" not in said
    return said


def test_fooos_own_folders_go_by_their_kinds(tmp_path: Path):
    make(tmp_path / "models", *FolderKind, "pocket", "insightface")
    assert found(tmp_path / "models") == [(f"models/{kind.value}", kind) for kind in sorted(FolderKind)]
    folders, _ = model_folders([tmp_path / "models"])
    assert folders[-1] == ModelFolder(tmp_path / "models", None, is_deep=False)


def test_comfyuis_folder_is_read_with_its_extra_paths(tmp_path: Path):
    make(tmp_path / "ComfyUI/models", "checkpoints", "loras", "diffusion_models", "text_encoders", "configs", "sams")
    make(tmp_path / "ComfyUI", "custom_nodes", "output")
    make(tmp_path / "disk/sd", "ckpt", "more", "vae")
    (tmp_path / "ComfyUI/extra_model_paths.yaml").write_text(
        f"""
# a comment
disk:
    base_path: {tmp_path}/disk/sd/
    is_default: true
    checkpoints: |
        ckpt
        more
        gone
    vae: vae
    custom_nodes: nodes
relative:
    base_path: ../disk
    loras: sd/more/
"""
    )
    assert found(tmp_path / "ComfyUI") == [
        ("ComfyUI/models/checkpoints", FolderKind.CHECKPOINTS),
        ("ComfyUI/models/diffusion_models", FolderKind.CHECKPOINTS),
        ("ComfyUI/models/loras", FolderKind.LORAS),
        ("ComfyUI/models/text_encoders", FolderKind.TEXT_ENCODERS),
        ("disk/sd/ckpt", FolderKind.CHECKPOINTS),
        ("disk/sd/more", FolderKind.CHECKPOINTS),
        ("disk/sd/vae", FolderKind.VAES),
        ("ComfyUI/../disk/sd/more", FolderKind.LORAS),
    ]


def test_the_file_with_the_extra_paths_is_enough(tmp_path: Path):
    make(tmp_path, "a", "b")
    (tmp_path / "extra_model_paths.yaml").write_text("mine:\n  loras:\n    - a\n    - b\n    - 7\n  vae: null\n")
    assert found(tmp_path / "extra_model_paths.yaml") == [("a", FolderKind.LORAS), ("b", FolderKind.LORAS)]


def test_the_webuis_folder_is_read_with_its_embeddings_beside_the_models(tmp_path: Path):
    make(tmp_path / "webui", "models/Stable-diffusion", "models/Lora", "models/VAE", "models/ESRGAN", "embeddings")
    make(tmp_path / "webui", "models/hypernetworks", "models/karlo", "venv", "models/ControlNet")
    assert found(tmp_path / "webui") == [
        ("webui/models/ControlNet", FolderKind.GUIDES),
        ("webui/models/ESRGAN", FolderKind.UPSCALERS),
        ("webui/models/Lora", FolderKind.LORAS),
        ("webui/models/Stable-diffusion", FolderKind.CHECKPOINTS),
        ("webui/models/VAE", FolderKind.VAES),
        ("webui/embeddings", FolderKind.EMBEDDINGS),
    ]


def test_fooocus_folder_is_read_with_the_paths_of_its_configuration(tmp_path: Path):
    make(tmp_path / "Fooocus/models", "checkpoints", "inpaint")
    make(tmp_path, "big/ckpt", "big/lora", "big/more")
    config = {
        "path_checkpoints": [f"{tmp_path}/big/ckpt", "gone"],
        "path_loras": "../big/lora",
        "path_outputs": f"{tmp_path}/big/more",
        "default_model": "x.safetensors",
    }
    (tmp_path / "Fooocus/config.txt").write_text("\ufeff" + json.dumps(config), encoding="utf-8")
    told = [
        ("Fooocus/models/checkpoints", FolderKind.CHECKPOINTS),
        ("big/ckpt", FolderKind.CHECKPOINTS),
        ("Fooocus/../big/lora", FolderKind.LORAS),
    ]
    assert found(tmp_path / "Fooocus") == told
    folders, _ = model_folders([tmp_path / "Fooocus/config.txt"])
    assert [folder.path.name for folder in folders] == ["ckpt", "lora"]


@pytest.mark.parametrize(("name", "kind"), [("Lora", FolderKind.LORAS), ("things", None)])
def test_a_folder_without_such_folders_is_one_of_its_name(tmp_path: Path, name: str, kind: FolderKind | None):
    make(tmp_path, f"{name}/by somebody")
    assert found(tmp_path / name) == [(name, kind)]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("extra_model_paths.yaml", "a: [", "is not YAML"),
        ("extra_model_paths.yaml", "a: !!python/object/apply:os.system [touch x]", "is not YAML"),
        ("extra_model_paths.yaml", "[" * 5000, "is not YAML"),
        ("extra_model_paths.yaml", "? [1]\n: {loras: 7}", "is not YAML"),
        ("config.txt", "{,}", "cannot be understood at line 1"),
        ("config.txt", "\udcff", "is not UTF-8"),
    ],
)
def test_a_broken_configuration_costs_one_sentence(tmp_path: Path, name: str, text: str, said: str):
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert said in problem(tmp_path / name)


@pytest.mark.parametrize("text", ["", "7", "[1, 2]", "a: b", "a: {loras: {b: c}}", "a:\n  base_path: 7"])
def test_a_configuration_that_names_no_folder_gives_none(tmp_path: Path, text: str):
    (tmp_path / "x.yaml").write_text(text)
    assert model_folders([tmp_path / "x.yaml"]) == ([], [])


def test_a_configuration_whose_folders_are_all_gone_is_told(tmp_path: Path):
    config = tmp_path / "extra_model_paths.yaml"
    config.write_text("a111:\n  base_path: gone\n  loras: |\n    models/Lora\n    models/LyCORIS\n")
    assert "names no folder that is there: " in problem(config)
    make(tmp_path, "gone/models/Lora")
    assert model_folders([config])[1] == []


def test_a_broken_configuration_costs_none_of_its_programs_own_folders(tmp_path: Path):
    make(tmp_path, "models/loras")
    (tmp_path / "extra_model_paths.yaml").write_text("a: [")
    folders, (said,) = model_folders([tmp_path])
    assert [folder.kind for folder in folders] == [FolderKind.LORAS, None]
    assert "is not YAML" in said


def test_the_webuis_extension_keeps_control_nets_in_its_own_folder(tmp_path: Path):
    make(tmp_path, "models/Lora", "extensions/sd-webui-controlnet/models")
    last = found(tmp_path)[-1]
    assert last == (f"{tmp_path.name}/extensions/sd-webui-controlnet/models", FolderKind.GUIDES)


def test_a_configuration_may_not_multiply_itself(tmp_path: Path):
    """YAML's references to references: ten in a row would be ten thousand million paths."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    (tmp_path / "x.yaml").write_text("\n".join([*lines, "mine: {loras: *i}"]))
    assert model_folders([tmp_path / "x.yaml"]) == ([], [])


def test_models_in_folders_are_looked_for_in_a_programs_models_only(tmp_path: Path):
    make(tmp_path, "ComfyUI/models", "mine/checkpoints")
    assert model_roots([tmp_path / "ComfyUI", tmp_path / "mine"]) == [tmp_path / "ComfyUI/models", tmp_path / "mine"]
