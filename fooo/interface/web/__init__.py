"""The web page, in gradio."""

from fooo.interface.web.page import ASSET_PATH, OPEN_PATHS, UPLOAD_PATH, make_page, mount_page
from fooo.interface.web.seam import upload_folder
from fooo.interface.web.view import Address

__all__ = ["ASSET_PATH", "OPEN_PATHS", "UPLOAD_PATH", "Address", "make_page", "mount_page", "upload_folder"]
