"""What a server knows of how a run was made. It is what a client sent: nothing of its shape is taken for granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tracker.delivery.server import Server

#: What the command line holds in place of a secret.
HIDDEN = "…"


@dataclass(frozen=True)
class Checkout:
    """The git checkout of the code; empty outside of one. `lacks` are changed files that the diff leaves out."""

    commit: str = ""
    branch: str = ""
    remote: str = ""
    diff: str = ""
    is_cut: bool = False
    lacks: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """A run as it was recorded. Empty texts stand for what was not captured.

    `folder` is where it was started and `source_folder` where its code lay, on the machine that it ran on; the paths of
    `source` begin at the latter. `origins` are packages that came from no index (PEP 610).
    """

    run_id: str
    name: str
    experiment: str
    status: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    parent: str = ""
    source_name: str = ""
    source_type: str = ""
    entry_point: str = ""
    commit: str = ""
    command: tuple[str, ...] = ()
    folder: str = ""
    source_folder: str = ""
    executable: str = ""
    python: str = ""
    system: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    git: Checkout = Checkout()
    project: Mapping[str, Any] = field(default_factory=dict)


def recorded(server: Server, run_id: str) -> Recorded:
    """The record of a run, by its whole id.

    Errors: Refused where there is none; Unavailable.
    """
    told = server.get(f"runs/{quote(run_id, safe='')}/", source=1)
    experiment = server.get(f"experiments/{told['experiment_id']}/")
    return of_answer(told, experiment["name"])


def is_project(told: Recorded) -> bool:
    """Whether `tracker run` or `mlflow run` made it."""
    return bool(told.project) or (told.source_type == "PROJECT" and bool(told.source_name))


def of_answer(told: Mapping[str, Any], experiment: str) -> Recorded:
    """The record in an answer of `GET runs/{run_id}/?source=1`."""
    ran_in = _mapping(told.get("environment"))
    git = _mapping(ran_in.get("git"))
    return Recorded(
        run_id=told["run_id"],
        name=told["name"],
        experiment=experiment,
        status=_text(told.get("status")),
        params=told["params"],
        tags=told["tags"],
        metrics={key: float(summary["last"]) for key, summary in told["metrics"].items()},
        parent=told["parent_run_id"] or "",
        source_name=told["source_name"],
        source_type=told["source_type"],
        entry_point=told["entry_point"],
        commit=told["git_commit"] or _text(git.get("commit")),
        command=_texts(ran_in.get("command")),
        folder=_text(ran_in.get("folder")),
        source_folder=_text(ran_in.get("source_folder")),
        executable=_text(ran_in.get("executable")),
        python=_text(ran_in.get("python")),
        system=_text(ran_in.get("system")),
        packages={name: _text(version) for name, version in _mapping(ran_in.get("packages")).items()},
        origins={name: _mapping(origin) for name, origin in _mapping(ran_in.get("origins")).items()},
        source={path: _text(text) for path, text in _mapping(ran_in.get("source")).items()},
        git=_checkout(git),
        project=_mapping(ran_in.get("project")),
    )


def _checkout(git: Mapping[str, Any]) -> Checkout:
    return Checkout(
        commit=_text(git.get("commit")),
        branch=_text(git.get("branch")),
        remote=_text(git.get("remote")),
        diff=_text(git.get("diff")),
        is_cut=git.get("diff_is_cut") is True,
        lacks=_texts(git.get("diff_lacks")),
        untracked=_texts(git.get("untracked")),
        submodules=_texts(git.get("submodules")),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)
