"""`/v1/images` and `/v1/models` as OpenAI has them, for the clients that were made for it."""

from fooo.interface.http.openai.routes import OPENAI, openai_routes

__all__ = ["OPENAI", "openai_routes"]
