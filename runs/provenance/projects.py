"""What a run was of a project: where its code came from, what of it ran, and with which values.

Our client says so in the environment of the run, `mlflow run` in its tags and params alone.
"""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from runs.models import Run
from runs.provenance.snapshot import without_userinfo
from runs.search import tree
from runs.search.languages import SPELLED_OUT, Kind

PROJECT = "PROJECT"
MANAGERS = ("local", "virtualenv", "uv", "conda")
ENVIRONMENT_TAG, BACKEND_TAG = "mlflow.project.env", "mlflow.project.backend"
EXIT_STATUS_TAG = "tracker.exitStatus"
#: What git may be asked for: an address with a scheme, or `host:path`. A drive letter is none.
_GIT = re.compile(r"[^/]{2,}:")
_FILE = re.compile(r"^/.*/file:/+")
_ZIP = re.compile(r".+\.zip", re.IGNORECASE)


@dataclass(frozen=True)
class ProjectRun:
    """Empty texts stand for what nobody told. `parameters` are None where only the run's params tell of them."""

    uri: str
    entry_point: str = ""
    commit: str = ""
    manager: str = ""
    environment: str = ""
    backend: str = ""
    exit_status: str = ""
    parameters: Mapping[str, str] | None = None
    source_name: str = ""

    def values(self, params: Mapping[str, str]) -> dict[str, str]:
        """What it was given. Where nobody told, the params of its run, which `mlflow run` logs quoted for a shell."""
        if self.parameters is not None:
            return dict(self.parameters)
        return {key: _unquoted(value) for key, value in params.items()}

    @property
    def runs_address(self) -> str:
        """The page of the project's runs."""
        return runs_address(self.source_name) if self.source_name else ""

    @property
    def has_versions(self) -> bool:
        """Whether its code is asked of git, so that a commit can be named."""
        address = self.uri.partition("#")[0]
        return _GIT.match(address) is not None and not _ZIP.fullmatch(address)


def project_of(run: Run, tags: Mapping[str, str]) -> ProjectRun | None:
    """What a run was of a project; None for any other run. `tags` are those of the run."""
    told = _told(run)
    if run.source_type != PROJECT and not told:
        return None
    uri = _text(told.get("uri")) or run.source_name
    if not uri:
        return None
    environment = _text(told.get("environment")) or tags.get(ENVIRONMENT_TAG, "")
    manager = _text(told.get("env_manager")) or environment
    return ProjectRun(
        uri=_address(uri),
        entry_point=_text(told.get("entry_point")) or run.entry_point,
        commit=_text(told.get("commit")) or run.git_commit,
        manager=manager if manager in MANAGERS else "",
        environment=environment,
        backend=_text(told.get("backend")) or tags.get(BACKEND_TAG, ""),
        exit_status=tags.get(EXIT_STATUS_TAG, ""),
        parameters=_parameters(told.get("parameters")),
        source_name=run.source_name,
    )


def runs_address(source_name: str) -> str:
    """The page of a project's runs: the table across experiments, filtered."""
    by_name = tree.Clause(Kind.ATTRIBUTE, "source_name", "=", source_name)
    by_type = tree.Clause(Kind.ATTRIBUTE, "source_type", "=", PROJECT)
    return "/search/?" + urlencode({"q": tree.printed(tree.All((by_name, by_type)), SPELLED_OUT)})


def _told(run: Run) -> Mapping[str, Any]:
    content = run.environment.content if run.environment else None
    told = content.get("project") if isinstance(content, dict) else None
    return told if isinstance(told, dict) else {}


def _parameters(told: Any) -> dict[str, str] | None:
    if not isinstance(told, dict):
        return None
    return {key: str(value) for key, value in told.items() if not isinstance(value, (dict, list))}


def _unquoted(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError:
        return text
    return words[0] if len(words) == 1 and shlex.quote(words[0]) == text else text


def _address(uri: str) -> str:
    """Without a name and a password, and as it can be read again: MLflow begins the folder in a checkout with a slash,
    and writes `file:///code` behind the folder that it was called in.
    """
    address, mark, folder = _FILE.sub("file:///", without_userinfo(uri)).partition("#")
    return f"{address}{mark}{folder.lstrip('/')}"


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)
