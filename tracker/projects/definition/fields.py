"""The fields of an MLproject file: read, or refused with their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tracker.errors import InvalidProject


def mapping(value: Any, place: str) -> dict[str, Any]:
    """A mapping, with its names as texts.

    Errors: InvalidProject.
    """
    if not isinstance(value, dict):
        raise InvalidProject(f"{place} is {told(value)}; write `name: value` lines below it, or leave it out.")
    return {str(name): item for name, item in value.items()}


def text(value: Any, place: str) -> str:
    """A text.

    Errors: InvalidProject.
    """
    if not isinstance(value, str):
        raise InvalidProject(f"{place} is {told(value)}; it has to be a text, in quotes if it looks like a number.")
    return value


def items(value: Any, place: str, example: str) -> list[Any]:
    """A list; none for null. `example` is a line as it may be.

    Errors: InvalidProject.
    """
    if value is not None and not isinstance(value, list):
        raise InvalidProject(f"{place} is {told(value)}; it has to be a list such as {example}.")
    return value or []


def file_in(folder: Path, name: str, place: str) -> Path:
    """A file of the project, absolute.

    Errors: InvalidProject for one that is not there, or that lies outside of the project, through a link too.
    """
    found = folder / name
    if "\0" in name or not is_below(found, folder):
        raise InvalidProject(f"{place}: {name!r} leads out of the project's folder {folder}. Copy the file into it.")
    if not found.is_file():
        raise InvalidProject(f"{place}: there is no file {name!r} in {folder}.")
    return found.absolute()


def is_below(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder once links are followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        # Links in a circle.
        return False


def told(value: Any) -> str:
    """A value for an error message."""
    return "empty" if value is None else repr(value)[:80]
