"""What a person sees of the service's jobs, without knowing how the page shows it."""

from fooo.interface.web.view.families import beside_parents
from fooo.interface.web.view.lookout import Lookout
from fooo.interface.web.view.view import Address, AddressOf, Drawing, Finished, Held, View

__all__ = ["Address", "AddressOf", "Drawing", "Finished", "Held", "Lookout", "View", "beside_parents"]
