"""Reads the environment of a run. It is whatever a client sent, so that nothing of its shape is taken for granted."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from runs.models import Run
from trackerweb.formatting import file_size

BRANCH_TAGS = ("mlflow.source.git.branch", "mlflow.gitBranch")
_FACTS = {
    "python": "Python", "implementation": "Implementation", "executable": "Interpreter", "system": "System",
}  # fmt: skip
_HARDWARE = {"host": "Host", "processor": "Processor", "cpus": "Cores", "memory_bytes": "Memory"}
#: A name and a password in an address.
_USERINFO = re.compile(r"(?<=://)[^/@]*@")
_FORGE = re.compile(r"(?:https?://|ssh://)?(?:[^@/]+@)?(?P<host>[\w.-]+)[:/](?P<path>[\w./-]+?)(?:\.git)?/?")


class Commit(NamedTuple):
    """A line of a log."""

    sha: str
    title: str


@dataclass(frozen=True)
class Snapshot:
    """The code of a run and where it ran. Empty texts stand for what was not captured."""

    commit: str = ""
    branch: str = ""
    remote: str = ""
    patch: str = ""
    is_cut: bool = False
    untracked: tuple[str, ...] = ()
    log: tuple[Commit, ...] = ()
    command: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)

    @property
    def command_line(self) -> str:
        """The command as a shell takes it."""
        return shlex.join(self.command)

    @property
    def title(self) -> str:
        """The first line of the commit's message."""
        return self.log[0].title if self.log and self.log[0].sha == self.commit else ""

    @property
    def repository(self) -> str:
        """The page of its repository; empty where the remote is none that people can open."""
        found = _FORGE.fullmatch(self.remote)
        return f"https://{found['host']}/{found['path']}" if found and "." in found["host"] else ""

    @property
    def commit_address(self) -> str:
        """Where a browser shows its commit, on the forges whose addresses are known; else its repository."""
        commit = quote(self.commit, safe="")
        if "gitlab" in self.repository:
            return f"{self.repository}/-/commit/{commit}"
        return f"{self.repository}/commit/{commit}" if "github" in self.repository else self.repository

    @property
    def is_empty(self) -> bool:
        """Nothing was captured."""
        return not (self.commit or self.command or self.packages or self.facts or self.source)


def snapshot_of(run: Run, with_source: bool = False) -> Snapshot:
    """What is known of a run; the texts of its source only where they are wanted."""
    told = _mapping(run.environment.content if run.environment else None)
    git, hardware = _mapping(told.get("git")), _mapping(told.get("hardware"))
    return Snapshot(
        commit=run.git_commit or _text(git.get("commit")),
        branch=_branch(run, git),
        remote=without_userinfo(_text(git.get("remote"))),
        patch=_text(git.get("diff")),
        is_cut=git.get("diff_is_cut") is True,
        untracked=tuple(map(_text, _list(git.get("untracked")))),
        log=_log(git),
        command=tuple(map(_text, _list(told.get("command")))),
        packages={key: _text(value) for key, value in _mapping(told.get("packages")).items()},
        facts=_facts(told, hardware),
        source=run.environment.source if run.environment and with_source else {},
    )


def without_userinfo(address: str) -> str:
    """An address without a name and a password."""
    return _USERINFO.sub("", address)


def _branch(run: Run, git: Mapping[str, Any]) -> str:
    """Empty where a commit was checked out, on no branch: git then says HEAD."""
    told = _text(git.get("branch")) or _branch_tag(run)
    return "" if told == "HEAD" else told


def _branch_tag(run: Run) -> str:
    return run.tags.filter(key__in=BRANCH_TAGS).order_by("key").values_list("value", flat=True).first() or ""


def _facts(told: Mapping[str, Any], hardware: Mapping[str, Any]) -> dict[str, str]:
    facts = {label: _text(told.get(key)) for key, label in _FACTS.items()}
    facts |= {label: _hardware_text(key, hardware.get(key)) for key, label in _HARDWARE.items()}
    for number, gpu in enumerate(_list(hardware.get("gpus"))):
        about = _mapping(gpu)
        size = about.get("memory_bytes")
        parts = [_text(about.get("name")), _size(size), _text(about.get("driver"))]
        facts[f"GPU {number}"] = ", ".join(filter(None, parts))
    return {label: text for label, text in facts.items() if text}


def _hardware_text(key: str, value: Any) -> str:
    return _size(value) if key == "memory_bytes" else _text(value)


def _size(value: Any) -> str:
    """Bytes in words; nothing for what no machine has."""
    return file_size(value) if isinstance(value, int) and 0 <= value < 2**63 else ""


def _log(git: Mapping[str, Any]) -> tuple[Commit, ...]:
    lines = [_text(line).partition(" ") for line in _list(git.get("log"))]
    return tuple(Commit(sha, title) for sha, _, title in lines)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)
