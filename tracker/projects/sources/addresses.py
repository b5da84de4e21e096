"""What a project's URI says: a folder, a zip or a git repository, and the folder in it. Nothing is fetched here."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from tracker.errors import InvalidValue
from tracker.userinfo import without_secrets

#: What git may speak; its helpers (`ext::`, `fd::`) run programs.
PROTOCOLS = ("file", "http", "https", "ssh")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HELPER = re.compile(r"[\w.+-]+::")
#: `git@host:path` and `host:path`, as ssh has it.
_SCP = re.compile(r"(?:[^/:@\s-][^/:@\s]*@)?[^/:@\s-][^/:@\s]*:(?!//)\S+")
#: Names that lead elsewhere, or to git's own files.
_NAMES_NO_OTHER = {"", ".", "..", ".git"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: Up to the last @: a password may hold one.


@dataclass(frozen=True)
class Address:
    """Where a project lies. `place` is what git, or the reader of zips, is given; a path is absolute.

    `subfolder` is what follows `#`, with `/` between names; `shown` may be told to anyone.
    """

    kind: Literal["folder", "zip", "git"]
    place: str
    subfolder: str
    shown: str


def read(uri: str) -> Address:
    """The address in a URI of a project.

    Errors: InvalidValue for one that is none, that is not there, or that leads where it may not.
    """
    whole = uri.strip("'\"")
    if _CONTROL.search(whole):
        raise InvalidValue("The URI of the project holds a control character: write it in one line.")
    if re.search("[\ud800-\udfff]", whole):
        raise InvalidValue("The URI of the project holds bytes that are no UTF-8: give the folder a name that is text.")
    place, _, below = whole.partition("#")
    check_git(place)
    subfolder = _subfolder(below)
    scheme = _SCHEME.match(place)
    if scheme is None and not os.path.lexists(place) and _SCP.fullmatch(place):
        return Address("git", place, subfolder, without_secrets(whole))
    if scheme and scheme[1].lower() != "file":
        parts = _parts(place)
        if not parts.path.strip("/"):
            # Of a password with # or ? in it the rest would be taken for a folder.
            raise InvalidValue("The address names nothing behind its host: write https://host/name.git, say.")
        is_zip = scheme[1].lower() != "ssh" and parts.path.lower().endswith(".zip")
        return Address("zip" if is_zip else "git", place, subfolder, _shown(place, below, is_zip))
    return _here(place, subfolder, whole)


def check_git(place: str) -> None:
    """Refuse what git would take for an option or a program to run, and protocols that are not PROTOCOLS.

    Errors: InvalidValue.
    """
    if not place or place.startswith("-"):
        raise InvalidValue(
            f"{place!r} is no URI of a project: name a folder (./{place} for one of this name) or address."
        )
    helper, scheme = _HELPER.match(place), _SCHEME.match(place)
    if helper or (scheme and scheme[1].lower() not in PROTOCOLS):
        word = helper[0] if helper else scheme[0] if scheme else ""
        raise InvalidValue(
            f"The URI of the project begins with {word!r}. Projects come by {', '.join(PROTOCOLS[:-1])} and "
            f"{PROTOCOLS[-1]}, such as https://host/name.git."
        )
    if scheme:
        _parts(place)
    elif _CONTROL.search(place):
        raise InvalidValue("The address of the repository holds a control character.")


def is_bare(folder: Path) -> bool:
    """Whether a folder is a repository without files beside it, as servers have them."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


def _parts(place: str) -> SplitResult:
    """The parts of an address. What can't be read is not repeated: it may hold a password."""
    parts = _split(place)
    if parts is None or parts.netloc.endswith(":") or re.search(r"\s", parts.netloc):
        raise InvalidValue("The address has no host and port that can be read: write odd signs of a password as %XX.")
    if parts.scheme.lower() != "file" and (not parts.hostname or unquote(parts.hostname).startswith("-")):
        raise InvalidValue("The address of the project names no host, such as https://host/name.git.")
    if unquote(parts.username or "").startswith("-"):
        raise InvalidValue("The user in the address of the project may not begin with a dash.")
    return parts


def _split(place: str) -> SplitResult | None:
    """None where host and port can't be told apart."""
    try:
        parts = urlsplit(place)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def _shown(place: str, below: str, is_zip: bool) -> str:
    # What follows ? of a zip is often a signature that lets anyone in.
    told = without_secrets(place.partition("?")[0] if is_zip else place)
    return f"{told}#{below}" if below else told


def _subfolder(below: str) -> str:
    bare = below.removesuffix("/")
    if "\\" in below or (below and not _NAMES_NO_OTHER.isdisjoint(bare.split("/"))):
        raise InvalidValue(
            f"#{below[:200]} is no folder of the project: write #folder, or #folder/below, without .. in it."
        )
    return bare


def _here(place: str, subfolder: str, whole: str) -> Address:
    """What lies on this machine."""
    path = _absolute(place)
    shown = whole if _SCHEME.match(whole) or os.path.isabs(whole) else f"{path}#{subfolder}" if subfolder else str(path)
    if path.is_file() and path.suffix.lower() == ".zip":
        return Address("zip", str(path), subfolder, shown)
    if not path.is_dir():
        raise InvalidValue(
            f"{place[:200]!r} is no folder, no zip and no address of git, such as https://host/name.git."
        )
    return Address("git" if is_bare(path) else "folder", str(path), subfolder, shown)


def _absolute(place: str) -> Path:
    try:
        path = Path(os.path.abspath(_path(place)))
        path.exists()
    except OSError as error:
        raise InvalidValue(
            f"{place[:200]!r} can't be found: {error.strerror}. Give the project's whole path."
        ) from None
    return path


def _path(place: str) -> str:
    if not _SCHEME.match(place):
        return place
    parts = urlsplit(place)
    if parts.netloc not in {"", "localhost"}:
        raise InvalidValue(
            f"file:// names a folder of this machine with three slashes: file:///{parts.netloc}{parts.path}."
        )
    return unquote(parts.path)
