import importlib
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from fooo.catalog import Catalog, read_catalog
from fooo.engine import Engine
from fooo.engine.local import build_local_engine
from fooo.errors import BadNumbers, ModelError
from fooo.events import Event, Loading, Step
from fooo.image import Picture
from fooo.monitor import Monitor
from fooo.plan import Plan, make_plan
from fooo.request import read_request
from fooo.settings import ROOT, Settings
from tests import model_files
from tests.single_file import VAE, write_single_file

safetensors: Any = importlib.import_module("safetensors.torch")

PlanOf = Callable[..., Plan]


def catalog_of(models: Path) -> Catalog:
    settings = Settings()
    return read_catalog(styles=settings.styles, presets=settings.presets, models=(models,))


def own_models(folder: Path, *own: str) -> Path:
    """A model folder like the one that ships: links to its files, and copies of the few that a test will change."""

    def link_or_copy(source: str, target: str) -> None:
        if Path(source).relative_to(ROOT / "models/pocket").as_posix() in own:
            shutil.copy(source, target)
        else:
            Path(target).symlink_to(source)

    shutil.copytree(ROOT / "models/pocket", folder / "pocket", copy_function=link_or_copy)
    return folder


@pytest.fixture(scope="module")
def engine(catalog: Catalog) -> Engine:
    return build_local_engine(lambda: catalog, always_cpu=True, threads=None)


def draw(catalog: Catalog, engine: Engine | None = None, **fields: object) -> Picture:
    plan = make_plan(read_request({"prompt": "a red apple", **fields}), catalog, fallback_seed=7)
    engine = engine or build_local_engine(lambda: catalog, always_cpu=True, threads=None)
    (made,) = engine.run(plan, Monitor(lambda event: None))
    return made.picture


def test_the_pocket_model_draws_a_red_apple_on_light_paper(catalog: Catalog, engine: Engine):
    pixels = draw(catalog, engine, sampling={"seed": 7}).pixels.astype(int)
    middle, corner = pixels[54:74, 54:74].mean((0, 1)), pixels[-12:, -12:].mean((0, 1))
    assert middle[0] > 150
    assert middle[0] > 2 * max(middle[1], middle[2])
    assert corner.min() > 200


def test_words_styles_negative_and_steps_each_change_the_picture(catalog: Catalog, engine: Engine):
    quick = {"sampling": {"steps": 6}}
    plain = draw(catalog, engine, **quick)
    for change in (
        {"prompt": "a blue car"},
        {"styles": ["Line Art"]},
        {"negative": "red"},
        {"sampling": {"steps": 7}},
        {"sampling": {"steps": 6, "sampler": "euler"}},
        {"sampling": {"steps": 6, "schedule": "ddim_uniform"}},
        {"sampling": {"steps": 6, "guidance": 1}},
        {"models": {"refiner": None}},
    ):
        assert not np.array_equal(draw(catalog, engine, **{**quick, **change}).pixels, plain.pixels), change


def test_a_prompt_of_many_chunks_is_heard_to_its_end(catalog: Catalog, engine: Engine):
    blue, red = (
        draw(catalog, engine, prompt="a cat, " * 60 + colour, sampling={"steps": 4}) for colour in ("blue", "red")
    )
    assert not np.array_equal(blue.pixels, red.pixels)


@pytest.mark.parametrize(
    "prompt",
    ["", " \n", "zyxomma frumpling", "宇航员在月球上骑马", "कुत्ता 🍎 \u200d", "(((,,,:1.2", "a red apple " * 100],
)
def test_whatever_is_typed_becomes_a_picture(catalog: Catalog, engine: Engine, prompt: str):
    """Broken numbers would be refused by the guard inside the loop, which looks at each step."""
    assert draw(catalog, engine, prompt=prompt, sampling={"steps": 2}).pixels.shape == (128, 128, 3)


def test_networks_are_loaded_once_and_told_by_name(catalog: Catalog):
    engine = build_local_engine(lambda: catalog, always_cpu=True, threads=None)
    told: list[Event] = []
    plan = make_plan(read_request({"prompt": "a cat", "sampling": {"steps": 5}}), catalog, fallback_seed=7)
    engine.prepare(plan, Monitor(told.append))
    loaded = [event.what for event in told if isinstance(event, Loading)]
    assert sorted(loaded) == [
        "pocket/base text_encoder", "pocket/base text_encoder_2", "pocket/base unet", "pocket/base vae",
        "pocket/refiner unet",
    ]  # fmt: skip
    told.clear()
    list(engine.run(plan, Monitor(told.append)))
    assert not [event for event in told if isinstance(event, Loading)]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:-1000]),
    "empty": lambda file: file.write_bytes(b""),
    "garbage": lambda file: file.write_bytes(b"\xff" * 5000),
    "missing": lambda file: file.unlink(),
    "another network's": lambda file: shutil.copy(
        ROOT / "models/pocket/base/vae/diffusion_pytorch_model.safetensors", file
    ),
}


@pytest.mark.parametrize(
    "file",
    [
        "base/unet/diffusion_pytorch_model",
        "base/text_encoder/model",
        "base/text_encoder_2/model",
        "refiner/unet/diffusion_pytorch_model",
    ],
)
@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_or_swapped_weight_file_is_named_in_one_sentence(tmp_path: Path, file: str, damage: str):
    name = f"{file}.safetensors"
    target = own_models(tmp_path, name) / "pocket" / name
    DAMAGE[damage](target)
    with pytest.raises(ModelError) as told:
        draw(catalog_of(tmp_path))
    sentence = str(told.value)
    assert str(target.parent) in sentence
    assert "\n" not in sentence
    assert len(sentence) < 400


def test_two_towers_in_each_others_place_are_noticed(tmp_path: Path):
    names = [f"base/{tower}/model.safetensors" for tower in ("text_encoder", "text_encoder_2")]
    models = own_models(tmp_path, *names)
    one, two = (models / "pocket" / name for name in names)
    kept = one.read_bytes()
    shutil.copy(two, one)
    two.write_bytes(kept)
    with pytest.raises(ModelError, match="holds another network"):
        draw(catalog_of(tmp_path))


def test_tokenizers_without_their_words_are_no_mush(tmp_path: Path):
    models = own_models(tmp_path)
    for name in ("tokenizer.json", "vocab.json", "merges.txt"):
        (models / "pocket/base/tokenizer_2" / name).unlink()
    with pytest.raises(ModelError, match="tokenizer_2"):
        draw(catalog_of(models))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("base/scheduler/scheduler_config.json", "[]", "no JSON object"),
        ("base/scheduler/scheduler_config.json", "{}", r"noise schedule .* \(beta_schedule\)"),
        ("refiner/scheduler/scheduler_config.json", "{", "cannot be read"),
        ("base/vae/config.json", None, "how its latents are scaled"),
    ],
)
def test_an_odd_configuration_is_a_sentence_too(tmp_path: Path, name: str, content: str | None, says: str):
    file = own_models(tmp_path, name) / "pocket" / name
    if content is None:
        content = json.dumps(json.loads(file.read_text()) | {"scaling_factor": None})
    file.write_text(content)
    with pytest.raises(ModelError, match=says):
        draw(catalog_of(tmp_path))


def test_a_weight_file_that_was_exchanged_is_read_again(tmp_path: Path):
    name = "base/unet/diffusion_pytorch_model.safetensors"
    file = own_models(tmp_path, name) / "pocket" / name
    catalog = catalog_of(tmp_path)
    engine = build_local_engine(lambda: catalog, always_cpu=True, threads=None)
    quick = {"sampling": {"steps": 4}}
    before = draw(catalog, engine, **quick)
    safetensors: Any = importlib.import_module("safetensors.torch")
    weights = safetensors.load_file(file)
    weights["conv_out.bias"] += 0.5
    safetensors.save_file(weights, file, metadata={"format": "pt"})
    os.utime(file, ns=(1, 1))  # the clock of a file system may be too coarse to tell two writes apart
    assert not np.array_equal(draw(catalog, engine, **quick).pixels, before.pixels)


def test_the_first_seconds_left_say_nothing_of_what_was_loaded(catalog: Catalog):
    told: list[Step] = []

    def hear(event: Event) -> None:
        if isinstance(event, Loading):
            time.sleep(0.3)  # five networks: a second and a half
        if isinstance(event, Step):
            told.append(event)

    plan = make_plan(read_request({"prompt": "a cat", "sampling": {"steps": 10}}), catalog, fallback_seed=7)
    list(build_local_engine(lambda: catalog, always_cpu=True, threads=None).run(plan, Monitor(hear)))
    # nine steps of some 0.03 s are left, on a busy machine of some 0.3 s; with the loading it would be 13 s and more
    assert told[0].seconds_left < 6


def test_broken_numbers_end_in_a_sentence_and_not_in_a_black_picture(tmp_path: Path):
    name = "base/unet/diffusion_pytorch_model.safetensors"
    file = own_models(tmp_path, name) / "pocket" / name
    safetensors: Any = importlib.import_module("safetensors.torch")
    weights = safetensors.load_file(file)
    weights["conv_out.bias"][0] = float("nan")
    safetensors.save_file(weights, file, metadata={"format": "pt"})
    with pytest.raises(BadNumbers, match="numbers that are no picture at step 1"):
        draw(catalog_of(tmp_path))


@pytest.fixture
def with_a_lora(tmp_path: Path) -> Catalog:
    """The pocket model with a LoRA and an embedding, random ones, for it."""
    models = own_models(tmp_path)
    block = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    tower = "lora_te1_text_model_encoder_layers_0_mlp_fc1"
    with model_files.random_from(0):
        random: Any = torch.randn
        changes = {
            f"{block}.lora_down.weight": random(4, 288), f"{block}.lora_up.weight": random(128, 4),
            f"{tower}.lora_down.weight": random(4, 128), f"{tower}.lora_up.weight": random(512, 4) / 10,
        }  # fmt: skip
        vectors = {"clip_l": random(2, 128), "clip_g": random(2, 160)}
    model_files.write(models / "loras" / "mine.safetensors", changes)
    model_files.write(models / "embeddings" / "word.safetensors", vectors)
    return catalog_of(models)


def test_a_lora_changes_the_picture_and_leaves_nothing_behind(with_a_lora: Catalog):
    engine = build_local_engine(lambda: with_a_lora, always_cpu=True, threads=None)
    quick = {"sampling": {"steps": 4}}
    plain = draw(with_a_lora, engine, **quick)
    for weights in ({"weight": 0.5}, {"weight": 0.5, "text_weight": 0}, {"weight": 0, "text_weight": -0.5}):
        changed = draw(with_a_lora, engine, models={"loras": [{"name": "mine", **weights}]}, **quick)
        assert not np.array_equal(changed.pixels, plain.pixels), weights
        assert np.array_equal(draw(with_a_lora, engine, **quick).pixels, plain.pixels)
    in_words = draw(with_a_lora, engine, prompt="a red apple <lora:mine:0.5>", **quick)
    in_field = draw(with_a_lora, engine, models={"loras": [{"name": "mine", "weight": 0.5}]}, **quick)
    assert np.array_equal(in_words.pixels, in_field.pixels)


def test_an_embedding_is_heard_in_the_prompt(with_a_lora: Catalog):
    plain = draw(with_a_lora, prompt="a red apple", sampling={"steps": 4})
    with_word = draw(with_a_lora, prompt="a embedding:word apple", sampling={"steps": 4})
    assert not np.array_equal(plain.pixels, with_word.pixels)


def test_a_lora_that_does_not_fit_shows_before_the_first_step(with_a_lora: Catalog, tmp_path: Path):
    file = tmp_path / "loras" / "wide.safetensors"
    name = "lora_unet_conv_out"
    tensors = {f"{name}.lora_down.weight": torch.ones(2, 3), f"{name}.lora_up.weight": torch.ones(3, 2)}
    te = "lora_te1_text_model_encoder_layers_0_mlp_fc1"
    model_files.write(
        file, tensors | {f"{te}.lora_down.weight": torch.ones(2, 128), f"{te}.lora_up.weight": torch.ones(512, 2)}
    )
    catalog = catalog_of(tmp_path)
    plan = make_plan(read_request({"models": {"loras": [{"name": "wide"}]}}), catalog, fallback_seed=7)
    with pytest.raises(ModelError, match=r"wide\.safetensors changes conv_out in another size than the model has it"):
        build_local_engine(lambda: catalog, always_cpu=True, threads=None).prepare(plan, Monitor(lambda event: None))


@pytest.fixture(scope="module")
def in_one_file(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The pocket model as people hand models around: a checkpoint, what it is built like beside it, and its VAE."""
    models = tmp_path_factory.mktemp("models")
    checkpoint = models / "checkpoints" / "apple.safetensors"
    checkpoint.parent.mkdir()
    folder = ROOT / "models/pocket/base"
    write_single_file(folder, checkpoint)
    shutil.copytree(folder, checkpoint.with_suffix(".config"), ignore=shutil.ignore_patterns("*.safetensors"))
    held = safetensors.load_file(checkpoint)
    vae = {name.removeprefix(VAE): weight for name, weight in held.items() if name.startswith(VAE)}
    # another picture from the same latents: the last layer speaks half as loudly
    vae["decoder.conv_out.weight"] = vae["decoder.conv_out.weight"] / 2
    model_files.write(models / "vae" / "pale.safetensors", vae)
    return catalog_of(models)


def test_a_checkpoint_draws_what_its_folder_draws(in_one_file: Catalog, catalog: Catalog, engine: Engine):
    wishes: dict[str, Any] = {"preset": None, "expansion": "off", "sampling": {"seed": 7, "steps": 6}}
    from_file = draw(in_one_file, models={"base": "apple"}, **wishes)
    from_folder = draw(catalog, engine, models={"base": "pocket/base", "refiner": None}, **wishes)
    assert np.array_equal(from_file.pixels, from_folder.pixels)


def test_another_vae_decodes_in_place_of_the_models_own(in_one_file: Catalog):
    wishes: dict[str, Any] = {"preset": None, "expansion": "off", "sampling": {"seed": 7, "steps": 4}}
    own = draw(in_one_file, models={"base": "apple"}, **wishes).pixels.astype(float)
    pale = draw(in_one_file, models={"base": "apple", "vae": "pale"}, **wishes).pixels.astype(float)
    assert pale.std() < 0.7 * own.std()
