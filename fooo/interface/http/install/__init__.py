"""What a browser wants to know to put the page among the programs of a machine or a phone."""

from fooo.interface.http.install.icon import draw_icon
from fooo.interface.http.install.routes import INSTALL_PATHS, install_routes

__all__ = ["INSTALL_PATHS", "draw_icon", "install_routes"]
