"""What the APIs for other programs' clients share: how much they may send, how they log in, how they wait for pictures.

Each speaks as the program does that its clients were made for, and is a thin translation to a `Request`.
"""

from fooo.interface.http.foreign.api import ForeignApi, Refused, api_at, foreign_routes
from fooo.interface.http.foreign.bodies import read_body
from fooo.interface.http.foreign.credentials import HeaderLogin
from fooo.interface.http.foreign.drawing import drawn, kept_file, own_address
from fooo.interface.http.foreign.given import as_base64, keep_picture, picture_content
from fooo.interface.http.foreign.limits import ForeignLimits

__all__ = [
    "ForeignApi",
    "ForeignLimits",
    "HeaderLogin",
    "Refused",
    "api_at",
    "as_base64",
    "drawn",
    "foreign_routes",
    "keep_picture",
    "kept_file",
    "own_address",
    "picture_content",
    "read_body",
]
