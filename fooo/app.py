"""Puts the program together: the only file that knows every implementation."""

import secrets
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fooo.catalog import Catalog, CurrentCatalog, PresetFile, read_catalog
from fooo.catalog.shelf import FileHashes
from fooo.engine import Engine
from fooo.engine.process import CPU, Anew, Patience, ProcessEngine
from fooo.errors import ModelError, UnknownName
from fooo.image.store import PictureStore
from fooo.logs import CrashReports, log_file
from fooo.monitor import Monitor
from fooo.record import Archive
from fooo.request import Request
from fooo.service import Downloads, Experience, Fooo, Queue, Timings, open_queue
from fooo.service.styles import IdleDrawing, StylePictures
from fooo.service.warming import Warming
from fooo.settings import NetworkSettings, ServeSettings, Settings, choose_device, has_screen, quiet_libraries

if TYPE_CHECKING:
    from fastapi import FastAPI

    from fooo.engine.enlarging import LocalEnlarging
    from fooo.interface.http import Hosts
    from fooo.interface.people import Accounts

_HIGHEST_DRAWN_SEED = 2**32
"""Drawn seeds fit the 32 bits that other programs of this field can read."""


def do_nothing() -> None:
    """For who does nothing then."""


def build(settings: Settings | None = None, network: NetworkSettings | None = None, queue: Queue | None = None) -> Fooo:
    """The program with the local engine.

    Args:
        settings: Where things lie; None: in the checkout.
        network: Where missing models are fetched from; None: nowhere.
        queue: That goes on with the jobs of earlier programs; None: one that ends with this program.

    Raises:
        FoooError: As of `read_catalog`, and of `filter_file` where pictures are to be filtered.
    """
    settings = settings or Settings()
    quiet_libraries()
    if settings.filter:
        filter_file(settings)  # who wants pictures filtered hears at once that they cannot be, and not at the first one
    catalog, pictures, closing = _current_catalog(settings), PictureStore(settings.begun_with), threading.Event()
    first, *more = (
        partial(_engine, settings, catalog, pictures, device, closing) for device in settings.devices or (None,)
    )
    return Fooo(
        catalog=catalog,
        make_engine=first,
        more_engines=more,
        closing=closing,
        archive=Archive(settings.outputs, by_day=settings.outputs_by_day, with_records=settings.records),
        draw_seed=lambda: secrets.randbelow(_HIGHEST_DRAWN_SEED),
        experience=Experience(Timings(settings.timings)),
        pictures=pictures,
        queue=queue,
        hashes=FileHashes(settings.models[0] / ".cache"),
        downloads=_downloads(settings.models[0], network or NetworkSettings(offline=True), catalog),
    )


def _current_catalog(settings: Settings) -> CurrentCatalog:
    def read(last: Catalog | None) -> Catalog:
        return read_catalog(styles=settings.styles, presets=settings.presets, models=settings.models, last=last)

    return CurrentCatalog(read)


def _downloads(models: Path, network: NetworkSettings, catalog: CurrentCatalog) -> Downloads:
    def fetch_one(file: PresetFile, monitor: Monitor) -> Path | None:
        # brings the network's libraries, which most runs never need
        from fooo.files import fetch  # noqa: PLC0415

        return fetch(file, models=models, network=network, monitor=monitor)

    return Downloads(fetch_one, arrived=catalog.look_again, possible=not network.offline)


def _engine(
    settings: Settings, catalog: CurrentCatalog, pictures: PictureStore, device: str | None, closing: threading.Event
) -> Engine:
    if not settings.own_process:
        return _local_engine(settings, catalog, pictures)
    patience = Patience(after_stop=settings.seconds_to_stop)
    report = crash_reports(settings).write
    make = partial(engine_alone, settings, device)
    engine = ProcessEngine(make, patience=patience, report=report, closing=closing)
    engine.begin()  # at once, in the thread that draws: nobody who asks for its device later on waits for it
    return engine


def crash_reports(settings: Settings) -> CrashReports:
    """Where what crashes is written down."""
    return CrashReports(settings.logs, log=log_file(settings.logs), with_words=settings.log_prompts)


def engine_alone(settings: Settings, device: str | None = None) -> Engine:
    """The local engine for a process in which there is nothing else. Args: device: None: the best one."""
    quiet_libraries()
    if device:
        choose_device(device)
        settings = replace(settings, always_cpu=device == CPU)
    catalog = _current_catalog(settings)
    return Anew(_local_engine(settings, catalog, PictureStore(settings.begun_with)), catalog.look_again)


def _local_engine(settings: Settings, catalog: CurrentCatalog, pictures: PictureStore) -> Engine:
    # torch takes a second or more to import: the page must be up before, so it is imported when first needed
    from fooo.engine.local import build_local_engine  # noqa: PLC0415

    engine = build_local_engine(
        catalog,
        always_cpu=settings.always_cpu,
        threads=settings.threads,
        low_memory=settings.low_memory,
        compiled=settings.compiled,
        pictures=pictures.open,
    )
    if not settings.filter:
        return engine
    from fooo.engine.filtering import Filtered  # noqa: PLC0415 - as above
    from fooo.vision.safety import NudityClassifier, blurred  # noqa: PLC0415 - brings onnxruntime

    return Filtered(engine, NudityClassifier(filter_file(settings)).score, blurred)


def filter_file(settings: Settings) -> Path:
    """What looks at finished pictures.

    Raises:
        ModelError: It is not here: nothing is to be drawn that nobody has looked at.
    """
    paths = [folder / "safety" / "open-nsfw.onnx" for folder in settings.models]
    for path in paths:
        if path.is_file():
            return path
    raise ModelError(
        paths[0],
        "is missing, and without it --filter cannot look at pictures",
        "fetch it with: python launch.py models add open-nsfw",
    )


def load_enlarging(settings: Settings, upscaler: Path) -> "LocalEnlarging":
    """What enlarges pictures with the upscaler in that file.

    Raises:
        ModelError: It is missing, damaged, or cannot be computed here.
    """
    from fooo.engine.enlarging import LocalEnlarging  # noqa: PLC0415 - brings torch, as above

    quiet_libraries()
    return LocalEnlarging(upscaler, always_cpu=settings.always_cpu, threads=settings.threads)


def serve(settings: Settings, serving: ServeSettings, network: NetworkSettings) -> None:
    """Serve the page until it is interrupted.

    Raises:
        FoooError: As of `build`, `open_queue` and `serve_program`.
    """
    # who serves goes on with what an earlier program left; who draws one picture for a script must not
    program = build(settings, network, open_queue(settings.queue, settings.outputs))
    pictures = StylePictures.beside(settings.outputs)
    try:
        first = Request(preset=serving.preset or program.catalog.fitting_preset())
        with (
            IdleDrawing(program, pictures) if serving.style_pictures else nullcontext(),
            Warming(program, first, may_load=not settings.low_memory) as warming,
        ):
            serve_program(program, serving, when_up=warming.begin)
    except KeyboardInterrupt:
        return  # the way to end a server
    finally:
        program.close()


def serve_program(program: Fooo, serving: ServeSettings, when_up: Callable[[], None] = do_nothing) -> None:
    """Serve the page of a program until it is interrupted.

    Args:
        program: Of the page.
        serving: How.
        when_up: Called once the first page can be asked for.

    Raises:
        FoooError: The port is taken, the language or preset unknown, the tunnel cannot be opened.
    """
    from fooo.interface.http import Hosts, address_of, listen, run  # noqa: PLC0415 - as below

    serving = behind_a_password(serving)
    hosts = Hosts(serving.host, serving.allowed_hosts)
    with listen(serving.host, serving.port) as taken:
        application = make_application(program, serving, hosts)
        here = address_of(taken)
        shared = _share(taken.getsockname()[1], hosts) if serving.share else None

        def announce() -> None:
            sys.stderr.write(f"Fooo is at {here}{f' and at {shared}' if shared else ''}\n")
            sys.stderr.flush()
            if serving.open_browser and has_screen():
                webbrowser.open(here)
            when_up()

        run(application, taken, when_ready=announce)


def behind_a_password(serving: ServeSettings) -> ServeSettings:
    """The same with an account, made and shown once, where other machines could reach the page and none was given."""
    from fooo.interface.http import is_loopback  # noqa: PLC0415 - as below
    from fooo.interface.people import new_password  # noqa: PLC0415 - as below

    if accounts_of(serving) or (is_loopback(serving.host) and not serving.share):
        return serving
    password = new_password()
    sys.stderr.write(f"Log in as fooo with the password {password} (for this run; --auth sets your own).\n")
    return replace(serving, accounts=(("fooo", password),))


def accounts_of(serving: ServeSettings) -> "Accounts":
    """Who may log in.

    Raises:
        FoooError: Their file cannot be read: to begin without it would let everybody in.
    """
    from fooo.interface.people import Accounts  # noqa: PLC0415 - as below
    from fooo.interface.people.auth_file import AuthFile, read_accounts  # noqa: PLC0415 - as below

    if serving.auth is None:
        return Accounts(serving.accounts)
    read_accounts(serving.auth)
    return Accounts(serving.accounts, AuthFile(serving.auth).read)


def make_application(program: Fooo, serving: ServeSettings, hosts: "Hosts") -> "FastAPI":
    """The server with the page in it, for uvicorn or a test to run.

    Raises:
        FoooError: The language or preset is unknown.
    """
    quiet_libraries()
    # gradio takes seconds to import, and reads the environment when it does: only who serves pays for it, and not
    # before the libraries were told to be quiet
    from fooo.interface.http import MOST_UPLOAD_BYTES, make_server, picture_address  # noqa: PLC0415
    from fooo.interface.i18n import read_languages  # noqa: PLC0415
    from fooo.interface.people.keys import KEY_FILE, KeyFile  # noqa: PLC0415
    from fooo.interface.web import (  # noqa: PLC0415
        ASSET_PATH,
        OPEN_PATHS,
        UPLOAD_PATH,
        Address,
        make_page,
        mount_page,
        upload_folder,
    )

    tongues = read_languages()
    if serving.language and serving.language not in tongues:
        raise UnknownName("language", serving.language, tongues)
    page = make_page(
        program,
        tongues=tongues,
        language=serving.language,
        preset=serving.preset,
        address_of=lambda job, number: Address(*picture_address(job, number)),
    )
    server = make_server(
        program,
        hosts=hosts,
        accounts=accounts_of(serving),
        keys=KeyFile(serving.auth.with_name(KEY_FILE)) if serving.auth else None,
        tongues=tongues,
        language=serving.language,
        open_paths=OPEN_PATHS,
        upload_path=UPLOAD_PATH,
        upload_folder=upload_folder(),
        asset_path=ASSET_PATH,
    )
    mount_page(
        server,
        page,
        tongues=tongues,
        language=serving.language,
        theme=serving.theme,
        most_upload_bytes=MOST_UPLOAD_BYTES,
    )
    return server


def _share(port: int, hosts: "Hosts") -> str:
    from fooo.interface.web.tunnel import open_tunnel  # noqa: PLC0415 - brings gradio

    address = open_tunnel(port)
    hosts.add(address.partition("://")[2])
    return address
