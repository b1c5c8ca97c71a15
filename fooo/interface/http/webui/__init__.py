"""`/sdapi/v1` as stable-diffusion-webui has it, for the clients that were made for it."""

from fooo.interface.http.webui.routes import WEBUI, webui_routes

__all__ = ["WEBUI", "webui_routes"]
