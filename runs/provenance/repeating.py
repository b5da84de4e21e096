"""The one line that runs a run again, for a shell with the `tracker` command."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runs.models import Run, RunStatus
from runs.provenance.projects import ProjectRun

#: Where the client looks for a server that nobody named.
USUAL_ADDRESS = "http://127.0.0.1:8000"
#: How params are called whose values nobody should read on a page.
_SECRET = re.compile(
    r"(token(?!s|i[sz])|(api|auth|access)[-_]?tokens|secret|passw|api[-_]?key|credential)", re.IGNORECASE
)
_COMMIT = re.compile(r"[0-9a-zA-Z][\w./-]*", re.ASCII)
_NO_VARIABLE = re.compile(r"\W", re.ASCII)


@dataclass(frozen=True)
class Repetition:
    """A shell line. `secrets` are the variables to set first; `has_all_params`: what the code logged by itself may be
    among the values; `title` says what it does.
    """

    line: str
    secrets: tuple[str, ...] = ()
    has_all_params: bool = False
    title: str = "Repeat this run"


def repetition(run: Run, project: ProjectRun | None, params: Mapping[str, str], server: str) -> Repetition | None:
    """How a run is repeated; None where nothing is known that could be. `server` is the address of this one."""
    content = run.environment.content if run.environment else None
    told = content if isinstance(content, dict) else {}
    if "sweep" in told:
        return _of_sweep(run, told, server)
    # What was not committed comes back by a rerun alone.
    if project is not None and not _is_option(project.uri) and not _was_changed(told):
        # The experiment with the id 0 is Default, where runs go by themselves.
        return _of_project(project, params, server, run.experiment.name if run.experiment_id else "")
    if not told.get("command") and not (project is not None and _was_changed(told)):
        return None
    return Repetition(_at(server, ["tracker", "rerun", run.run_id]))


def is_secret(key: str) -> bool:
    """Whether a param is called like something that nobody should read."""
    return _SECRET.search(key) is not None


def _was_changed(told: Mapping[str, Any]) -> bool:
    git = told.get("git")
    return isinstance(git, dict) and git.get("is_dirty") is True


def _of_sweep(run: Run, told: Mapping[str, Any], server: str) -> Repetition | None:
    """The command of a sweep that ran all its trials; of one that ended before what goes on with it."""
    if run.status == RunStatus.RUNNING and not (run.is_stale or run.is_quiet):
        return None
    command = told.get("command")
    words = [word for word in command if isinstance(word, str)] if isinstance(command, list) else []
    # What went on with it tells nothing of how it began.
    if run.status != RunStatus.FINISHED or "--resume" in words:
        return Repetition(_at(server, ["tracker", "sweep", "--resume", run.run_id]), title="Go on with this sweep")
    if "sweep" not in words:
        return None
    return Repetition(_at(server, ["tracker", *words[words.index("sweep") :]]))


def _of_project(project: ProjectRun, params: Mapping[str, str], server: str, experiment: str) -> Repetition:
    words = ["tracker", "run", project.uri]
    if project.has_versions and _COMMIT.fullmatch(project.commit):
        words += ["-v", project.commit]
    if project.entry_point and not _is_option(project.entry_point):
        words += ["-e", project.entry_point]
    values = project.values(params).items()
    given = {key: value for key, value in values if key and not _is_option(key) and "=" not in key}
    secrets = {key: _variable(key) for key in given if is_secret(key)}
    line = " ".join([_at(server, words), *(_option(key, value, secrets) for key, value in given.items())])
    if project.manager:
        line += f" --env-manager {project.manager}"
    if experiment and not _is_option(experiment):
        line += f" --experiment-name {shlex.quote(experiment)}"
    return Repetition(line, tuple(secrets.values()), project.parameters is None and bool(given))


def _at(server: str, words: list[str]) -> str:
    line = shlex.join(words)
    return line if server == USUAL_ADDRESS else f"TRACKER_URI={shlex.quote(server)} {line}"


def _option(key: str, value: str, secrets: Mapping[str, str]) -> str:
    if key in secrets:
        return f'-P {shlex.quote(f"{key}=")}"${secrets[key]}"'
    return f"-P {shlex.quote(f'{key}={value}')}"


def _variable(key: str) -> str:
    """The name of a variable for a param: `api-key` → API_KEY."""
    name = _NO_VARIABLE.sub("_", key).upper()
    return f"_{name}" if name[0].isdigit() else name


def _is_option(word: str) -> bool:
    """Whether a command would take a word for an option."""
    return word.startswith("-")
