"""What registered models and their aliases may be called: what `models:/name/1` and `models:/name@alias` can hold."""

import posixpath
import re
import unicodedata

from trackerweb.errors import InvalidValue, NotFound

MAX_NAME_LENGTH = 500
MAX_ALIAS_LENGTH = 255
LATEST = "latest"
#: Of a version, which is a number of 64 bits.
MAX_DIGITS = 18
_ALIAS = re.compile(r"[\w\-]+")
_VERSION = re.compile(r"[vV]\d+")


def check_model_name(name: str, field: str = "name") -> None:
    """Refuse a name that is none, or that an address could not hold.

    Errors: InvalidValue.
    """
    if not name.strip():
        raise InvalidValue(f"{field}: a registered model needs a name.", field=field)
    if "/" in name or ":" in name:
        raise InvalidValue(f"{field}: {name[:80]!r} holds '/' or ':', which models:/… could not tell.", field=field)
    if posixpath.normpath(name) != name or name in (".", ".."):
        raise InvalidValue(f"{field}: {name[:80]!r} would be another name as a path.", field=field)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise InvalidValue(f"{field}: this name holds a control character. Remove it.", field=field)
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidValue(f"{field}: {len(name)} characters are too many; {MAX_NAME_LENGTH} are allowed.", field=field)


def check_alias(alias: str) -> None:
    """Refuse an alias that can't be.

    Errors: InvalidValue.
    """
    if not _ALIAS.fullmatch(alias):
        raise InvalidValue(f"alias: {alias[:80]!r} may hold letters, digits, _ and - alone.", field="alias")
    if len(alias) > MAX_ALIAS_LENGTH:
        raise InvalidValue(
            f"alias: {len(alias)} characters are too many; {MAX_ALIAS_LENGTH} are allowed.", field="alias"
        )


def check_new_alias(alias: str) -> None:
    """Refuse an alias that can't be, or that means a version by itself: `latest`, `v3`.

    Errors: InvalidValue.
    """
    check_alias(alias)
    if alias.lower() == LATEST or _VERSION.fullmatch(alias):
        raise InvalidValue(f"alias: {alias!r} means a version by itself. Choose another word.", field="alias")


def number_of(text: str | int | None) -> int:
    """A version's number, which protocols and addresses carry as text.

    Errors: InvalidValue; NotFound for a number that no version can have.
    """
    said = str(text).strip()
    if not (said.isascii() and said.removeprefix("-").isdigit()):
        raise InvalidValue(f"version: {said[:80]!r} is not a whole number.", field="version")
    if len(said) > MAX_DIGITS:
        raise NotFound(f"No version {said[:80]}.", field="version")
    return int(said)
