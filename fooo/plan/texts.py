"""The final texts: the person's words with everything drawn, and what is put around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from fooo.catalog import POCKET_FAMILY, RANDOM_STYLE, Catalog, LocalModel, Style, is_random, read_tokens
from fooo.catalog.configs import config_folder
from fooo.errors import RequestError
from fooo.plan.dice import Dice
from fooo.plan.dressing import Dressed
from fooo.plan.names import all_leaves, find_embeddings, find_loras
from fooo.plan.plan import Lora, Texts
from fooo.plan.prompt.dynamic import fill_in
from fooo.plan.prompt.grammar import Prompt, StyleName
from fooo.plan.prompt.parse import parse
from fooo.request import Expansion, Request


@dataclass(frozen=True, slots=True)
class Written:
    """What the words of one picture came to.

    Attributes:
        loras: Those that the prompt names.
        notices: What its writer may not have meant, a sentence each.
    """

    texts: Texts
    loras: tuple[Lora, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as read, with the files and styles that it names."""

    prompt: Prompt
    loras: tuple[Lora, ...]
    styles: tuple[str, ...]
    notices: tuple[str, ...]


class TextWriter:
    """Writes the texts of the pictures of one request.

    Fills in what is left to the dice, applies the styles, adds what suits the subject and what the model likes. Styles
    named within the prompt come behind those of the request. Where the request wants exactly its words, nothing is
    added. Of several prompts parted by `AND` each gets it all.

    Args:
        request: Its negative, dialect, styles, expansion and quality words.
        catalog: Styles, wildcards, LoRAs, embeddings.
        base: Counts the tokens, and may know some styles only.

    Raises:
        RequestError: A language model is to expand the prompt, and none is there.
        ModelError: The base's vocabulary is missing or damaged.
    """

    def __init__(self, request: Request, catalog: Catalog, base: LocalModel) -> None:
        self._request, self._catalog, self._base = request, catalog, base
        self._tokens = read_tokens(config_folder(base) / "tokenizer")
        self._model_writes = _asks_model(request, catalog)
        # most pictures of a request differ in nothing but their seed
        self._known: dict[tuple[str, str], _Read] = {}
        self._dressed: dict[tuple[str, str, tuple[Style, ...]], Dressed] = {}

    def write(self, prompt: str, *, seed: int, number: int) -> Written:
        """The texts of one picture.

        Args:
            prompt: The request's, or one of its combinations.
            seed: Of the picture.
            number: Of its seed in the job, from 0.

        Raises:
            UnknownName: A style, a wildcard, a LoRA or an embedding is not there.
            RequestError: A text grows too long or nests too deep.
        """
        words = self._filled(prompt, seed, number, "prompt")
        unwanted = self._filled(self._request.negative, seed, number, "negative")
        said, unsaid = self._read(words, "prompt"), self._read(unwanted, "negative")
        styles = self._choose_styles(said.styles, seed)
        key = (words, unwanted, styles)
        if key not in self._dressed:
            self._dressed[key] = Dressed(
                said.prompt,
                unsaid.prompt,
                styles,
                request=self._request,
                tokens=self._tokens,
                lengths=self._catalog.embedding_lengths,
            )
        texts = self._dressed[key].texts(seed, model_writes=self._model_writes)
        return Written(texts, said.loras, (*said.notices, *unsaid.notices))

    def _filled(self, text: str, seed: int, number: int, at: str) -> str:
        dialect = self._request.dialect
        return fill_in(text, self._catalog.wildcards, seed=seed, number=number, dialect=dialect, at=at).strip()

    def _read(self, text: str, at: str) -> _Read:
        if (text, at) not in self._known:
            parsed = parse(text, self._request.dialect, at=at)
            self._known[text, at] = _Read(
                prompt=find_embeddings(parsed.prompt, self._catalog, at=at),
                loras=find_loras(parsed.prompt, self._catalog, at=at),
                styles=tuple(leaf.name for leaf in all_leaves(parsed.prompt) if isinstance(leaf, StyleName)),
                notices=tuple(f"In the {at}, {notice}" for notice in parsed.notices),
            )
        return self._known[text, at]

    def _choose_styles(self, inline: Sequence[str], seed: int) -> tuple[Style, ...]:
        """Those of the request, then those within the prompt, each once; `Random Style` is drawn from the seed."""
        if self._request.exactly:
            return ()
        dice = Dice(seed, "style")
        chosen = [
            dice.pick(self._drawable_styles()) if is_random(name) else self._catalog.style(name)
            for name in (*self._request.styles, *inline)
        ]
        return tuple({style.name: style for style in chosen}.values())

    def _drawable_styles(self) -> list[Style]:
        """What `Random Style` may be: of the embedded model its own, of others all but those."""
        every = list(self._catalog.styles.values())
        learnt = self._base.knows is not None
        return [style for style in every if (style.family == POCKET_FAMILY) == learnt] or every


def canonical_style(name: str, catalog: Catalog) -> str:
    """The style's name as the catalog writes it.

    Raises:
        UnknownName: There is no such style.
    """
    return RANDOM_STYLE if is_random(name) else catalog.style(name).name


def _asks_model(request: Request, catalog: Catalog) -> bool:
    if request.exactly or request.expansion is not Expansion.MODEL:
        return False
    if catalog.prompt_expansion is None:
        problem = "needs a language model in models/prompt_expansion"
        raise RequestError("expansion", problem, "put one there (safetensors), or choose gentle or rich")
    return True
