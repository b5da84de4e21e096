"""What git knows of a folder of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tracker.errors import TrackerError
from tracker.projects.sources import git
from tracker.userinfo import without_secrets


@dataclass(frozen=True)
class Checkout:
    """The checkout that a folder lies in; `top` is None for none. `commit` is "" too where git ignores the folder."""

    top: Path | None = None
    commit: str = ""
    remote: str = ""
    is_dirty: bool = False


def of(folder: Path) -> Checkout:
    """The checkout around a folder, if git can read it."""
    top = _top(folder)
    if top is None:
        return Checkout()
    below = folder.relative_to(top).as_posix()
    commit = _asked(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if below != "." and _asked(top, "check-ignore", "--", below):
        commit = ""
    changes = _asked(top, "status", "--porcelain", "--untracked-files=normal", "--", below) if commit else ""
    return Checkout(top, commit, _remote(top), bool(changes))


def uri(path: Path) -> str:
    """A folder or a file as MLflow names it: file://TOP#BELOW in a checkout, its path elsewhere."""
    top = _top(path)
    if top is None:
        return str(path)
    below = path.relative_to(top).as_posix()
    return f"file://{top}" + ("" if below == "." else f"#{below}")


def _top(path: Path) -> Path | None:
    top = next((parent for parent in (path, *path.parents) if (parent / ".git").exists()), None)
    return top if top and _asked(top, "rev-parse", "--git-dir") else None


def _remote(top: Path) -> str:
    """The first remote in the order of the settings, as MLflow takes it."""
    listed = _asked(top, "config", "--local", "--get-regexp", r"^remote\..*\.url$")
    url = listed.partition("\n")[0].partition(" ")[2]
    return without_secrets(url)


def _asked(top: Path, *words: str) -> str:
    """What git answers; nothing where it fails."""
    try:
        return git.run(list(words), top).strip()
    except TrackerError:
        return ""
