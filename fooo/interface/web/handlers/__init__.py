"""What happens when something is pressed: each handler answers with the parts that change."""

from fooo.interface.web.handlers.context import Context, Inputs, Updates
from fooo.interface.web.handlers.handlers import Handlers

__all__ = ["Context", "Handlers", "Inputs", "Updates"]
