"""The names and words that the prompt box suggests, as one list that the page's script looks through by itself."""

import json
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from html import escape
from typing import Any

from fooo.catalog import RANDOM_STYLE, Catalog, Knowledge
from fooo.interface.i18n import Words

_SAID = ("suggested", "unknown_name", "drop_here", "not_answering")

Named = list[str]
"""A name, and behind it what it is called in the other language where that is known, the commonest first."""


def known_words(catalog: Catalog, knows: Knowledge | None, words: Words) -> dict[str, Any]:
    """Everything that can be suggested, and what the script says.

    Args:
        catalog: The names that there are.
        knows: What the model that draws has learnt; None: everything.
        words: Of the page.

    Returns:
        JSON: for each kind of name (`style`, `lora`, `wildcard`, `embedding`) and for plain words (`word`) a list of
        names, as `Named`; under `reads_chinese` whether a Chinese word is drawn as such, or has an English one in its
        place; under `aliases` further names of styles, which are understood and not suggested; under `said` texts by
        their ids.
    """
    styles = [[style.name, *_other(style.name_zh)] for style in catalog.styles.values()]
    return {
        "style": [[RANDOM_STYLE, words("random_style")], *styles],
        "lora": _names(catalog.loras),
        "wildcard": _names(catalog.wildcards),
        "embedding": _names(catalog.embeddings),
        "word": _learnt(knows) if knows else [],
        "reads_chinese": knows is None or knows.reads_chinese,
        "aliases": sorted(catalog.style_names),
        "said": {each: words.texts[each] for each in _SAID},
    }


def known_html(known: dict[str, Any], seen: str) -> str | None:
    """The list for the page's script, marked by what it holds; None where the page has seen this very one."""
    text = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    mark = blake2b(text.encode(), digest_size=8).hexdigest()
    return None if mark == seen else f'<div data-mark="{mark}" data-known="{escape(text)}"></div>'


def _names(names: Iterable[str]) -> list[Named]:
    return [[name] for name in names]


def _other(name: str) -> Sequence[str]:
    return (name,) if name else ()


def _learnt(knows: Knowledge) -> list[Named]:
    """Each thing and look once, by its commonest word, with its Chinese names where it has any."""
    everything = (*knows.nouns, *knows.styles, *knows.colours, *knows.papers, *knows.places)
    named: dict[str, Named] = {}
    for each in everything:
        named.setdefault(each.words[0], [each.words[0], *each.chinese])
    return list(named.values())
