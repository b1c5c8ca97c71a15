"""How styles look and which are liked, for the page: `/api/styles`."""

from fooo.interface.http.styles.routes import STYLES_PATH, style_routes

__all__ = ["STYLES_PATH", "style_routes"]
