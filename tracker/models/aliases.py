"""Leads aliases of registered models to versions."""

from __future__ import annotations

from tracker import settings
from tracker.models import names


def set_alias(name: str, alias: str, version: int) -> None:
    """Lead an alias of a registered model to a version, wherever it led before. The server is asked at once.

    Errors: InvalidValue for the alias; Refused where there is no such version; Unavailable.
    """
    from tracker.delivery.server import Server

    names.check_registered(name)
    server = Server(settings.uri(), settings.token())
    try:
        server.set_alias(name, names.check_alias(alias), int(version))
    finally:
        server.close()
