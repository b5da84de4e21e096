"""Reads what is one text a file: params and tags. A key with slashes lies in folders."""

from collections.abc import Iterator

from importing.found import Seen, Unreadable
from importing.mlruns.folder import Folder, PlainFile
from importing.reporting import Report
from runs import batches
from trackerweb.errors import InvalidValue

MAX_TEXT_BYTES = 16 << 20


def read(owner: Folder, part: str, seen: Seen, report: Report, *, strip_newline: bool = False) -> dict[str, str]:
    """The texts in a folder of an owner, such as its `params`, that are new since `seen`, by key.

    `strip_newline`: MLflow before 0.8 ended each with one that is not part of it.
    """
    found = {}
    for file in new_files(owner, part, seen, report):
        try:
            content = file.read(MAX_TEXT_BYTES)
        except (Unreadable, OSError) as error:
            report.refuse(file.place, f"{error} It was left out.")
            continue
        found[file.name] = _text(content.removesuffix(b"\n") if strip_newline else content, file.place, report)
        seen.note(f"{part}/{file.name}", file.stamp)
    return found


def new_files(owner: Folder, part: str, seen: Seen, report: Report) -> Iterator[PlainFile]:
    """Files named by keys that are new. What can't be a key is reported each time."""
    folder = owner.folder(part)
    for file in folder.files() if folder else ():
        if not seen.is_new(f"{part}/{file.name}", file.stamp):
            continue
        try:
            batches.check_key(file.name, part)
        except InvalidValue as error:
            report.refuse(file.place, f"{error.message} It was left out.")
            continue
        yield file


def _text(content: bytes, place: str, report: Report) -> str:
    """A text that a database can hold."""
    text = content.decode(errors="replace")
    if text.encode() != content:
        report.repair(place, "It is no UTF-8: what could not be read became \ufffd.")
    if "\0" in text:
        report.repair(place, "It holds NUL characters: they became \ufffd.")
    return text.replace("\0", "\ufffd")
