"""The LoRAs of the drawer: those that are chosen, and where another one is added."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fooo.catalog import Catalog
from fooo.errors import UnknownName
from fooo.interface.i18n import Words

_MOST = 2
"""Of the slider: above it pictures fall apart. What was drawn with more is shown as it was."""


def loras_html(chosen: Sequence[Mapping[str, Any]], catalog: Catalog, words: Words) -> str:
    """The list, and the box below it, whose suggestions the page's script fills in.

    Args:
        chosen: As the hidden control has them: `name` and `weight` of each.
        catalog: The LoRAs that there are, and what is known of them.
        words: Of the page.
    """
    rows = "".join(_row(number, each, catalog, words) for number, each in enumerate(chosen))
    return (
        f'<div class="loras" role="group" aria-label="{escape(words("loras"))}"><h3>{escape(words("loras"))}</h3>'
        f"<p>{escape(words('loras_hint') if catalog.loras else words('no_loras'))}</p>"
        f"{f'<ul>{rows}</ul>' if rows else ''}{_box(words) if catalog.loras else ''}</div>"
    )


def _box(words: Words) -> str:
    said = escape(words("add_lora"))
    return (
        f'<input type="text" id="add-lora" list="lora-names" autocomplete="off" placeholder="{said}"'
        f' aria-label="{said}"><datalist id="lora-names"></datalist>'
    )


def _row(number: int, lora: Mapping[str, Any], catalog: Catalog, words: Words) -> str:
    name, weight = str(lora["name"]), float(lora["weight"])
    shown = escape(name.removesuffix(".safetensors"))
    least, most = min(0, weight), max(_MOST, weight)
    return (
        f'<li data-lora="{number}"><span title="{escape(name)}">{shown}</span><output>{weight:.2f}</output>'
        f'<button type="button" class="quiet" data-do="remove-lora"'
        f' aria-label="{escape(words("remove_lora", name=name))}">✕</button>'
        f'<input type="range" min="{least:g}" max="{most:g}" step="0.05" value="{weight:g}"'
        f' aria-label="{escape(words("lora_weight", name=name))}">{_about(name, catalog, words)}</li>'
    )


def _about(name: str, catalog: Catalog, words: Words) -> str:
    """The words that it was trained with, each pressed into the prompt; or that it is not here."""
    try:
        file = catalog.shelf.loras.get(catalog.lora(name, "models.loras"))
    except UnknownName:
        return f"<small>{escape(words('lora_missing'))}</small>"
    said = file.trigger_words if file else ()
    buttons = "".join(
        f'<button type="button" class="chip" data-do="add-trigger" data-words="{escape(each)}"'
        f' title="{escape(words("add_trigger", words=each))}">{escape(each)}</button>'
        for each in said
    )
    return f'<div class="chips"><small>{escape(words("lora_words"))}</small>{buttons}</div>' if buttons else ""
