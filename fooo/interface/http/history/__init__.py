"""The history for the page: `/api/history`."""

from fooo.interface.http.history.routes import HISTORY_PATH, history_routes

__all__ = ["HISTORY_PATH", "history_routes"]
