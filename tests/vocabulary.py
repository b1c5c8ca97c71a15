"""A vocabulary for tests, in CLIP's file format: tests that count tokens must not hang on that of a shipped model."""

import importlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# untyped for the greater part
tokenizers: Any = importlib.import_module("tokenizers")

BEGIN, END = "<|startoftext|>", "<|endoftext|>"


def write_vocabulary(folder: Path, texts: Iterable[str], *, padding: str = END) -> int:
    """Write the files of a tokenizer to which each word and mark of the texts is one token; gives how many there are.

    What is in none of the texts is spelled, a token a letter or a few.
    """
    byte_level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    model = tokenizers.Tokenizer(tokenizers.models.BPE(end_of_word_suffix="</w>", unk_token=END))
    model.normalizer = tokenizers.normalizers.Lowercase()
    pieces = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"), "removed", invert=True)
    model.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([pieces, byte_level])
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=10**6, min_frequency=1, end_of_word_suffix="</w>", initial_alphabet=sorted(byte_level.alphabet()),
        # else letters at a word's end are numbered in the order of a hash table, another one in each process
        special_tokens=[f"{letter}</w>" for letter in sorted(byte_level.alphabet())],
        show_progress=False,
    )  # fmt: skip
    letters = " ".join(byte_level.alphabet())
    model.train_from_iterator([letters, *texts], trainer)
    learnt = json.loads(model.to_str())["model"]
    tokens = [*sorted(learnt["vocab"], key=learnt["vocab"].__getitem__), BEGIN, END]
    folder.mkdir(parents=True)
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), "utf-8")
    merges = [" ".join(pair) for pair in learnt["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]), "utf-8")
    told = {"tokenizer_class": "CLIPTokenizer", "pad_token": padding, "model_max_length": 77}
    (folder / "tokenizer_config.json").write_text(json.dumps(told), "utf-8")
    return len(vocabulary)
