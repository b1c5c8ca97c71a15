"""Words as the text towers read them: token numbers, counted without loading a network."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from fooo.catalog.user_files import FileStates, states_of
from fooo.errors import ModelError

_PIECES = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
"""CLIP cuts a text into runs of letters, single digits and runs of marks before it looks for known pieces."""
_BEGIN, _END = "<|startoftext|>", "<|endoftext|>"
_LONGEST_REMEMBERED = 32
"""Letters of a word; Chinese is written without spaces."""
_CLIPS_OWN = Path(__file__).parent / "configs" / "clip"
"""OpenAI's vocabulary, which nearly all models have: what a configuration with `"vocabulary": "clip"` means."""


class Tokens:
    """A tower's vocabulary, in CLIP's file format (Radford et al. 2021, byte-level BPE on lower-cased text).

    Args:
        folder: `tokenizer/` or `tokenizer_2/` of a model in diffusers' layout; the vocabulary itself may be elsewhere.

    Raises:
        ModelError: A file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        config = cast(dict[str, Any], _read(folder / "tokenizer_config.json", json.loads))
        vocabulary, merges = _pieces(_CLIPS_OWN if config.get("vocabulary") == "clip" else folder)
        try:
            self._model = _clip(vocabulary, merges)
            self.begin, self.end = vocabulary[_BEGIN], vocabulary[_END]
            self.padding = vocabulary[_text_of(config.get("pad_token", _END))]
            self.comma = vocabulary[",</w>"]
        except (KeyError, TypeError, ValueError) as error:
            problem = f"does not hold a vocabulary that Fooo knows ({type(error).__name__})"
            raise ModelError(folder, problem, "copy the model again") from None
        self.length = lru_cache(maxsize=4096)(self._length)
        """How many tokens a text is; remembered, because the same phrases are counted for picture after picture."""
        self.count = len(vocabulary)
        """Tokens that there are."""
        self._remembered = lru_cache(maxsize=8192)(self._encoded)

    def ids(self, text: str) -> list[int]:
        """The text's tokens, without marks for begin and end."""
        # no piece reaches over a space, and people say the same words again and again
        return [token for word in text.split(" ") for token in self._of_word(word)]

    def _of_word(self, word: str) -> Sequence[int]:
        return self._remembered(word) if len(word) <= _LONGEST_REMEMBERED else self._encoded(word)

    def _encoded(self, word: str) -> Sequence[int]:
        return self._model.encode(word, add_special_tokens=False).ids

    def _length(self, text: str) -> int:
        return len(self.ids(text))


def _clip(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    model = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, end_of_word_suffix="</w>", unk_token=_END))
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    model.normalizer = normalizers.Sequence([normalizers.NFC(), spaces, normalizers.Lowercase()])
    pieces = pre_tokenizers.Split(Regex(_PIECES), behavior="removed", invert=True)
    model.pre_tokenizer = pre_tokenizers.Sequence([pieces, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return model


def _pieces(folder: Path) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Tokens with their numbers, and which pairs join in which order: from two files, or from a newer single one."""
    whole = folder / "tokenizer.json"
    if whole.exists() and not (folder / "vocab.json").exists():
        model = cast(dict[str, Any], _read(whole, lambda text: json.loads(text)["model"]))
        return model["vocab"], [(first, second) for first, second in map(_pair, model["merges"])]
    vocabulary = cast(dict[str, int], _read(folder / "vocab.json", json.loads))
    return vocabulary, cast(list[tuple[str, str]], _read(folder / "merges.txt", _merges))


def _pair(merge: str | list[str]) -> list[str]:
    return merge.split(" ") if isinstance(merge, str) else merge


def _read(path: Path, parse: Callable[[str], object]) -> object:
    try:
        return parse(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(path, f"cannot be read ({error.strerror})", "copy the model again") from None
    except (ValueError, KeyError):
        raise ModelError(path, "is damaged", "copy the model again") from None


def _merges(text: str) -> list[tuple[str, str]]:
    """One a line, the two pieces with a space between; the first line names the format's version."""
    pairs = [line.split(" ") for line in text.splitlines() if line and not line.startswith("#version")]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError
    return [(first, second) for first, second in pairs]


def _text_of(token: str | dict[str, Any]) -> str:
    """Older files write a token as an object."""
    return token if isinstance(token, str) else token["content"]


def read_tokens(folder: Path) -> Tokens:
    """The vocabulary in the folder, read once for each state of its files.

    Raises:
        ModelError: A file is missing or damaged.
    """
    return _read_tokens(folder, states_of(folder / name for name in ("vocab.json", "merges.txt", "tokenizer.json")))


@lru_cache(maxsize=8)
def _read_tokens(folder: Path, _states: FileStates) -> Tokens:
    return Tokens(folder)
