"""What models, registered models and aliases may be called: the server's rules, before anything is written down."""

import posixpath
import re

from tracker.errors import InvalidValue

_NOT_IN_MODEL = re.compile(r"[/:.%\"'\0]")
_ALIAS = re.compile(r"[\w\-]{1,255}")
_VERSION = re.compile(r"latest|v\d+", re.IGNORECASE)
MAX_LENGTH = 500


def check_model(name: str) -> str:
    """The name of a model that a run logs.

    Errors: InvalidValue.
    """
    found = _NOT_IN_MODEL.search(name)
    if not name.strip() or found or not name.isprintable() or len(name) > MAX_LENGTH:
        raise InvalidValue(f"name={name[:80]!r} is no name of a model. It may not be empty or hold / : . % \" or '.")
    return name


def check_registered(name: str) -> str:
    """The name of a registered model.

    Errors: InvalidValue.
    """
    is_path = "/" in name or ":" in name or posixpath.normpath(name) != name or name in {".", ".."}
    if not name.strip() or is_path or not name.isprintable() or len(name) > MAX_LENGTH:
        raise InvalidValue(f"registered_model_name={name[:80]!r} can't be: models:/name/1 has to hold it..")
    return name


def check_alias(alias: str) -> str:
    """The name of an alias.

    Errors: InvalidValue.
    """
    if not _ALIAS.fullmatch(alias) or _VERSION.fullmatch(alias):
        raise InvalidValue(f"alias {alias[:80]!r} can't be: use letters, digits, _ and -, and not latest or v3.")
    return alias
