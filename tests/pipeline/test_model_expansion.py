import importlib
import json
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from fooo.catalog import Catalog, Style, Tokens, read_catalog, read_tokens
from fooo.engine import Made
from fooo.engine.local import LocalEngine, build_local_engine
from fooo.errors import BadNumbers, ModelError, RequestError
from fooo.events import Event, Loading
from fooo.monitor import Monitor
from fooo.pipeline import PhraseWriter, finish_texts
from fooo.plan import Plan, Ruler, Source, Texts, make_plan, parse
from fooo.record import write_record
from fooo.request import read_request
from fooo.settings import Settings

# Their types say less than is true, so these libraries are taken as untyped here.
safetensors: Any = importlib.import_module("safetensors.torch")
tokenizers: Any = importlib.import_module("tokenizers")
transformers: Any = importlib.import_module("transformers")

WORDS = [
    "soft", "warm", "light", "misty", "morning", "calm", "sea", "wide", "view", "golden", "hour", "paper", "texture",
    "fine", "detail", "oil", "on", "canvas", "pale", "blue", "shadows", "deep", "forest", "AND", "BREAK", "Quiet",
    "evening", "slow", "river", "old", "stone", "bridge", "lantern", "glow", "silver", "rain", "empty", "street",
]  # fmt: skip
MARKS = ["(", ")", "[", "1", "22", "a:b", "don't", "<lora", "__x__", "...", ";"]
COMMAS = [",", *(f"{' ' * number}," for number in range(1, 12))]
"""Many, so that a network that draws at random writes short phrases."""
VOCABULARY = ["<unknown>", *COMMAS, *WORDS, *MARKS]
WIDE = 60
"""Tokens: more than any test's network writes."""


def write_language_model(folder: Path) -> Path:
    """A small random GPT-2 with words of its own; without training it says anything, but its own anything."""
    vocabulary = {word: number for number, word in enumerate(VOCABULARY)}
    model = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unknown>"))
    pre = tokenizers.pre_tokenizers
    model.pre_tokenizer = pre.Sequence([pre.WhitespaceSplit(), pre.Punctuation()])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=model, unk_token="<unknown>", clean_up_tokenization_spaces=False
    )
    tokenizer.save_pretrained(folder)
    config = transformers.GPT2Config(
        vocab_size=len(VOCABULARY), n_positions=96, n_embd=16, n_layer=1, n_head=2, bos_token_id=None,
        eos_token_id=None, initializer_range=0.5,
    )  # fmt: skip
    with cast(Any, torch).random.fork_rng():
        cast(Any, torch).manual_seed(0)
        transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_language_model(tmp_path_factory.mktemp("models") / "prompt_expansion")


@pytest.fixture(scope="module")
def writer(folder: Path) -> PhraseWriter:
    return PhraseWriter(folder)


@pytest.fixture(scope="module")
def towers(catalog: Catalog) -> Tokens:
    return read_tokens(catalog.models["pocket/base"].folder / "tokenizer")


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """The same model, to be damaged."""
    return Path(shutil.copytree(folder, tmp_path / "prompt_expansion"))


def global_generators() -> tuple[bytes, object, str]:
    """The states of torch's, Python's and NumPy's."""
    return torch.get_rng_state().numpy().tobytes(), random.getstate(), repr(np.random.get_state())


def words_in(text: str) -> int:
    return len(text.split())


def write(writer: PhraseWriter, prompt: str = "a cat", seed: int = 7, room: int = WIDE) -> tuple[str, ...]:
    return writer.write(prompt, seed=seed, room=room, count=words_in)


def test_the_same_seed_writes_the_same_phrases_and_another_one_others(writer: PhraseWriter, folder: Path):
    assert write(writer, seed=3) == write(writer, seed=3) == write(PhraseWriter(folder), seed=3)
    assert len({write(writer, seed=seed) for seed in range(4)}) == 4


def test_it_goes_on_with_the_prompt(writer: PhraseWriter):
    assert len({write(writer, prompt) for prompt in ("misty sea", "old stone bridge", "golden hour, rain")}) == 3


def test_the_global_generators_are_left_alone(folder: Path):
    before = global_generators()
    assert write(PhraseWriter(folder))
    assert global_generators() == before


def test_it_writes_words_in_small_letters_and_none_twice(writer: PhraseWriter):
    for seed in range(6):
        phrases = writer.write("misty sea", seed=seed, room=WIDE, count=words_in, around="pale blue, on canvas")
        assert phrases
        assert all(re.fullmatch(r"[a-z]+( [a-z]+)*", phrase) for phrase in phrases)
        words = [word for phrase in phrases for word in phrase.split() if word not in {"and", "on"}]
        assert len(set(words)) == len(words)
        assert {"misty", "sea", "pale", "blue", "canvas"}.isdisjoint(words)


@pytest.mark.parametrize("room", [0, 1, 2, 3, 5, 9])
def test_it_never_takes_more_than_the_room(writer: PhraseWriter, room: int):
    found = [write(writer, seed=seed, room=room) for seed in range(3)]
    assert all(sum(map(words_in, (f", {phrase}" for phrase in phrases))) <= room for phrases in found)
    assert any(found) == (room >= 2)


def test_it_ends_where_the_network_ends(copied: Path, writer: PhraseWriter):
    edit("tokenizer_config.json", eos_token="river")(copied)
    ending = PhraseWriter(copied)
    found = [(write(ending, seed=seed), write(writer, seed=seed)) for seed in range(6)]
    assert all("river" not in " ".join(phrases).split() for phrases, _ in found)
    assert all(len(phrases) <= len(longer) + 1 for phrases, longer in found)
    assert any(len(phrases) < len(longer) for phrases, longer in found)


@pytest.mark.parametrize("prompt", ["", "  \n"])
def test_to_no_words_there_is_nothing_to_add(writer: PhraseWriter, prompt: str):
    assert write(writer, prompt) == ()


def test_a_prompt_longer_than_the_network_reads_is_heard_from_its_end(writer: PhraseWriter):
    assert write(writer, "rain " * 500 + "misty sea")


# --- in a plan


@pytest.fixture
def planned(catalog: Catalog, folder: Path) -> Callable[..., Plan]:
    """Plans with that language model, one style and words of a preset."""
    style = Style(name="Ink", prompt="ink drawing of {prompt}, bold lines", negative_prompt="photo")
    stocked = replace(
        catalog,
        styles={"Ink": style},
        models={"big": replace(catalog.models["pocket/base"], name="big", knows=None)},
        prompt_expansion=folder,
    )

    def plan(**fields: object) -> Plan:
        return make_plan(read_request({"preset": None, "expansion": "model", **fields}), stocked, fallback_seed=42)

    return plan


def finish(plan: Plan, writer: PhraseWriter, towers: Tokens) -> Texts:
    shot = plan.shots[0]
    return finish_texts(shot.texts, writer, Ruler(towers, {}, shot.generate.steps), seed=shot.seed)


def sources(texts: Texts) -> list[Source]:
    return [span.source for span in texts.positive_spans]


def test_its_phrases_stand_behind_the_styles_and_before_the_presets_words(
    planned: Callable[..., Plan], writer: PhraseWriter, towers: Tokens
):
    plan = planned(prompt="a cat", styles=["Ink"], quality={"words": "crisp"})
    assert plan.shots[0].texts.model_writes
    texts = finish(plan, writer, towers)
    assert sources(texts) == [Source.STYLE, Source.USER, Source.STYLE, Source.EXPANSION, Source.PRESET]
    assert re.fullmatch(r"ink drawing of a cat, bold lines(, [a-z ]+)+, crisp", texts.positive)
    assert not texts.model_writes
    assert texts.words == "a cat"
    assert planned(prompt=texts.positive, expansion="off").shots[0].texts.positive_tokens == texts.positive_tokens


def test_each_of_several_prompts_gets_them_before_its_weight(
    planned: Callable[..., Plan], writer: PhraseWriter, towers: Tokens
):
    plan = planned(prompt="a cat AND a dog:0.7", quality={"words": "crisp"})
    said = finish(plan, writer, towers).positive
    assert re.fullmatch(r"a cat((, [a-z ]+)+), crisp AND a dog\1, crisp:0\.7", said)
    said = finish(planned(prompt="a cat:2 AND a dog:-.5"), writer, towers).positive
    assert re.fullmatch(r"a cat((, [a-z ]+)+):2 AND a dog\1:-0\.5", said)


def test_a_prompt_without_words_gets_none(planned: Callable[..., Plan], writer: PhraseWriter, towers: Tokens):
    for prompt, expected in (
        ("a cat AND ", r"a cat((, [a-z ]+)+) AND "),
        ("AND a cat:0.5", r" AND a cat((, [a-z ]+)+):0\.5"),
        ("a cat AND <hypernet:x:1>", r"a cat((, [a-z ]+)+) AND <hypernet:x>"),
        ("a cat,", r"a cat, [a-z ]+(, [a-z ]+)*"),
    ):
        assert re.fullmatch(expected, finish(planned(prompt=prompt), writer, towers).positive), prompt


def test_its_phrases_fit_at_every_step_of_each_prompt(
    planned: Callable[..., Plan], writer: PhraseWriter, towers: Tokens
):
    long = " ".join(["cat"] * 45)
    for prompt in (f"dog AND {long}", f"[dog:{long}:0.5]", f"[dog|{long}]", "a cat BREAK"):
        plan = planned(prompt=prompt)
        texts = finish(plan, writer, towers)
        assert Source.EXPANSION in sources(texts), prompt
        ruler = Ruler(towers, {}, plan.shots[0].steps)
        whole = [ruler.sizes(part.tree) for part in parse(texts.positive).prompt.parts]
        own = [ruler.sizes(part.tree) for part in parse(prompt).prompt.parts]
        assert [list(map(len, sizes)) for sizes in whole] == [list(map(len, sizes)) for sizes in own], prompt


def test_what_the_person_does_not_want_is_not_written(
    planned: Callable[..., Plan], writer: PhraseWriter, towers: Tokens
):
    unwanted = ", ".join(word for word in WORDS if word.islower())
    texts = finish(planned(prompt="a cat", negative=unwanted), writer, towers)
    assert {"misty", "sea", "light", "rain", "forest"}.isdisjoint(re.findall(r"\w+", texts.positive))


def test_it_never_opens_a_chunk_that_the_persons_own_words_have_not(
    planned: Callable[..., Plan], writer: PhraseWriter, towers: Tokens
):
    assert towers.length("cat") == 1  # else the lengths below would say nothing
    for length in (60, 68, *range(70, 78), 140, 149, 150, 151):
        plan = planned(prompt=" ".join(["cat"] * length), quality={"words": "crisp, sharp"})
        before, texts = plan.shots[0].texts, finish(plan, writer, towers)
        assert len(texts.positive_tokens) == len(before.positive_tokens)
        assert max(texts.positive_tokens) <= 75
        whole = planned(prompt=texts.positive, expansion="off").shots[0].texts
        assert whole.positive_tokens == texts.positive_tokens


def test_an_empty_room_adds_nothing(planned: Callable[..., Plan], writer: PhraseWriter, towers: Tokens):
    plan = planned(prompt=" ".join(["cat"] * 75))
    texts = finish(plan, writer, towers)
    assert texts == plan.shots[0].texts.model_copy(update={"model_writes": False})


# --- from the folder to the picture


def catalog_of(models: Path) -> Catalog:
    settings = Settings()
    return read_catalog(styles=settings.styles, presets=settings.presets, models=(*settings.models, models))


def test_the_catalog_finds_the_folder_in_any_of_the_model_folders(folder: Path):
    assert catalog_of(folder.parent).prompt_expansion == folder


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_folder_without_network_or_configuration_is_none(copied: Path, missing: str):
    (copied / missing).unlink()
    (copied / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    catalog = catalog_of(copied.parent)
    assert catalog.prompt_expansion is None
    with pytest.raises(RequestError, match=r"expansion: needs a language model in models/prompt_expansion; put one"):
        make_plan(read_request({"prompt": "a cat", "expansion": "model"}), catalog, fallback_seed=1)


def draw(engine: LocalEngine, catalog: Catalog, told: list[Event], **fields: object) -> tuple[Plan, list[Made]]:
    asked = {"prompt": "a red apple", "expansion": "model", "sampling": {"steps": 2, "seed": 7}, **fields}
    plan = make_plan(read_request(asked), catalog, fallback_seed=1)
    return plan, list(engine.run(plan, Monitor(told.append)))


def test_the_finished_shot_says_what_was_drawn_and_its_record_makes_it_again(folder: Path):
    catalog = catalog_of(folder.parent)
    engine = build_local_engine(lambda: catalog, always_cpu=True, threads=None)
    told: list[Event] = []
    plan, (one, two) = draw(engine, catalog, told, output={"count": 2})
    assert [event.what for event in told if isinstance(event, Loading)].count("prompt_expansion") == 1
    assert all(Source.EXPANSION in sources(made.shot.texts) for made in (one, two))
    assert one.shot.texts.positive != two.shot.texts.positive
    record = write_record(plan, two.shot, models=(), seconds=0, steps_done=2)
    assert record.shot.texts == two.shot.texts
    again = make_plan(record.request, catalog, fallback_seed=1)
    (made,) = engine.run(again, Monitor(told.append))
    assert made.shot.texts == two.shot.texts
    assert np.array_equal(made.picture.pixels, two.picture.pixels)
    # ... and its words are in the picture
    _, (plain,) = draw(engine, catalog, told, expansion="off", sampling={"steps": 2, "seed": 8})
    assert not np.array_equal(plain.picture.pixels, two.picture.pixels)


def test_a_model_that_went_away_after_planning_is_said(folder: Path, catalog: Catalog):
    engine = build_local_engine(lambda: catalog, always_cpu=True, threads=None)
    with pytest.raises(ModelError, match=r"prompt_expansion is gone; put it back, or choose gentle or rich"):
        draw(engine, replace(catalog, prompt_expansion=folder), [])


# --- what is no such model


def edit(file: str, **fields: object) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        content = json.loads((folder / file).read_text("utf-8"))
        (folder / file).write_text(json.dumps({**content, **fields}), "utf-8")

    return change


def only_pickles(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "only pickles": only_pickles,
    "cut short": lambda at: (at / "model.safetensors").write_bytes((at / "model.safetensors").read_bytes()[:-99]),
    "garbage": lambda at: (at / "model.safetensors").write_bytes(b"\xff" * 5000),
    "no configuration": lambda at: (at / "config.json").unlink(),
    "a broken configuration": lambda at: (at / "config.json").write_text("{"),
    "an unknown kind": edit("config.json", model_type="nonesuch"),
    "no language model": edit("config.json", model_type="clip"),
    "another width": edit("config.json", n_embd=32),
    "another depth": edit("config.json", n_layer=2),
    "a word for a number": edit("config.json", n_embd="x"),
    "no heads": edit("config.json", n_head=0),
    "no tokenizer": lambda at: (at / "tokenizer.json").unlink(),
    "a broken tokenizer": lambda at: (at / "tokenizer.json").write_text("{}"),
    "numbers that need another package": edit(
        "config.json", quantization_config={"quant_method": "bitsandbytes", "load_in_8bit": True}
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_no_causal_language_model_is_one_sentence_with_its_folder(copied: Path, damage: str):
    DAMAGE[damage](copied)
    with pytest.raises(ModelError) as told:
        PhraseWriter(copied)
    sentence = str(told.value)
    assert sentence.startswith(f"The model file {copied} ")
    assert "copy the model" in sentence
    assert "\n" not in sentence


def test_a_pickle_is_refused_by_name(copied: Path):
    only_pickles(copied)
    with pytest.raises(ModelError, match=r"has no model\.safetensors; .* pickles are never read\.$"):
        PhraseWriter(copied)


def test_another_networks_tokenizer_is_refused(copied: Path):
    content = json.loads((copied / "tokenizer.json").read_text("utf-8"))
    content["model"]["vocab"]["further"] = len(VOCABULARY)
    (copied / "tokenizer.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(ModelError, match="cannot be read as a causal language model"):
        PhraseWriter(copied)


def test_code_beside_the_model_is_never_run(copied: Path):
    (copied / "own.py").write_text("raise SystemExit('code was run')", "utf-8")
    theirs = {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model", "AutoTokenizer": ["own.Words", None]}
    edit("config.json", auto_map=theirs)(copied)
    edit("tokenizer_config.json", auto_map=theirs)(copied)
    assert write(PhraseWriter(copied))
    edit("config.json", model_type="own")(copied)
    with pytest.raises(ModelError, match="cannot be read as a causal language model"):
        PhraseWriter(copied)


def test_a_configuration_cannot_name_code_to_fetch(copied: Path, writer: PhraseWriter):
    edit("config.json", attn_implementation="someone/kernels", _attn_implementation="someone/kernels")(copied)
    assert write(PhraseWriter(copied)) == write(writer)


def test_broken_numbers_are_a_sentence(copied: Path):
    weights = safetensors.load_file(copied / "model.safetensors")
    weights["transformer.ln_f.bias"][0] = float("nan")
    safetensors.save_file(weights, copied / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BadNumbers, match="gave numbers that are no words"):
        PhraseWriter(copied)
