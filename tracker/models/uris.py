"""Where models lie: the addresses that name them, and the folders that these stand for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from tracker import settings
from tracker.errors import InvalidModel, InvalidValue
from tracker.models import downloads

if TYPE_CHECKING:
    from tracker.delivery.server import Server

_MODEL_ID = re.compile(r"m-[0-9a-z]{32}")
#: Without zeros in front, which would be a second name for it.
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_STAGES = {"none", "staging", "production", "archived"}
_KNOWN = "a folder, models:/name/3, models:/name@alias, models:/name/latest, models:/m-…, runs:/run_id/path or s3://bucket/prefix"


def folder_of(uri: str | os.PathLike[str]) -> Path:
    """The folder of a model: where it is, or where it was downloaded to.

    Errors: InvalidValue for an address that names none; Unavailable and Refused of the server.
    """
    text = os.fspath(uri)
    parts = urlsplit(text)
    if parts.scheme in {"models", "runs"}:
        return _downloaded(text)
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise InvalidValue(f"{text!r} is on another machine. Write file:///folder for one on this.")
        return Path(unquote(parts.path))
    if parts.scheme == "s3":
        from tracker.models import s3

        return s3.folder_of(text)
    # A scheme of one letter is a drive of Windows.
    if len(parts.scheme) > 1 and "://" in text:
        raise InvalidValue(f"{text!r} can't be loaded from there. Give {_KNOWN}, or download it first.")
    return Path(text)


def _downloaded(uri: str) -> Path:
    from tracker.delivery.server import Server

    server = Server(settings.uri(), settings.token())
    try:
        owner, folder = _place_of(server, uri)
        return downloads.folder_of(server, owner, folder)
    finally:
        server.close()


def _place_of(server: Server, uri: str) -> tuple[str, str]:
    """Whose files a model is, as a path below /api/v1/, and the folder among them."""
    scheme, _, rest = uri.partition(":")
    words = rest.strip("/").split("/")
    if any({".", ".."}.intersection(word.split("@")) or not word.isprintable() for word in words):
        raise InvalidValue(f"{uri[:200]!r} names no model: its parts can't be . or .., or hold what can't be printed.")
    if scheme == "runs" and len(words) > 1 and all(words):
        return _of_run(server, words[0], "/".join(words[1:]))
    if scheme == "models" and len(words) == 1 and _MODEL_ID.fullmatch(words[0]):
        return f"models/{words[0]}", ""
    if scheme == "models" and len(words) in {1, 2} and all(words):
        version = _version_of(server, words, uri)
        return version, ""
    raise InvalidValue(f"{uri!r} names no model. Write {_KNOWN}.")


def _version_of(server: Server, words: list[str], uri: str) -> str:
    """The version that `name@alias`, or `name` and a number, a stage or `latest` stand for."""
    name, _, alias = words[0].rpartition("@") if len(words) == 1 else (words[0], "", "")
    if not name:
        raise InvalidValue(f"{uri!r} names no version. Write models:/{words[0]}/3, or …@alias, or …/latest.")
    home = f"registered-models/{quote(name, safe='')}"
    which = words[1] if len(words) == 2 else ""
    if _NUMBER.fullmatch(which):
        return f"{home}/versions/{which}"
    if alias:
        found = server.get(f"{home}/aliases/{quote(alias, safe='')}/")
    elif which.lower() == "latest":
        found = server.get(f"{home}/latest/")
    elif which.lower() in _STAGES:
        found = server.get(f"{home}/latest/", stage=which.capitalize())
    else:
        raise InvalidValue(f"{which!r} in {uri!r} is no version: a number, latest, or a stage such as Production.")
    version = str(found.get("version")) if isinstance(found, dict) else ""
    if not _NUMBER.fullmatch(version):
        raise InvalidModel(f"{server.uri} answers with no version for {uri!r}, so it is no Trackerweb.")
    return f"{home}/versions/{version}"


def _of_run(server: Server, run_id: str, path: str) -> tuple[str, str]:
    """Files of a run, as MLflow before 3 logs models; else the model of this name that the run logged last."""
    owner = f"runs/{quote(run_id, safe='')}"
    listed = server.get(f"{owner}/artifacts/", path=path, limit=1)
    if _list_in(listed, "artifacts", server) or "'" in path or "'" in run_id:
        return owner, path
    asked = f"name = '{path}' AND source_run_id = '{run_id}'"
    found = _list_in(server.get("models/", filter=asked, limit=1), "models", server)
    if not found:
        return owner, path
    model_id = str(found[0].get("model_id"))
    if not _MODEL_ID.fullmatch(model_id):
        raise InvalidModel(f"{server.uri} answers with {model_id[:80]!r}, which is no id of a model.")
    return f"models/{model_id}", ""


def _list_in(told: Any, key: str, server: Server) -> list[dict[str, Any]]:
    items = told.get(key) if isinstance(told, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidModel(f"{server.uri} answers with no list of {key}, so it is no Trackerweb.")
    return items
