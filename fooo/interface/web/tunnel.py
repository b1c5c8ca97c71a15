"""A public address by gradio's tunnel, for `--share`."""

import secrets

import httpx
from gradio.exceptions import ChecksumMismatchError, ShareCertificateWriteError
from gradio.networking import setup_tunnel

from fooo.errors import FoooError


def open_tunnel(port: int) -> str:
    """The public https address under which this machine's port can be reached, as long as the program runs.

    The first time it fetches a helper program (frpc) from Hugging Face, checked against a known hash.

    Raises:
        FoooError: There is no way out, or the helper program does not run here.
    """
    try:
        address = setup_tunnel("127.0.0.1", port, secrets.token_urlsafe(32), None, None)
    except (
        OSError,
        RuntimeError,
        ValueError,
        httpx.HTTPError,
        ChecksumMismatchError,
        ShareCertificateWriteError,
    ) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise FoooError(
            f"The share tunnel could not be opened ({reason}); it needs the internet and a helper program of "
            "gradio. Without it: start with --listen, or reach this machine with "
            f"`ssh -L {port}:127.0.0.1:{port} THIS-MACHINE`."
        ) from None
    return "https://" + address.partition("://")[2]
