"""Whether the places that models come from can be reached."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from fooo.catalog.known_models import KNOWN_MODELS, source_url
from fooo.doctor.finding import Area, Finding, State, sentence
from fooo.files.web import RefusedError, TryAgainError, Web
from fooo.settings import NetworkSettings

_PATIENCE = 5.0
"""Seconds without a byte."""


def check_network(network: NetworkSettings) -> Iterator[Finding]:
    """One finding for each place that the table of known models names; offline, none is asked."""
    if network.offline:
        yield _finding("Network", State.OK, "not asked: Fooo is offline")
        return
    # what comes in packages has no place of its own
    addresses = (urlsplit(source_url(model.file)) for model in KNOWN_MODELS if model.file.package is None)
    for place in dict.fromkeys(f"https://{address.netloc}/" for address in addresses):
        yield check_place(place, network)


def check_place(address: str, network: NetworkSettings) -> Finding:
    """Whether a server answers. Args: address: Of the hub, for which a mirror may be set, or another."""
    host = urlsplit(network.hub if address.startswith("https://huggingface.co/") else address).netloc
    try:
        with Web(network, patience=_PATIENCE) as web, web.get(address, end=0):
            pass
    except TryAgainError as error:
        mend = "Look at the network and its proxy, or name a mirror with --hf-mirror; drawing needs no network."
        return _finding(host, State.WARNING, error.problem, mend)
    except RefusedError as error:
        return _finding(host, State.WARNING, error.problem, sentence(error.hint))
    return _finding(host, State.OK, "answers")


def _finding(name: str, state: State, found: str, mend: str = "") -> Finding:
    return Finding(area=Area.NETWORK, name=name, state=state, found=found, mend=mend)
