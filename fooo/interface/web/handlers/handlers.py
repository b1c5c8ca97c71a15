"""All handlers of the page, by what they are about."""

from dataclasses import dataclass

from fooo.interface.web.handlers.acting import Acting
from fooo.interface.web.handlers.arriving import Arriving
from fooo.interface.web.handlers.asking import Asking
from fooo.interface.web.handlers.context import Context
from fooo.interface.web.handlers.last_asked import LastAsked
from fooo.interface.web.handlers.pressing import Pressing
from fooo.interface.web.handlers.settings import Settings
from fooo.interface.web.handlers.showing import Showing
from fooo.interface.web.handlers.trying import Trying
from fooo.interface.web.handlers.watching import Watching


@dataclass(frozen=True, slots=True)
class Handlers:
    """For every open page."""

    context: Context
    arriving: Arriving
    pressing: Pressing
    acting: Acting
    watching: Watching
    settings: Settings
    trying: Trying

    @classmethod
    def of(cls, context: Context) -> "Handlers":
        """The handlers, which all know the same of what was asked last."""
        kept = LastAsked.beside(context.program.archive.folder)
        each = (context, Asking(context, kept), Showing(context))
        pressing = Pressing(*each)
        acting = Acting(*each, pressing)
        return cls(
            context, Arriving(*each), pressing, acting, Watching(*each), Settings(*each), Trying(*each, pressing)
        )
