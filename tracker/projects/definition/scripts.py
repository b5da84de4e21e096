"""Scripts of a project's folder, which are entry points without being listed."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path, PurePosixPath

from tracker.errors import InvalidProject
from tracker.projects.definition import fields
from tracker.projects.definition.entry_points import EntryPoint

ENDINGS = (".py", ".sh", ".R")
_PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def is_script(name: str) -> bool:
    """Whether a name ends as scripts do."""
    return PurePosixPath(name).suffix in ENDINGS


def entry_point(name: str, folder: Path) -> EntryPoint:
    """The entry point that runs a script by what its ending says.

    Errors: InvalidProject for one that is not there, or outside of the project.
    """
    fields.file_in(folder, name, "The entry point")
    if Path(name).is_absolute():
        raise InvalidProject(f"The entry point {name!r} is absolute. Name it as seen from the project's folder.")
    command = _command(f"./{name}" if name.startswith("-") else name)
    return EntryPoint(name, {}, command.replace("{", "{{").replace("}", "}}"))


def _command(name: str) -> str:
    ending = PurePosixPath(name).suffix
    if ending == ".R":
        return f"Rscript -e {_r_expression(name)} --args"
    program = "python" if ending == ".py" else shlex.quote(os.environ.get("SHELL") or "bash")
    return f"{program} {shlex.quote(name)}"


def _r_expression(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return f"\"mlflow::mlflow_source('{name}')\""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return shlex.quote(f"mlflow::mlflow_source('{escaped}')")
