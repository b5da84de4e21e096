"""Typed readers of environment variables that refuse a bad word loudly."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str) -> str:
    """The variable's text without surrounding blanks, or `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def choice(name: str, default: str, allowed: Iterable[str]) -> str:
    """One of `allowed`.

    Errors: ImproperlyConfigured names the variable, the word and what would be right.
    """
    word = text(name, default)
    if word not in allowed:
        raise ImproperlyConfigured(f"{name}={word!r} is not known. Use one of: {', '.join(allowed)}.")
    return word


def switch(name: str) -> bool:
    """Whether the variable is 1; 0 and unset are no.

    Errors: ImproperlyConfigured for any other word.
    """
    return choice(name, "0", ["0", "1"]) == "1"


def seconds(name: str, default: int) -> int:
    """A whole number of seconds, 1 or more.

    Errors: ImproperlyConfigured for anything else.
    """
    word = text(name, str(default))
    if not word.isascii() or not word.isdigit() or int(word) < 1:
        raise ImproperlyConfigured(f"{name}={word!r} is no number of seconds. Use a whole one from 1, like {default}.")
    return int(word)


def folder(name: str, default: Path) -> Path:
    """A folder of this machine.

    Errors: ImproperlyConfigured for an address such as `s3://bucket`.
    """
    word = text(name, str(default))
    if "://" in word:
        raise ImproperlyConfigured(f"{name}={word!r} is not built yet. Use a folder of this machine.")
    return Path(word).expanduser().resolve()


def names(name: str, default: list[str]) -> list[str]:
    """A comma-separated list of exact host names.

    Errors: ImproperlyConfigured for a wildcard, which would let a foreign page in by DNS rebinding.
    """
    listed = [part.strip() for part in text(name, "").split(",") if part.strip()]
    for host in listed:
        has_port = ":" in host and not host.startswith("[")
        if "*" in host or host.startswith(".") or "/" in host or has_port:
            raise ImproperlyConfigured(f"{name} holds {host!r}. Give exact names without port, like lab.example.org.")
    return listed or default
