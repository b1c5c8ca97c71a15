"""The final texts: the person's words with everything drawn, and what is put around them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fooo.catalog import POCKET_FAMILY, RANDOM_STYLE, Catalog, LocalModel, Style, is_random, read_tokens
from fooo.catalog.configs import config_folder
from fooo.errors import RequestError
from fooo.plan.dice import Dice
from fooo.plan.dressing import Dressed
from fooo.plan.names import Template, all_leaves, bare_names, find_embeddings, find_loras, read_template
from fooo.plan.plan import Lora, Texts
from fooo.plan.prompt.dynamic import fill_in
from fooo.plan.prompt.grammar import Notice, Prompt, StyleName
from fooo.plan.prompt.parse import parse
from fooo.plan.prompt.room import Ruler
from fooo.request import Expansion, Quality, Request


@dataclass(frozen=True, slots=True)
class Written:
    """What the words of one picture came to.

    Attributes:
        loras: Those that styles and the preset's quality words name, then those of the prompt.
        notices: What its writer may not have meant.
    """

    texts: Texts
    loras: tuple[Lora, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as read, with the files and styles that it names."""

    prompt: Prompt
    loras: tuple[Lora, ...]
    styles: tuple[str, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _StyleRead:
    """A style, the names in it read. Args: templates: Its prompt and its negative."""

    style: Style
    templates: tuple[Template, Template]


class TextWriter:
    """Writes the texts of the pictures of one request.

    Fills in what is left to the dice, applies the styles, adds what suits the subject and what the model likes. Styles
    named within the prompt come behind those of the request. Where the request wants exactly its words, nothing is
    added. Of several prompts parted by `AND` each gets it all. What a style or the quality words name is used, but for
    a LoRA that the person names with a strength of their own.

    Args:
        request: Its negative, dialect, styles, expansion and quality words.
        catalog: Styles, wildcards, LoRAs, embeddings.
        base: Counts the tokens, and may know some styles only.
        steps: Of each picture.

    Raises:
        RequestError: A language model is to expand the prompt, and none is there.
        ModelError: The base's vocabulary is missing or damaged.
    """

    def __init__(self, request: Request, catalog: Catalog, base: LocalModel, *, steps: int) -> None:
        self._request, self._catalog = request, catalog
        self._ruler = Ruler(read_tokens(config_folder(base) / "tokenizer"), catalog.embedding_lengths, steps)
        self._bare_names = bare_names(catalog.embeddings)
        self._drawable = _drawable_styles(catalog, base)
        self._expansion = _expansion(request, catalog)
        quality = Quality() if request.exactly else request.quality
        self._of_quality = [self._read_template(text, "quality") for text in (quality.words, quality.unwanted)]
        words, unwanted = self._of_quality
        self._quality = Quality(words=words.text, unwanted=unwanted.text)
        self._wished_loras = {catalog.lora(wish.name, "models.loras") for wish in request.models.loras}
        # most pictures of a request differ in nothing but their seed
        self._known: dict[tuple[str, str], _Read] = {}
        self._styles: dict[str, _StyleRead] = {}
        self._dressed: dict[tuple[str, ...], Dressed] = {}

    def write(self, prompt: str, *, seed: int, number: int, style: str | None = None) -> Written:
        """The texts of one picture.

        Args:
            prompt: The request's, or one of its combinations.
            seed: Of the picture.
            number: Of its seed in the job, from 0.
            style: Before the request's; None: no further one.

        Raises:
            UnknownName: A style, a wildcard, a LoRA or an embedding is not there.
            RequestError: A text grows too long or nests too deep.
        """
        words = self._filled(prompt, seed, number, "prompt")
        unwanted = self._filled(self._request.negative, seed, number, "negative")
        said, unsaid = self._read(words, "prompt"), self._read(unwanted, "negative", whole=True)
        styles = [self._read_style(style) for style in self._choose_styles(style, said.styles, seed)]
        key = (words, unwanted, *(each.style.name for each in styles))
        if key not in self._dressed:
            self._dressed[key] = Dressed(
                said.prompt,
                unsaid.prompt.parts[0].tree,
                [each.style for each in styles],
                quality=self._quality,
                expansion=self._expansion,
                without=self._request.without,
                ruler=self._ruler,
            )
        texts = self._dressed[key].texts(seed, model_writes=self._expansion is Expansion.MODEL)
        named = [template for each in styles for template in each.templates] + self._of_quality
        own = self._wished_loras.union(lora.name for lora in said.loras)
        theirs = [lora for template in named for lora in template.loras if lora.name not in own]
        missing = (notice for template in named for notice in template.missing)
        return Written(texts, (*theirs, *said.loras), (*said.notices, *unsaid.notices, *missing))

    def _read_style(self, style: Style) -> _StyleRead:
        if style.name not in self._styles:
            prompt, negative = self._read_template(style.prompt), self._read_template(style.negative_prompt)
            named = replace(style, prompt=prompt.text, negative_prompt=negative.text)
            self._styles[style.name] = _StyleRead(named, (prompt, negative))
        return self._styles[style.name]

    def _read_template(self, text: str, at: str = "styles") -> Template:
        return read_template(text, self._catalog, bare=self._bare_names, at=at)

    def _filled(self, text: str, seed: int, number: int, at: str) -> str:
        dialect = self._request.dialect
        return fill_in(text, self._catalog.wildcards, seed=seed, number=number, dialect=dialect, at=at).strip()

    def _read(self, text: str, at: str, *, whole: bool = False) -> _Read:
        if (text, at) not in self._known:
            parsed = parse(text, self._request.dialect, whole=whole, at=at)
            self._known[text, at] = _Read(
                prompt=find_embeddings(parsed.prompt, self._catalog, bare=self._bare_names, at=at),
                loras=find_loras(parsed.prompt, self._catalog, at=at),
                styles=tuple(leaf.name for leaf in all_leaves(parsed.prompt) if isinstance(leaf, StyleName)),
                notices=parsed.notices,
            )
        return self._known[text, at]

    def _choose_styles(self, first: str | None, inline: Sequence[str], seed: int) -> tuple[Style, ...]:
        """`first`, those of the request, those within the prompt, each once; `Random Style` is drawn from the seed."""
        if self._request.exactly:
            return ()
        dice = Dice(seed, "style")
        chosen = [
            dice.pick(self._drawable) if is_random(name) else self._catalog.style(name)
            for name in (*((first,) if first else ()), *self._request.styles, *inline)
        ]
        return tuple({style.name: style for style in chosen}.values())


def _drawable_styles(catalog: Catalog, base: LocalModel) -> Sequence[Style]:
    """What `Random Style` may be: of the embedded model its own, of others all but those."""
    every = list(catalog.styles.values())
    learnt = base.knows is not None
    return [style for style in every if (style.family == POCKET_FAMILY) == learnt] or every


def canonical_style(name: str, catalog: Catalog) -> str:
    """The style's name as the catalog writes it.

    Raises:
        UnknownName: There is no such style.
    """
    return RANDOM_STYLE if is_random(name) else catalog.style(name).name


def _expansion(request: Request, catalog: Catalog) -> Expansion:
    if request.exactly:
        return Expansion.OFF
    if request.expansion is Expansion.MODEL and catalog.prompt_expansion is None:
        problem = "needs a language model in models/prompt_expansion"
        raise RequestError("expansion", problem, "put one there (safetensors), or choose gentle or rich")
    return request.expansion
