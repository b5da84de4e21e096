"""Entry points: commands with parameters, made into one line of the shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracker.errors import InvalidProject, InvalidValue
from tracker.notices import warn, warn_once
from tracker.projects.definition import commands, fields
from tracker.projects.definition.paths import Paths

#: Linux takes no longer word; bash gets the line as one.
MOST_BYTES = 128 * 1024 - 1


@dataclass(frozen=True)
class Parameter:
    """A parameter of an entry point. `kind` is string, float, path or uri, or what else the file says; `default` None
    for one that has to be given.
    """

    name: str
    kind: str = "string"
    default: Any = None


@dataclass(frozen=True)
class Line:
    """`command` is for `bash -c`. `params` are the run's, their values as words of the shell, as MLflow logs them."""

    command: str
    params: dict[str, str]


@dataclass(frozen=True)
class EntryPoint:
    """Something that can be run: a command, in which {name} stands for a parameter."""

    name: str
    parameters: Mapping[str, Parameter]
    command: str

    def line(self, values: Mapping[str, Any], folder: Path, storage: Path | None = None) -> Line:
        """The command with these values, each a single word whatever it holds.

        What a `path` names elsewhere is downloaded into a new folder in `storage`, or of the system's temporary ones. A
        relative default of it that is not here counts from `folder`, the project's.

        Errors: InvalidValue for values that are missing or can't be; InvalidProject for what is wrong in the command.
        """
        given = {str(name): _sound(name, str(value)) for name, value in values.items()}
        declared = self._declared(given)
        extra = {name: value for name, value in given.items() if name not in declared}
        self._tell_of_extra(extra)
        found = self._resolved(declared, given, Paths(folder, storage))
        command = commands.filled(self.command, found, extra, self.name)
        if len(command.encode(errors="surrogateescape")) > MOST_BYTES:
            raise InvalidValue(
                f"The command of {self.name!r} is longer than {MOST_BYTES:,} bytes with these values. Put long ones "
                "into a file, and give its path."
            )
        logged = {name: shlex.quote(value) for name, value in declared.items()}
        return Line(command, logged | {shlex.quote(name): shlex.quote(value) for name, value in extra.items()})

    def _tell_of_extra(self, extra: Iterable[str]) -> None:
        """Most often it is a slip of the pen, which the command may swallow."""
        listed = ", ".join(map(repr, self.parameters))[:200]
        for name in extra if listed else ():
            warn_once(
                f"{name[:80]!r} is no parameter of {self.name!r}, which has {listed}: it is put behind the command, as "
                "an option."
            )

    def _declared(self, given: Mapping[str, str]) -> dict[str, str]:
        """The values of the parameters that are listed, given or by default."""
        missing = [
            repr(name)
            for name, parameter in self.parameters.items()
            if name not in given and parameter.default is None
        ]  # fmt: skip
        if missing:
            raise InvalidValue(
                f"No value for {', '.join(missing)}, which the entry point {self.name!r} needs. Give it: "
                f"-P {missing[0][1:-1]}=VALUE."
            )
        return {
            name: given[name] if name in given else _sound(name, str(parameter.default))
            for name, parameter in self.parameters.items()
        }

    def _resolved(self, declared: Mapping[str, str], given: Mapping[str, str], paths: Paths) -> dict[str, str]:
        """The values as the command gets them. All are looked at before the first is downloaded."""
        for name, value in declared.items():
            _check(self.parameters[name], value)
        kinds = {name: parameter.kind for name, parameter in self.parameters.items()}
        local = {
            name: paths.local(name, value, is_default=name not in given)
            for name, value in declared.items()
            if kinds[name] == "path"
        }
        found = dict(declared)
        for position, name in enumerate(self.parameters):
            if kinds[name] == "path":
                found[name] = local[name] or paths.downloaded(name, declared[name], position)
        return found


def read(name: str, told: Any) -> EntryPoint:
    """An entry point as an MLproject file has it.

    Errors: InvalidProject.
    """
    place = f"entry_points: {name}"
    entry = fields.mapping(told, place)
    listed = fields.mapping(entry.get("parameters", {}), f"{place}: parameters")
    command = fields.text(entry.get("command"), f"{place}: command")
    parameters = {key: _parameter(key, value, f"{place}: parameters: {key}") for key, value in listed.items()}
    return EntryPoint(name, parameters, command)


def _parameter(name: str, told: Any, place: str) -> Parameter:
    if isinstance(told, str):
        return Parameter(name, told)
    if not isinstance(told, dict):
        raise InvalidProject(f"{place} is {fields.told(told)}; write a type, or {{type: float, default: 0.1}}.")
    kind = told.get("type")
    return Parameter(name, "string" if kind is None else str(kind), told.get("default"))


def _check(parameter: Parameter, value: str) -> None:
    """Refuse what is no URI, and warn about what is no number: MLflow takes any text there."""
    if parameter.kind == "uri" and not _scheme(value, parameter.name):
        raise InvalidValue(f"{parameter.name} is {value[:200]!r}, which is no URI: it has no scheme such as s3:.")
    if parameter.kind == "float" and not _is_number(value):
        warn(f"{parameter.name} is a float, and {value[:80]!r} is no number. It is passed on as it is.")


def _scheme(value: str, name: str) -> str:
    try:
        return urlsplit(value).scheme
    except ValueError as error:
        raise InvalidValue(f"{name} is {value[:200]!r}, which is no URI: {error}.") from None


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _sound(name: Any, value: str) -> str:
    both = f"{name}{value}"
    try:
        both.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        raise InvalidValue(f"{str(name)[:80]!r} holds half a character (a surrogate). Give its text anew.") from None
    if "\0" in both:
        raise InvalidValue(f"{str(name)[:80]!r} holds a NUL character, which no program can be given.")
    return value
