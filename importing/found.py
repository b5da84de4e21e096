"""What a source tells of what it holds, whatever it is: the words between those who read and those who store.

Times are milliseconds since 1970, UTC. `place` is where something lies in its source, for the report.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from runs.batches import DatasetInput, Series

#: How a part stood when it was read: whatever its source compares, as JSON.
Stamp = list[Any]


class Unreadable(Exception):
    """A part can't be taken over; the message says why, for the report."""


class Seen:
    """Which parts of a run or model an earlier import has brought, and how they stood then."""

    def __init__(self, parts: dict[str, Stamp] | None = None) -> None:
        self._before = parts or {}
        self.now = dict(self._before)

    def stamp(self, part: str) -> Stamp | None:
        """How a part stood; None for one that was not brought."""
        return self._before.get(part)

    def is_new(self, part: str, stamp: Stamp) -> bool:
        """Whether a part has changed since it was brought, or never was."""
        return self._before.get(part) != stamp

    def note(self, part: str, stamp: Stamp) -> None:
        """Remember that a part was brought."""
        self.now[part] = stamp

    @property
    def has_grown(self) -> bool:
        """Whether anything was noted that was not there before."""
        return self.now != self._before


@dataclass(frozen=True)
class FileFound:
    """A file of a run or model. `open` gives its content; the path within its owner may be anything."""

    path: str
    place: str
    open: Callable[[], IO[bytes]]
    brought: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Points:
    """Some points of one metric. `brought` is called once they are stored."""

    key: str
    place: str
    series: Series
    brought: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class ExperimentFound:
    """An experiment; its note is among its tags. `meta` is all that its source says of it, as JSON."""

    external_id: str
    name: str
    place: str
    tags: dict[str, str] = field(default_factory=dict)
    is_trashed: bool = False
    creation_time: int | None = None
    last_update_time: int | None = None
    artifact_location: str = ""
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFound:
    """A run, with what is new of it. `fields` are columns of Run; `points` and `files` are read when asked for.

    `extras` are what only a tracker like this one tells of a run (importing/mlruns/extras.py).
    """

    run_id: str
    place: str
    fields: dict[str, Any]
    is_trashed: bool = False
    deleted_time: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    inputs: list[DatasetInput] = field(default_factory=list)
    input_models: list[str] = field(default_factory=list)
    output_models: dict[str, int] = field(default_factory=dict)
    points: Iterable[Points] = ()
    files: Iterable[FileFound] = ()
    extras: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelPoint:
    """How well a model did, at a point of a run."""

    key: str
    value: float
    step: int
    timestamp: int
    run_id: str
    dataset_name: str = ""
    dataset_digest: str = ""


@dataclass(frozen=True)
class ModelFound:
    """A logged model, with what is new of it. `fields` are columns of LoggedModel."""

    model_id: str
    place: str
    fields: dict[str, Any]
    is_trashed: bool = False
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    points: Iterable[ModelPoint] = ()
    files: Iterable[FileFound] = ()
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class VersionFound:
    """A version of a registered model. `fields` are columns of ModelVersion; `location` is where its files lay."""

    version: int
    fields: dict[str, Any]
    location: str
    is_deleted: bool = False
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RegisteredFound:
    """A registered model. `fields` are columns of RegisteredModel, `aliases` lead to numbers of versions."""

    name: str
    place: str
    fields: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)
    versions: list[VersionFound] = field(default_factory=list)


class RegisteredSource(Protocol):
    """A registered model that can be read."""

    place: str

    def read(self) -> RegisteredFound:
        """What it says of itself.

        Errors: Unreadable.
        """


class RunSource(Protocol):
    """A run that can be read."""

    run_id: str
    place: str

    def read(self, seen: Seen) -> RunFound:
        """What is new of it since `seen`.

        Errors: Unreadable.
        """


class ModelSource(Protocol):
    """A model that can be read."""

    model_id: str
    place: str

    def read(self, seen: Seen) -> ModelFound:
        """What is new of it since `seen`.

        Errors: Unreadable.
        """


class ExperimentSource(Protocol):
    """An experiment that can be read."""

    place: str

    def read(self) -> ExperimentFound:
        """What it says of itself.

        Errors: Unreadable.
        """

    def runs(self) -> Iterator[RunSource]:
        """Its runs."""

    def models(self) -> Iterator[ModelSource]:
        """Its logged models."""


class Source(Protocol):
    """Where things are imported from."""

    #: What it is called in the report, and by which a later import knows that it is the same.
    origin: str

    def experiments(self) -> Iterator[ExperimentSource]:
        """Its experiments, trashed ones too."""

    def count_runs(self) -> int:
        """How many runs there are, about: for a bar."""

    def registered_models(self) -> Iterator[RegisteredSource]:
        """What it holds of a model registry."""
