"""The server: who may ask, for what, and how much. It knows the service, and nothing of the page it carries."""

from fooo.interface.http.guard import Hosts, is_loopback
from fooo.interface.http.limits import MOST_UPLOAD_BYTES
from fooo.interface.http.pictures import picture_address
from fooo.interface.http.run import address_of, listen, run
from fooo.interface.http.server import make_server

__all__ = [
    "MOST_UPLOAD_BYTES",
    "Hosts",
    "address_of",
    "is_loopback",
    "listen",
    "make_server",
    "picture_address",
    "run",
]
