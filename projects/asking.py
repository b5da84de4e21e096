"""The form that starts a run: what it holds, what is wrong with it, and the command that it means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from django.http import QueryDict

from experiments.models import Experiment
from runs.models import Run
from runs.provenance.projects import MANAGERS, project_of
from runs.provenance.repeating import is_secret
from trackerweb.errors import InvalidValue

#: Rows of the form that are free for more params.
FREE_ROWS = 3
MOST_PARAMS = 200
MOST_CHARACTERS = 4_000
_REMOTE = re.compile(r"(https?|ssh|git|file)://.+|[\w.-]+@[\w.-]+:.+", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """A run that is asked for. `params` are pairs of key and value as they were typed, empty rows among them."""

    uri: str = ""
    version: str = ""
    entry_point: str = ""
    manager: str = ""
    experiment: str = ""
    name: str = ""
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def sent(cls, form: QueryDict) -> "Wanted":
        """What a browser sent."""
        told = {field: form.get(field, "").strip() for field in ("uri", "version", "entry_point", "manager")}
        keys, values = form.getlist("key"), form.getlist("value")
        rows = zip((key.strip() for key in keys), values, strict=False)
        return cls(
            **told,
            experiment=form.get("experiment", "").strip(),
            name=form.get("name", "").strip(),
            params=tuple((key, value) for key, value in rows if key or value),
        )

    @classmethod
    def like(cls, run: Run) -> "Wanted":
        """What a run of a project was, to be changed. Values that are called like a secret are to be typed again.

        Errors: InvalidValue for a run of no project.
        """
        project = project_of(run, dict(run.tags.values_list("key", "value")))
        if project is None:
            message = (
                f"Run {run.run_id!r} is of no project. `tracker rerun` in a shell repeats what our client captured."
            )
            raise InvalidValue(message, field="run")
        told = project.values(dict(run.params.order_by("key").values_list("key", "value")))
        return cls(
            uri=project.uri,
            version=project.commit if project.has_versions else "",
            entry_point=project.entry_point,
            manager=project.manager,
            experiment=run.experiment.name,
            params=tuple((key, "" if is_secret(key) else value) for key, value in told.items()),
        )

    def kept(self) -> dict[str, Any]:
        """What the database keeps of it: no value that is called like a secret."""
        return asdict(self) | {"params": [[key, "" if is_secret(key) else value] for key, value in self.params]}

    @classmethod
    def again(cls, kept: Mapping[str, Any]) -> "Wanted":
        """What was kept, to be changed."""
        return cls(**{**kept, "params": tuple((key, value) for key, value in kept["params"])})

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The params and some free rows."""
        return [*self.params, *[("", "")] * FREE_ROWS]

    @property
    def managers(self) -> Sequence[str]:
        """What can make an environment."""
        return MANAGERS

    def checked(self) -> "Wanted":
        """The same, when it can be started.

        Errors: InvalidValue names the field and the remedy.
        """
        for field, value in self._words().items():
            if value.startswith("-"):
                message = f"{field}: {value[:80]!r} begins with a dash, so that it would be read as an option."
                raise InvalidValue(f"{message} Write it without.", field=field)
            if len(value) > MOST_CHARACTERS or not value.isprintable():
                raise InvalidValue(f"{field}: give one line of up to {MOST_CHARACTERS:,} characters.", field=field)
        self._check_uri()
        if self.manager and self.manager not in MANAGERS:
            known = ", ".join(MANAGERS)
            raise InvalidValue(f"manager: {self.manager[:40]!r} is none of {known}. Choose one.", field="manager")
        self._check_params()
        return replace(self, experiment=self.experiment or Experiment.objects.by_id(0).name)

    def _words(self) -> dict[str, str]:
        return {
            "uri": self.uri,
            "version": self.version,
            "entry_point": self.entry_point,
            "experiment": self.experiment,
            "name": self.name,
        }

    def _check_uri(self) -> None:
        address = self.uri.partition("#")[0]
        if not (PurePath(address).is_absolute() or _REMOTE.fullmatch(address)):
            message = "uri: give the whole path of a folder, or an address such as https://… or git@host:path."
            raise InvalidValue(message, field="uri")
        if PurePath(address).is_absolute() and not _is_there(address):
            message = f"uri: the server's machine has no {address[:200]!r}. Give a folder or a zip that is there."
            raise InvalidValue(message, field="uri")

    def _check_params(self) -> None:
        if len(self.params) > MOST_PARAMS:
            raise InvalidValue(f"params: {len(self.params)} are too many. Give up to {MOST_PARAMS}.", field="params")
        seen: set[str] = set()
        for key, value in self.params:
            if not key or key.startswith("-") or "=" in key or not key.isprintable() or key in seen:
                remedy = "Give each one once, without = and leading dash."
                raise InvalidValue(f"params: {key[:80]!r} is no key, or is there twice. {remedy}", field="params")
            if len(value) > MOST_CHARACTERS or "\0" in value:
                message = f"params: the value of {key[:80]!r} can be no longer than {MOST_CHARACTERS:,} characters."
                raise InvalidValue(f"{message} Shorten it.", field="params")
            seen.add(key)

    def command(self, program: Sequence[str], run_id: str) -> list[str]:
        """The words that start it: `program` is what `tracker` is called by."""
        options: Mapping[str, str] = {
            "--run-id": run_id,
            "--experiment-name": self.experiment,
            "--version": self.version,
            "--entry-point": self.entry_point,
            "--env-manager": self.manager,
        }
        words = [*program, "run", self.uri, *(f"{name}={value}" for name, value in options.items() if value)]
        for key, value in self.params:
            words += ["-P", f"{key}={value}"]
        return words


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:
        # A name that the system does not take.
        return False
