"""Brings a run's source back: the commit in a fresh checkout, what was changed of it, and what git did not know."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from tracker.errors import TrackerError
from tracker.rerunning import git, linking, patching
from tracker.rerunning.recorded import Checkout, Recorded

#: Names that one line tells.
MOST_NAMES = 10


def restore(recorded: Recorded, folder: Path, links: Iterable[str] = ()) -> list[str]:
    """Put a run's source into a folder that is not there or is empty, and link data of this machine into it. Returns
    what is missing or not as it was, a sentence each.

    Errors: TrackerError where there is neither a commit that can be fetched nor captured source; those of linking.
    """
    missing: list[str] = []
    lost: dict[str, str] = {}
    told = recorded.git
    if recorded.commit:
        problem = _checked_out(recorded, folder)
        if problem and not recorded.source:
            raise TrackerError(f"The source of run {recorded.run_id} can't be brought back: {problem}")
        if problem:
            missing.append(f"{problem} There are only the files of source that were captured, {len(recorded.source)}.")
        else:
            lost = patching.apply(told.diff, folder, is_cut=told.is_cut)
            lost |= dict.fromkeys(told.lacks, "it holds secrets, or is binary and was too large")
    elif not recorded.source:
        raise TrackerError(
            f"Of run {recorded.run_id} neither a commit nor source was captured, so there is nothing to run again. "
            "Let the script capture them: TRACKER_CAPTURE=all."
        )
    written, unwritten = _write(recorded, folder)
    missing += [f"Source that can't be written here: {listed(unwritten)}."] if unwritten else []
    missing += linking.link(links, recorded.source_folder, folder)
    missing += [f"Changes of {name}: {reason}." for name, reason in lost.items() if name not in written]
    return missing + list(_left(told, folder))


def _checked_out(recorded: Recorded, folder: Path) -> str:
    """Check the commit out, from this machine or else the remote. Returns why it could not be; empty if it could."""
    from tracker.projects.sources import checkout

    remote = recorded.git.remote or recorded.tags.get("mlflow.source.git.repoURL", "")
    origins = [recorded.source_folder] if _has(recorded.source_folder, recorded.commit) else []
    origins += [remote] if remote else []
    problem = f"Commit {recorded.commit[:12]} has no remote, and is in no checkout on this machine."
    for origin in origins:
        try:
            checkout(origin, recorded.commit, folder)
        # A ValueError is of an address that no program can be given.
        except (TrackerError, ValueError) as error:
            problem = f"Commit {recorded.commit[:12]} can't be fetched from {origin}: {error}"
            continue
        if remote:
            _name_remote(folder, remote)
        return ""
    return problem


def _has(folder: str, commit: str) -> bool:
    """Whether there is a checkout here that has a commit."""
    if not folder or commit.startswith("-") or not os.path.exists(os.path.join(folder, ".git")):
        return False
    return git.does(Path(folder), "cat-file", "-e", f"{commit}^{{commit}}")


def _name_remote(folder: Path, remote: str) -> None:
    """Call the remote what it was called, so that the new run tells the same."""
    if not remote.startswith("-"):
        git.does(folder, "remote", "remove", "origin")
        git.does(folder, "remote", "add", "origin", remote)


def _write(recorded: Recorded, folder: Path) -> tuple[set[str], list[str]]:
    """Write captured files where the folder has others, or none. The names of those, and of those that can't be."""
    written: set[str] = set()
    unwritten: list[str] = []
    for name, text in recorded.source.items():
        try:
            if _is_written(folder, name, text):
                written.add(name)
        # Too long, too deep, no name, or a folder is there.
        except (OSError, ValueError, RecursionError):
            unwritten.append(repr(name[:80]))
    return written, unwritten


def _is_written(folder: Path, name: str, text: str) -> bool:
    """Write a captured file, where it is not there already and would lie inside."""
    place = _inside(folder, name)
    if place is None or _text_of(place) == text:
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return True


def _inside(folder: Path, name: str) -> Path | None:
    """The place of a file; None for one that would lie elsewhere: the server may say anything."""
    parts = PurePosixPath(name).parts
    place = folder / name
    if not parts or ".." in parts or parts[0] in ("/", ".git") or "\0" in name or place.is_symlink():
        return None
    return place if place.parent.resolve().is_relative_to(folder.resolve()) else None


def _text_of(place: Path) -> str | None:
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _left(told: Checkout, folder: Path) -> Iterator[str]:
    """What git did not know and nobody captured."""
    lost = (name for name in told.untracked if not os.path.exists(folder / name.rstrip("/")))
    gone = [name for name in lost if not _is_left_over(name)]
    if gone:
        yield f"Files that git did not know: {listed(gone)}."
    if told.submodules:
        yield f"Submodules: {listed(line.strip() for line in told.submodules)}."


def _is_left_over(name: str) -> bool:
    """What Python makes anew."""
    return name.endswith(".pyc") or "__pycache__" in PurePosixPath(name).parts


def listed(names: Iterable[str]) -> str:
    """Some names, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - MOST_NAMES:,} more" if len(found) > MOST_NAMES else ""
    return ", ".join(found[:MOST_NAMES]) + more
