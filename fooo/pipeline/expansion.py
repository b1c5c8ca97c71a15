"""Expansion by a language model: phrases that a causal network of the person's own writes behind a prompt."""

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError, safe_open
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from fooo.catalog import part_files
from fooo.errors import BadNumbers, ModelError
from fooo.plan import Nodes, Said, Texts, parse, said_first
from fooo.plan.expansion.words import MARK, plain, stems, tokens
from fooo.plan.names import says_anything
from fooo.plan.prompt.room import Ruler, fullest, without_empty_end
from fooo.weights import is_out_of_memory, out_of_memory

_MOST_TOKENS = 60
"""That the network writes, in its own tokens; some five to twelve phrases."""
_POSITIONS = 512
"""That a network is taken to read at once if it does not say."""
_TOP = 40
"""Of the likeliest tokens one is drawn: what comes behind them is seldom sense."""
_TEMPERATURE = 0.9
"""Below 1 makes the likely likelier."""
_SHORTEST = 2
"""Tokens: a comma and a word."""


def finish_texts(texts: Texts, writer: "PhraseWriter", ruler: Ruler, *, seed: int) -> Texts:
    """The texts with what the writer adds, no more than the chunk holds that the person's own words have opened.

    Args:
        texts: As planned.
        writer: Goes on with the first prompt that has words, as they are at the first step.
        ruler: For the base's text encoders.
        seed: Of the picture.

    Raises:
        BadNumbers: The network gives NaN or infinity.
    """
    own = [part.tree for part in parse(texts.words).prompt.parts]
    first = next(filter(says_anything, own), own[0])
    words = "".join(part.text for part in said_first(first) if isinstance(part, Said))
    whole = map(ruler.sizes, _trees(texts))
    room = min(ruler.room(theirs, sizes) for theirs, sizes in zip(own, whole, strict=True))
    around = f"{texts.positive}, {texts.negative}"
    phrases = writer.write(words, seed=seed, room=room, count=ruler.tokens.length, around=around)
    finished = texts.with_phrases(phrases)
    sizes = fullest(each for tree in _trees(finished) for each in ruler.sizes(tree))
    return finished.model_copy(update={"positive_tokens": without_empty_end(sizes)})


def _trees(texts: Texts) -> list[Nodes]:
    """Of each of the prompts between `AND`."""
    return [part.tree for part in parse(texts.positive).prompt.parts]


class PhraseWriter:
    """A causal language model that goes on with a prompt, on the processor in float32: equal on every run.

    Args:
        folder: In transformers' layout: `config.json`, weights as `.safetensors`, a tokenizer's files. Nothing in it is
            unpickled, nothing of it is run as code.

    Raises:
        ModelError: A file is missing, damaged, or not of a causal language model.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _sentences(folder):
            self._network = _load_network(folder)
            self._tokenizer = _load_tokenizer(folder)
            self._end = cast(int | None, self._tokenizer.eos_token_id)
            texts = cast(list[str], self._tokenizer.batch_decode([[each] for each in range(len(self._tokenizer))]))
            self._commas = {number for number, text in enumerate(texts) if text.strip() == MARK}
            words = {number for number, text in enumerate(texts) if text.strip().isalpha()}
            if not words or not self._commas or len(texts) > self._network.config.vocab_size:
                raise ValueError("the tokenizer is another network's")
            logits, _ = self._guess([0], None)  # one that cannot go on word by word is found before it is needed
        allowed = words | self._commas | (set[int]() if self._end is None else {self._end})
        self._mask = torch.full(logits.shape, -math.inf)
        self._mask[list(allowed)] = 0

    def write(
        self, prompt: str, *, seed: int, room: int, count: Callable[[str], int], around: str = ""
    ) -> tuple[str, ...]:
        """Phrases in small letters to put behind the prompt, each with ", " before it; none repeats a word.

        Args:
            prompt: Plain words. There is nothing to add to none.
            seed: Of the picture; the global generator is left alone.
            room: Tokens that they may be, all together.
            count: Tokens of a text.
            around: All that is said in the picture's texts; no word of it is said again.

        Raises:
            BadNumbers: The network gives NaN or infinity.
        """
        if not prompt.strip() or room < _SHORTEST:
            return ()
        phrases: list[str] = []
        said = stems(tokens(plain(f"{prompt}, {around}")))
        for phrase in self._phrases(prompt, seed):
            found = tokens(phrase)
            if stems(found) & said or len(set(found)) < len(found):
                continue
            room -= count(f", {phrase}")
            if room < 0:
                break
            phrases.append(phrase)
            said |= stems(found)
        return tuple(phrases)

    def _phrases(self, prompt: str, seed: int) -> Iterator[str]:
        """What it writes between commas; what is cut off at the end is left out."""
        written: list[int] = []
        for token in self._tokens_behind(f"{prompt}{MARK}", torch.Generator("cpu").manual_seed(seed)):
            if token not in self._commas and token != self._end:
                written.append(token)
                continue
            # in small letters it is never an `AND` or a `BREAK`
            phrase = " ".join(self._tokenizer.decode(written).lower().split())
            written.clear()
            if phrase:
                yield phrase

    def _tokens_behind(self, text: str, generator: torch.Generator) -> Iterator[int]:
        """Words and commas, up to the network's own end, which is the last one, or to the most that it may write."""
        positions = getattr(self._network.config, "max_position_embeddings", None) or _POSITIONS
        ids = cast(list[int], self._tokenizer.encode(text, add_special_tokens=False))
        ids = ids[-max(1, positions - _MOST_TOKENS) :]
        remembered: object = None
        mask = self._mask.clone()
        for _ in range(min(_MOST_TOKENS, positions - len(ids) + 1)):
            logits, remembered = self._guess(ids, remembered)
            token = _draw(logits + mask, generator)
            yield token
            if token == self._end:
                return
            if token not in self._commas:
                mask[token] = -math.inf  # else a network can say the same for ever
            ids = [token]

    @torch.inference_mode()
    def _guess(self, ids: Sequence[int], remembered: object) -> tuple[torch.Tensor, object]:
        """How likely each token comes next, shape (vocabulary,); and what need not be computed again."""
        output = self._network(input_ids=torch.tensor([ids]), past_key_values=remembered, use_cache=True)
        logits = cast(torch.Tensor, output.logits)[0, -1]
        if not torch.isfinite(logits).all():
            raise BadNumbers(
                f"The language model in {self._folder} gave numbers that are no words; "
                "copy it again, or choose gentle or rich."
            )
        return logits, output.past_key_values


def _draw(logits: torch.Tensor, generator: torch.Generator) -> int:
    """A token, by how likely it is."""
    likeliest, places = torch.topk(logits, min(_TOP, len(logits)))
    shares = torch.softmax(likeliest / _TEMPERATURE, dim=-1)
    return int(places[torch.multinomial(shares, 1, generator=generator)])


class _Loader(Protocol):
    def from_pretrained(self, folder: Path, **options: Any) -> Any: ...


def _load_network(folder: Path) -> Any:
    """The network in evaluation mode, every weight read from its file."""
    files = part_files(folder)
    if not files:
        raise ModelError(folder, "has no model.safetensors", "copy the model in that format; pickles are never read")
    for file in files:
        with safe_open(file, framework="pt"):
            pass  # a file cut short is found before it is loaded
    config = cast(_Loader, AutoConfig).from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    # with the configuration at hand, "eager" wins over what is written in it: that could name code to be fetched
    network, told = cast(_Loader, AutoModelForCausalLM).from_pretrained(
        folder, config=config, attn_implementation="eager", local_files_only=True, trust_remote_code=False,
        use_safetensors=True, dtype=torch.float32, output_loading_info=True,
    )  # fmt: skip
    if any(told[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys")):
        raise ModelError(folder, "holds another network than its config.json says", "copy the model again")
    return network.eval().requires_grad_(False)


def _load_tokenizer(folder: Path) -> Any:
    return cast(_Loader, AutoTokenizer).from_pretrained(folder, local_files_only=True, trust_remote_code=False)


@contextmanager
def _sentences(folder: Path) -> Generator[None]:
    """What the loaders raise, in words."""
    try:
        yield
    except (
        ArithmeticError, AttributeError, ImportError, LookupError, MemoryError, OSError, RuntimeError, SafetensorError,
        StrictDataclassError, TypeError, ValueError,
    ) as error:  # fmt: skip
        if is_out_of_memory(error):
            raise out_of_memory() from error
        told = f"cannot be read as a causal language model ({type(error).__name__})"
        raise ModelError(folder, told, "copy the model again, or choose gentle or rich") from error
