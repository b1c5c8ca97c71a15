"""How styles look, and which of them people like."""

from fooo.service.styles.favourites import FavouriteStyles
from fooo.service.styles.idle import IdleDrawing
from fooo.service.styles.pictures import StylePictures, style_id

__all__ = ["FavouriteStyles", "IdleDrawing", "StylePictures", "style_id"]
