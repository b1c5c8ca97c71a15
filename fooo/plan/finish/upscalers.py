"""Which network enlarges a picture, by how it was drawn."""

from collections.abc import Iterable, Mapping

from fooo.catalog.styles import Style

FOR_PHOTOGRAPHS = "RealESRGAN_x4plus"
FOR_DRAWINGS = "RealESRGAN_x4plus_anime_6B"
QUICK = "realesr-animevideov3"

SHORT_NAMES: Mapping[str, str] = {"photo": FOR_PHOTOGRAPHS, "drawing": FOR_DRAWINGS, "quick": QUICK}
"""What a person may type for each."""

_DRAWN = frozenset({"anime_comic", "design_print", "drawing", "pixel_game"})
"""Families of styles with lines and even areas."""

UNLIKE_THEIR_FAMILY = {
    FOR_DRAWINGS: frozenset({"Cartoon", "Flat Vector", "Line Art", "Sticker", "Ukiyo-e"}),
    FOR_PHOTOGRAPHS: frozenset(
        {"Card Game Art", "Charcoal", "Coloured Pencil", "Concept Art", "Hand-Painted Game", "Retro 3D"}
    ),
}
"""Styles by the upscaler that suits them better than their family's."""


def upscaler_for(styles: Iterable[Style], *, quick: bool = False) -> str:
    """The known upscaler for a picture of these styles; without any, the one for photographs and paintings.

    One style of lines and even areas is enough for the one that knows these, whatever light and mood the others add.

    Args:
        styles: Of the request.
        quick: Whether time matters more than the last detail.
    """
    if quick:
        return QUICK
    return FOR_DRAWINGS if any(map(_is_drawn, styles)) else FOR_PHOTOGRAPHS


def _is_drawn(style: Style) -> bool:
    own = next((upscaler for upscaler, names in UNLIKE_THEIR_FAMILY.items() if style.name in names), None)
    return own == FOR_DRAWINGS if own else style.family in _DRAWN
