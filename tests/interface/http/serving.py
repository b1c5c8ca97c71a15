"""The whole page on a real port of loopback, in a thread: for tests that ask it as a browser does."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from fooo.app import make_application
from fooo.interface.http import Hosts, address_of, listen
from fooo.interface.http.run import server_config
from fooo.service import Fooo
from fooo.settings import ServeSettings

PATIENCE = 60.0
"""Seconds for an end that takes one, also while streams are open: a test that waited for ever would tell nothing."""


@contextmanager
def served(program: Fooo, serving: ServeSettings | None = None, *, port: int = 0) -> Generator[str]:
    """The address of the page of a program, as long as the block runs. Args: port: 0: any that is free."""
    serving = serving or ServeSettings()
    application = make_application(program, serving, Hosts(serving.host))
    with listen("127.0.0.1", port) as taken:
        server = uvicorn.Server(server_config(application))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield address_of(taken)
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
        assert not thread.is_alive(), "the server does not end"
