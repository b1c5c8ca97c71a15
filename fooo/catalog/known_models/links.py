"""Addresses of model files: one spelling for each, whoever wrote the link."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from fooo.catalog.presets import PresetFile
from fooo.errors import RequestError

HUB = "https://huggingface.co"

_HUB_FILE = re.compile(r"/(?P<repository>[^/]+/[^/]+)/(?:blob|resolve)/(?P<revision>[^/]+)/(?P<path>.+)")
_NAMED = re.compile(r"[^/]+\.(safetensors|sft|ckpt|pth?|bin)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """Args: url: Of the file itself. name: What the link calls the file; None where only the server knows."""

    url: str
    name: str | None


def read_link(typed: str) -> Link:
    """The file that a link to it, or to its page at Hugging Face or Civitai, stands for.

    Raises:
        RequestError: It is no link to a file.
    """
    parts = urlsplit(typed.strip())
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise RequestError("link", f"{typed!r} is no web address", "copy the address of the file's download button")
    match parts.netloc.removeprefix("www."):
        case "huggingface.co" | "hf.co":
            found = _at_hub(parts.path)
            if found is None:
                raise RequestError("link", f"{typed} names no file", "open the file on its page, and copy that address")
            url = found
        case "civitai.com":
            url = _civitai_url(typed)
        case _:
            url = typed.strip()
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    return Link(url, name if _NAMED.fullmatch(name) else None)


def source_url(file: PresetFile) -> str:
    """Where the file can be had; of one in a hub's repository, at the hub itself and not at a mirror.

    One in a package has no address of its own, as that is the index's that pip is set up with.
    """
    if file.package is not None:
        return f"package:{file.package}/{file.path}"
    if file.repository is not None and file.path is not None:
        return hub_url(file.repository, file.path)
    url = file.url or ""
    parts = urlsplit(url)
    return (_at_hub(parts.path) if parts.netloc == urlsplit(HUB).netloc else None) or url


def hub_url(repository: str, path: str, *, revision: str = "main") -> str:
    """Source: https://huggingface.co/docs/hub/models-downloading."""
    return f"{HUB}/{repository}/resolve/{quote(revision, safe='')}/{quote(path)}"


def _at_hub(path: str) -> str | None:
    """Of a path in the hub's site, the address of the file that it names; None where it names none."""
    found = _HUB_FILE.fullmatch(path)
    if found is None:
        return None
    repository, revision, inside = (unquote(found[part]) for part in ("repository", "revision", "path"))
    return hub_url(repository, inside, revision=revision)


def _civitai_url(typed: str) -> str:
    parts = urlsplit(typed)
    if parts.path.startswith("/api/download/models/"):
        return typed.strip()
    version = parse_qs(parts.query).get("modelVersionId", [""])[0]
    if not version.isdecimal():
        hint = "choose a version there, and copy the address of its download button"
        raise RequestError("link", f"{typed} names no version of the model", hint)
    return f"https://civitai.com/api/download/models/{version}"
