import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from tests.launching import ROOT
from tools.pocket import networks, refiner, seam, vae, words
from tools.pocket.networks import TINY, Sizes, Words
from tools.pocket.scenes import Composer
from tools.pocket.words import read_nouns

Tokenizers = tuple[CLIPTokenizer, CLIPTokenizer]
Towers = tuple[CLIPTextModel, CLIPTextModelWithProjection]
CHARACTERS = sorted(words.chinese_characters(read_nouns(300)))


@pytest.fixture(scope="module")
def captions(composer: Composer) -> list[str]:
    rng = np.random.default_rng(0)
    return [composer.english(composer.scene(rng), rng) for _ in range(1500)]


@pytest.fixture(scope="module")
def folder(captions: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    networks.train_tokenizer(captions, CHARACTERS, TINY.tokens, folder)
    return folder


@pytest.fixture(scope="module")
def tokenizers(folder: Path) -> Tokenizers:
    return networks.load_tokenizers(folder)


def pieces(tokenizer: CLIPTokenizer, text: str) -> list[str]:
    return cast(Any, tokenizer).tokenize(text)


def ids(tokenizer: CLIPTokenizer, text: str) -> list[int]:
    return cast(Any, tokenizer)(text).input_ids


def end_of(tokenizers: Tokenizers) -> int:
    return cast(int, tokenizers[0].eos_token_id)


def length_of(numbers: torch.Tensor, end: int) -> int:
    """Of a sentence, its end counted in."""
    return int((numbers == end).int().argmax()) + 1


TRAINING = """
import json, sys
from pathlib import Path
from tools.pocket import networks
networks.train_tokenizer(*json.load(sys.stdin), Path(sys.argv[1]))
"""


def test_another_process_with_another_order_of_hashes_learns_the_same_tokenizer(
    captions: list[str], folder: Path, tmp_path: Path
):
    subprocess.run(
        [sys.executable, "-c", TRAINING, str(tmp_path)],
        input=json.dumps([captions, CHARACTERS, TINY.tokens]),
        env={"PYTHONHASHSEED": "20261121"},  # ours is drawn at random
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=True,
    )
    ours, theirs = (
        {path.relative_to(each): path.read_bytes() for path in each.rglob("*.*")} for each in (folder, tmp_path)
    )
    assert len(ours) == 8
    assert ours == theirs


def test_as_many_tokens_are_learnt_as_are_asked_for(captions: list[str], tmp_path: Path):
    networks.train_tokenizer(captions, "", 640, tmp_path)
    assert len(networks.load_tokenizers(tmp_path)[0]) == 640


@pytest.mark.parametrize("name", ["tokenizer", "tokenizer_2"])
def test_clips_two_files_alone_make_the_same_tokenizer(folder: Path, tmp_path: Path, name: str):
    for file in ("vocab.json", "merges.txt", "tokenizer_config.json"):
        shutil.copy(folder / name / file, tmp_path)
    whole, alone = (seam.load(CLIPTokenizer, each) for each in (folder / name, tmp_path))
    for text in ("a red cat, cartoon", "两只猫，卡通风格", "an UNKNOWN thing: zyx!", ""):
        assert ids(whole, text) == ids(alone, text), text
    assert len(whole) == len(alone)


def test_a_sentence_stands_between_the_two_marks_and_comes_back_from_its_numbers(tokenizers: Tokenizers):
    for tokenizer in tokenizers:
        numbers = ids(tokenizer, "Three red CATS, pixel art")
        assert numbers[0] == tokenizer.bos_token_id
        assert numbers[-1] == tokenizer.eos_token_id
        assert cast(Any, tokenizer).decode(numbers[1:-1]).replace(" ,", ",").strip() == "three red cats, pixel art"


def test_what_captions_say_often_is_one_token(tokenizers: Tokenizers):
    for word in ("cat", "red", "background", "watercolour", "three"):
        assert pieces(tokenizers[0], word) == [f"{word}</w>"]


def test_every_chinese_character_of_the_tables_is_one_token_inside_a_word_and_at_its_end(tokenizers: Tokenizers):
    assert len(CHARACTERS) > 300
    unknown = tokenizers[0].unk_token_id
    wrong = [
        character
        for character in CHARACTERS
        if len(pieces(tokenizers[0], character)) != 1
        or len(pieces(tokenizers[0], character * 2)) != 2
        or unknown in ids(tokenizers[0], character * 2)[1:-1]
    ]
    assert wrong == []


def test_two_characters_are_never_one_token(tokenizers: Tokenizers):
    one, two = (ids(tokenizers[0], text)[1:-1] for text in ("红色的猫", "蓝色的狗"))
    assert len(one) == len(two) == 4
    assert one[1:3] == two[1:3]
    assert one[0] != two[0]
    assert one[3] != two[3]


def test_a_character_that_was_not_learnt_is_spelt_and_not_lost(tokenizers: Tokenizers):
    strange = "龘"
    assert strange not in CHARACTERS
    assert len(pieces(tokenizers[0], strange)) > 1
    assert cast(Any, tokenizers[0]).decode(ids(tokenizers[0], strange)[1:-1]).strip() == strange


def test_the_two_tokenizers_differ_in_what_they_pad_with_alone(tokenizers: Tokenizers):
    told = networks.tokens(tokenizers, ["a cat", "两只狗，卡通风格"])
    assert told.first.shape == told.second.shape == (2, networks.POSITIONS)
    end = end_of(tokenizers)
    for first, second in zip(told.first, told.second, strict=True):
        length = length_of(first, end)
        assert torch.equal(first[:length], second[:length])
        assert bool((first[length:] == end).all())
        assert bool((second[length:] == 0).all())
    assert pieces(tokenizers[1], "!") != []
    assert tokenizers[1].convert_ids_to_tokens(0) == "!"


def test_a_long_caption_is_cut_and_still_ends(tokenizers: Tokenizers):
    told = networks.tokens(tokenizers, ["a red cat and a blue dog, " * 20])
    for numbers in (told.first, told.second):
        assert numbers.shape == (1, networks.POSITIONS)
        assert numbers[0, -1] == tokenizers[0].eos_token_id


@pytest.fixture(scope="module")
def towers(tokenizers: Tokenizers) -> Towers:
    seam.seed_everything(0)
    one, two = networks.towers(TINY, tokenizers[0])
    return one.eval(), two.eval()


@torch.no_grad()
def test_the_pooled_words_are_those_up_to_the_end_of_the_sentence(tokenizers: Tokenizers, towers: Towers):
    told = networks.tokens(tokenizers, ["a red cat"])
    length = length_of(told.first[0], end_of(tokenizers))
    after, inside = told.second.clone(), told.second.clone()
    after[0, length:] = 300
    inside[0, 2] = 300
    plain, padded, other = (
        networks.understand(*towers, Words(told.first, second)).pooled for second in (told.second, after, inside)
    )
    assert torch.equal(plain, padded)
    assert not torch.allclose(plain, other)
    assert plain.shape == (1, TINY.pooled)


@torch.no_grad()
def test_words_are_understood_from_the_last_layers_but_one(tokenizers: Tokenizers, towers: Towers):
    told = networks.tokens(tokenizers, ["a red cat", "two dogs"])
    understood = networks.understand(*towers, told)
    assert understood.first.shape == (2, networks.POSITIONS, TINY.text[0])
    assert understood.second.shape == (2, networks.POSITIONS, TINY.text[1])
    for tower, numbers, wanted in zip(
        towers, (told.first, told.second), (understood.first, understood.second), strict=True
    ):
        layers = cast(Any, tower)(numbers, output_hidden_states=True).hidden_states
        assert torch.equal(layers[TINY.text_layers - 1], wanted)
        assert not torch.equal(layers[TINY.text_layers], wanted)


@torch.no_grad()
@pytest.mark.parametrize("refines", [False, True])
def test_a_unet_hears_the_noise_level_the_words_and_the_size_numbers(refines: bool):
    seam.seed_everything(1)
    unet = networks.refiner_unet(TINY) if refines else networks.base_unet(TINY)
    context, numbers = (TINY.text[1], 5) if refines else (sum(TINY.text), 6)
    given: dict[str, torch.Tensor] = {
        "sample": torch.randn(1, 4, 16, 16),
        "timestep": torch.tensor([500]),
        "words": torch.randn(1, 77, context),
        "pooled": torch.randn(1, TINY.pooled),
        "numbers": torch.full((1, numbers), 128.0),
    }

    def guess(**other: torch.Tensor) -> torch.Tensor:
        now = given | other
        added = {"text_embeds": now["pooled"], "time_ids": now["numbers"]}
        return cast(Any, unet)(now["sample"], now["timestep"], now["words"], added_cond_kwargs=added).sample

    plain = guess()
    assert plain.shape == (1, 4, 16, 16)
    for name, value in given.items():
        other = value + 100 if name in {"timestep", "numbers"} else torch.randn(value.shape)
        assert not torch.allclose(guess(**{name: other}), plain, atol=1e-5), name


@torch.no_grad()
def test_sampling_the_vaes_posterior_stays_near_its_mean():
    seam.seed_everything(2)
    network = networks.vae(TINY)
    pictures = torch.rand(2, 3, 64, 64) * 2 - 1
    spread: torch.Tensor = cast(Any, network).encode(pictures).latent_dist.std
    assert torch.allclose(spread, torch.full_like(spread, float(np.exp(-3))), rtol=1e-5)
    assert vae.encode(network, pictures).shape == (2, 4, 8, 8)


def test_the_noise_schedule_is_that_of_diffusers_scheduler_but_for_its_last_step():
    ours, theirs = networks.alphas_cumprod(), networks.scheduler().alphas_cumprod
    # theirs is computed in float32, by a product of 1000 factors
    assert torch.allclose(ours[:-1], theirs[:-1], rtol=2e-4, atol=1e-7)
    assert ours[-1] == 0  # pure noise; diffusers puts 2^-24 here, for its division by it
    assert 0 < theirs[-1] < 1e-7
    assert (ours.diff() < 0).all()
    assert not torch.allclose(ours[:-1], _unscaled()[:-1], rtol=2e-3)


def _unscaled() -> torch.Tensor:
    """SDXL's own schedule, which ends before pure noise."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


UP = "up_blocks.{}.attentions.0.transformer_blocks.0.attn2"


@pytest.mark.parametrize("sizes", [TINY, Sizes()])
def test_a_refiner_begins_with_its_bases_outer_levels_as_far_as_it_is_told_and_handed_the_same(sizes: Sizes):
    seam.seed_everything(1)
    base = networks.base_unet(sizes)
    ours, theirs = refiner.fresh(sizes, base).state_dict(), base.state_dict()

    def equal(name: str, of: str, part: tuple[slice, ...] = (slice(None),)) -> bool:
        return torch.equal(ours[name], theirs[of][part])

    assert equal("conv_in.weight", "conv_in.weight")
    assert equal("down_blocks.1.downsamplers.0.conv.weight", "down_blocks.1.downsamplers.0.conv.weight")
    assert equal("up_blocks.3.resnets.1.conv2.weight", "up_blocks.2.resnets.1.conv2.weight")
    second_tower = (slice(None), slice(sizes.text[0], None))
    assert equal(f"{UP.format(2)}.to_k.weight", f"{UP.format(1)}.to_k.weight", second_tower)
    all_but_the_last_number = (slice(None), slice(0, -sizes.number))
    assert equal("add_embedding.linear_1.weight", "add_embedding.linear_1.weight", all_but_the_last_number)
    handed_on = slice(-sizes.refiner[1] - sizes.refiner[2], None)
    assert equal("up_blocks.2.resnets.0.conv1.weight", "up_blocks.1.resnets.0.conv1.weight", (slice(None), handed_on))


def test_a_refiners_inner_levels_begin_untrained():
    seam.seed_everything(1)
    base = networks.base_unet(TINY)
    ours, theirs = refiner.fresh(TINY, base).state_dict(), base.state_dict()
    for name in ("down_blocks.2.resnets.0.conv2.weight", "mid_block.resnets.0.conv1.weight"):
        assert ours[name].shape == theirs[name].shape
        assert not torch.equal(ours[name], theirs[name])
