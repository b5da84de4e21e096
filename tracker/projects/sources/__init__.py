"""Where projects come from: a folder, a zip or a repository of git, brought to this machine.

source = sources.fetched("https://host/name.git#training", "v1.0")
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tracker import scratch
from tracker.errors import InvalidValue
from tracker.notices import say
from tracker.projects.sources import addresses, git, local, zips
from tracker.userinfo import without_secrets

_PREFIX = "tracker-project-"


@dataclass(frozen=True)
class Source:
    """A project on this machine.

    `uri` is what MLflow calls mlflow.source.name, without passwords. `folder` holds the project: a fresh checkout, an
    unpacked zip, or the folder itself. `commit`, `branch` (the one that was asked for) and `remote` are "" for none.
    `is_dirty` says that a folder is not as its commit. A copy may be deleted when the run ended: `root` is all of it.
    """

    uri: str
    folder: Path
    commit: str = ""
    branch: str = ""
    remote: str = ""
    is_copy: bool = False
    is_dirty: bool = False
    root: Path | None = None

    def delete(self) -> None:
        """Delete what was brought; a folder of the user is left alone."""
        if self.is_copy and self.root is not None:
            scratch.delete(self.root)


def fetched(uri: str, version: str | None = None) -> Source:
    """The project at a URI: a folder, file://, git (https, ssh, git@host:, file), a zip; `#folder` names one in it.

    `version` is a branch, a tag or a commit, of git alone. What is brought lies in a new folder; a folder of this
    machine is taken as it is, or as it was at that version.

    Errors: InvalidValue for a uri or a version that can't be; TrackerError where git or a server says no, or for a zip
    that can't be read.
    """
    address = addresses.read(uri)
    if address.kind == "zip":
        return _unpacked(address, version)
    if address.kind == "git":
        return _cloned(address, version)
    folder = _below(Path(address.place), address.subfolder)
    here = local.of(folder)
    if version is not None:
        return _as_it_was(address, here, folder, version)
    if here.is_dirty:
        say(f"{folder} is not as its commit {here.commit[:12]}: what is not committed runs too.")
    return Source(_named(address), folder, here.commit, "", here.remote, is_dirty=here.is_dirty)


def checkout(remote: str, commit: str, folder: Path) -> None:
    """Put the files of one commit of a repository into a new folder, which is a checkout of its own.

    Errors: InvalidValue for an address or a commit (40 hex digits) that can't be, or a folder that is there;
    TrackerError where git says no. Then there is no folder.
    """
    addresses.check_git(remote)
    if not git.COMMIT.fullmatch(commit):
        raise InvalidValue(f"commit: {commit[:80]!r} is no whole hash of 40 hex digits.")
    # git would look for a path from the new folder.
    place = os.path.abspath(remote) if os.path.exists(remote) else remote
    git.bring(place, git.Version(commit), folder)


def is_copy(folder: Path) -> bool:
    """Whether a folder lies in one that `fetched` made."""
    return any(parent.name.startswith(_PREFIX) for parent in (folder, *folder.parents))


def _named(address: addresses.Address) -> str:
    """A folder or a zip as MLflow names it: as it was asked for, but one of a checkout by that."""
    is_here = os.path.isabs(address.place) and not address.subfolder
    return local.uri(Path(address.place)) if is_here else address.shown


def _unpacked(address: addresses.Address, version: str | None) -> Source:
    if version is not None:
        raise InvalidValue("version: a zip has none; only repositories of git have branches, tags and commits.")
    root = scratch.new(_PREFIX)
    try:
        say(f"unpacking {address.shown.partition('#')[0]} into {root}")
        zips.unpack(address.place, root / "project")
        folder = _below(root / "project", address.subfolder)
        return Source(_named(address), folder, is_copy=True, root=root)
    except BaseException:
        scratch.delete(root)
        raise


def _cloned(address: addresses.Address, version: str | None) -> Source:
    told = git.resolved(address.place, version)
    remote = without_secrets(address.place)
    folder, commit, root = _brought(address.place, told, address.subfolder, remote)
    return Source(address.shown, folder, commit, told.branch, remote, is_copy=True, root=root)


def _as_it_was(address: addresses.Address, here: local.Checkout, folder: Path, version: str) -> Source:
    """A version of a folder of this machine, which itself is left as it is."""
    if here.top is None:
        raise InvalidValue(f"version: {folder} lies in no checkout of git, so it has no version {version[:80]!r}.")
    told = git.resolved(str(here.top), version)
    below = folder.relative_to(here.top).as_posix()
    copy, commit, root = _brought(str(here.top), told, "" if below == "." else below, here.remote)
    return Source(_named(address), copy, commit, told.branch, here.remote, is_copy=True, root=root)


def _brought(remote: str, version: git.Version, subfolder: str, origin: str) -> tuple[Path, str, Path]:
    """The folder of the project, its commit, and the folder that all lies in."""
    root = scratch.new(_PREFIX)
    try:
        say(f"fetching {without_secrets(remote)} at {version.branch or version.commit[:12]} into {root}")
        commit = git.bring(remote, version, root / "project", origin)
        return _below(root / "project", subfolder), commit, root
    except BaseException:
        scratch.delete(root)
        raise


def _below(root: Path, subfolder: str) -> Path:
    """A folder of a project, which no link leads out of it."""
    folder = root / subfolder
    if not folder.is_dir():
        raise InvalidValue(f"The project has no folder {subfolder!r}.")
    if not folder.resolve().is_relative_to(root.resolve()):
        raise InvalidValue(f"{subfolder!r} leads out of the project.")
    # In one git would find settings that name programs to run.
    if any(addresses.is_bare(place) for place in (folder, *folder.parents) if place.is_relative_to(root)):
        raise InvalidValue(f"{subfolder or 'The project'!r} lies in files that a repository of git keeps of itself.")
    return folder
