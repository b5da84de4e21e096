"""Runs a project's run again, ours or one of MLflow's: its commit, its entry point, its parameters."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from tracker import settings
from tracker.delivery.server import Server
from tracker.errors import TrackerError
from tracker.notices import say, warn
from tracker.projects import following, running, signals
from tracker.projects.definition import load
from tracker.rerunning import restoring
from tracker.rerunning.folders import Done, new_folder
from tracker.rerunning.options import Options
from tracker.rerunning.recorded import Recorded
from tracker.rerunning.telling import RERUN_OF, note_of, shown

#: A folder, or file://; MLflow's client puts the folder that it was started in before the latter.
_LOCAL = re.compile(r"(?:(?:.*/)?file:(?://)?)?(/.*)")
_TAGS_OF_REMOTE = ("mlflow.source.git.repoURL", "mlflow.gitRepoURL")


def rerun(server: Server, recorded: Recorded, options: Options) -> Done | None:
    """Run it again; None where only what would be done was asked for.

    Errors: TrackerError, InvalidValue, InvalidProject: those of restoring and of tracker.projects.run.
    """
    with new_folder(options.keep) as root:
        missing: list[str] = []
        uri = _brought(recorded, root / "code", options, missing)
        parameters = _parameters(recorded, uri, missing) | dict(options.changes)
        for line in missing:
            warn(f"not as it was: {line}")
        entry = str(recorded.project.get("entry_point") or recorded.entry_point or "main")
        words = shown(f"{name}={value}" for name, value in parameters.items())
        say(f"running {entry} of {recorded.source_name or uri} with {words or 'no parameters'}")
        return None if options.dry_run else _run(server, recorded, options, (uri, entry), parameters, missing)


def _brought(recorded: Recorded, folder: Path, options: Options, missing: list[str]) -> str:
    """The project as it was, in a new folder; where it has no commit, its address as it is now."""
    named = recorded.source_name or str(recorded.project.get("uri", ""))
    if not recorded.commit:
        _refuse_relative(recorded.run_id, named)
        missing.append(f"{named} has no commit: it is run as it is now.")
        return named
    uri, _, below = named.partition("#")
    here = _LOCAL.fullmatch(uri)
    if here:
        top = _top(Path(unquote(here[1])))
        below = str(Path(unquote(here[1]), below.lstrip("/")).relative_to(top))
        recorded = replace(recorded, source_folder=recorded.source_folder or str(top))
    elif not recorded.git.remote:
        tagged = next((recorded.tags[name] for name in _TAGS_OF_REMOTE if name in recorded.tags), uri)
        recorded = replace(recorded, git=replace(recorded.git, remote=tagged.removeprefix("git+")))
    missing += restoring.restore(recorded, folder, options.links)
    below = str(recorded.project.get("folder") or "") or below
    place = folder / below
    if not os.path.isdir(place) or not place.resolve().is_relative_to(folder.resolve()):
        raise TrackerError(f"Commit {recorded.commit[:12]} has no folder {below[:200]!r}.")
    return str(place)


def _refuse_relative(run_id: str, named: str) -> None:
    """Refuse a path that would lead to whatever lies there from our own folder on."""
    if not os.path.isabs(named) and os.path.exists(named.partition("#")[0] or "."):
        raise TrackerError(
            f"Run {run_id} is of the project {named!r}, and from which folder on was not captured. Start it there: "
            "tracker run."
        )


def _top(folder: Path) -> Path:
    """The checkout around a folder of this machine; the folder where there is none."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)


def _parameters(recorded: Recorded, uri: str, missing: list[str]) -> dict[str, str]:
    """Those that the run was given; of a run of MLflow's those of its params that the entry point has."""
    told = recorded.project.get("parameters")
    if isinstance(told, dict):
        return {name: str(value) for name, value in told.items()}
    params = {name: _unquoted(value) for name, value in recorded.params.items()}
    if not Path(uri).is_dir():
        return params
    declared = load(Path(uri)).entry_point(recorded.entry_point or "main").parameters
    other = sorted(set(params) - set(declared))
    if other:
        missing.append(
            f"Of {restoring.listed(other)} it is not known whether they were given or logged by the code: left out."
        )
    return {name: value for name, value in params.items() if name in declared}


def _unquoted(value: str) -> str:
    """The value of a param that was logged as a word of the shell, as `mlflow run` does it."""
    try:
        words = shlex.split(value)
    except ValueError:
        return value
    return words[0] if len(words) == 1 and shlex.quote(words[0]) == value else value


def _run(
    server: Server,
    recorded: Recorded,
    options: Options,
    what: tuple[str, str],
    parameters: Mapping[str, str],
    missing: list[str],
) -> Done:
    uri, entry = what
    settings.choose("TRACKER_URI", server.uri)
    notes = [f"{name} is {value}." for name, value in options.changes.items()]
    tags = {
        RERUN_OF: recorded.run_id,
        "mlflow.note.content": note_of(recorded, notes, missing),
    }
    asked = running.asked(
        uri, entry, parameters=parameters, experiment_name=options.experiment or recorded.experiment, tags=tags,
        run_name=options.name or f"{recorded.name} again",
        env_manager=options.manager or str(recorded.project.get("env_manager") or "") or None,
    )  # fmt: skip
    # The copy is gone when the run has ended; the next one starts from where the first one came from.
    asked = replace(asked, named=recorded.source_name or uri)
    with signals.raised():
        submitted = running.launch(asked, following.to_stderr if options.to_stderr else following.to_terminal)
        # Ctrl-C has ended the run then, and how is told as of any other.
        with suppress(KeyboardInterrupt):
            submitted.wait()
    return Done(submitted.run_id, submitted.exit_status or 0, tuple(missing))
