"""The sheet of styles: a wall by family, and a box that finds any of them."""

from collections.abc import Mapping, Sequence
from html import escape

from fooo.catalog import POCKET_FAMILY, RANDOM_STYLE, Style, is_random
from fooo.interface.i18n import Words, told

MOST_TRIED = 12
"""Styles that are tried at once: six by two of them fill a wide screen, three by four a phone."""

_FAMILIES = {
    "photo": "family_photo",
    "film": "family_film",
    "painting": "family_painting",
    "drawing": "family_drawing",
    "anime_comic": "family_anime_comic",
    "craft_3d": "family_craft_3d",
    "design_print": "family_design_print",
    "fantasy_scifi": "family_fantasy_scifi",
    "mood_light": "family_mood_light",
    "pixel_game": "family_pixel_game",
    POCKET_FAMILY: "family_pocket",
    "": "family_other",
}
"""The ids of the names of our families; people's own are called as they call them."""


def style_title(name: str, styles: Mapping[str, Style], words: Words) -> str:
    """What a style is called in a language."""
    if is_random(name):
        return words("random_style")
    style = styles.get(name)
    return style.name_zh if style and style.name_zh and words.language == "zh" else name


def sheet_html(families: Mapping[str, Sequence[Style]], *, pocket: bool, words: Words) -> str:
    """The sheet, closed: `pocket` shows the styles of the pocket model, else all but those; a search finds all."""
    fits = {family: (family == POCKET_FAMILY) == pocket for family in families}
    shown = [family for family in families if fits[family]]
    count = min(MOST_TRIED, sum(len(styles) for family, styles in families.items() if fits[family]))
    further = sum(len(styles) for family, styles in families.items() if not fits[family])
    walls = "".join(_wall(family, styles, fits=fits[family], words=words) for family, styles in families.items())
    more = f'<p class="further">{escape(words("styles_more", count=further))}</p>' if further else ""
    finds = escape(words("find_style"))
    return (
        f'<dialog class="sheet styles" id="styles" aria-label="{escape(words("style"))}"'
        f' data-star="{escape(words.texts["favourite_style"])}">'
        f'<header><input type="text" role="searchbox" autocomplete="off" placeholder="{finds}" aria-label="{finds}">'
        f"{_try_button(count, words)}"
        f'<button type="button" class="quiet" data-do="close" aria-label="{escape(words("close"))}">✕</button></header>'
        f'<nav class="chips">{_jumps(shown, words)}</nav>'
        f'<div class="walls">{_random_wall(words)}{_favourites(words)}{walls}{more}'
        f'<p class="none" hidden>{escape(words("no_style_found"))}</p></div></dialog>'
    )


def _try_button(count: int, words: Words) -> str:
    """Tries so many styles on the person's words; none where there is nothing to compare."""
    if count < 2:
        return ""
    said = escape(words("try_styles", count=count))
    return f'<button type="button" class="chip try" data-do="try-styles">{said}</button>'


def _favourites(words: Words) -> str:
    """Where the page's script puts the tiles that the person likes."""
    title = escape(words("favourite_styles"))
    return f'<section class="favourites" hidden><h3>{title}</h3><div class="wall"></div></section>'


def _jumps(families: Sequence[str], words: Words) -> str:
    if len(families) < 2:
        return ""
    return "".join(
        f'<button type="button" class="chip" data-do="family" data-at="{escape(family)}">'
        f"{escape(_family_title(family, words))}</button>"
        for family in families
    )


def _random_wall(words: Words) -> str:
    tile = _tile(RANDOM_STYLE, words("random_style"), words("random_style_about"), found_by=RANDOM_STYLE)
    return f'<section><div class="wall">{tile}</div></section>'


def _wall(family: str, styles: Sequence[Style], *, fits: bool, words: Words) -> str:
    tiles = "".join(_style_tile(style, words) for style in styles)
    title = escape(_family_title(family, words))
    kind = "" if fits else ' class="further" hidden'
    return f'<section data-family="{escape(family)}"{kind}><h3>{title}</h3><div class="wall">{tiles}</div></section>'


def _style_tile(style: Style, words: Words) -> str:
    title = style.name_zh if style.name_zh and words.language == "zh" else style.name
    found_by = " ".join((style.name, style.name_zh, style.about.en, style.about.zh, style.family))
    return _tile(style.name, title, told(style.about, words), found_by=found_by)


def _tile(name: str, title: str, about: str, *, found_by: str) -> str:
    return (
        f'<div class="cell"><button type="button" class="tile" data-do="style" data-style="{escape(name)}"'
        f' aria-pressed="false"'
        f' data-words="{escape(found_by.casefold())}" title="{escape(name)}">'
        f"<b>{escape(title)}</b><small>{escape(about)}</small></button></div>"
    )


def _family_title(family: str, words: Words) -> str:
    return words(_FAMILIES[family]) if family in _FAMILIES else family
