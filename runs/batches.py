"""What a client may say about a run in one go, and the limits of saying it.

These structs are the body of `POST runs/{run_id}/log/` (docs/api.md); importers and the MLflow face fill them too.
"""

from typing import Any, Literal

import msgspec

from trackerweb.errors import InvalidValue, TooLarge

MAX_POINTS = 100_000
MAX_KEYS = 50_000
MAX_KEY_LENGTH = 250
MAX_FAILURE = 100_000
MAX_NESTING = 50
INT64 = range(-(2**63), 2**63)

Status = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]


class Series(msgspec.Struct, forbid_unknown_fields=True):
    """Points of one metric, in columns of one length; steps and timestamps (ms since 1970) may be left out whole."""

    values: list[float]
    steps: list[int] = []
    timestamps: list[int] = []


class ConsoleText(msgspec.Struct, forbid_unknown_fields=True):
    """A piece of output; `offset` counts characters from the start of its stream."""

    stream: Literal["stdout", "stderr"]
    offset: int
    text: str


class DatasetInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dataset as a client names it; `source`, `schema` and `profile` are JSON texts, `tags` are of its use."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None
    tags: dict[str, str] = {}


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    """All of it is stored, or none. `writer` and `seq` number a client's batches, so that a replay is known.

    A writer that numbers what it says rather than its batches sends `after` too: the batch holds the entries
    `after` + 1 to `seq`, and is stored only where the writer's last one is `after`. `removed_tags` go before `tags`
    come.
    """

    writer: str | None = None
    seq: int | None = None
    after: int | None = None
    params: dict[str, str] = {}
    tags: dict[str, str] = {}
    removed_tags: list[str] = []
    metrics: dict[str, Series] = {}
    console: list[ConsoleText] = []
    inputs: list[DatasetInput] = []
    environment: dict[str, Any] | None = None
    status: Status | None = None
    end_time: int | None = None
    failure: str | None = None
    heartbeat: bool = False


def check(batch: Batch, now: int) -> None:
    """Fill in what may be left out (step 0, the time `now`) and refuse what can't be stored.

    Errors: InvalidValue names the field and, in a column, the index; TooLarge names the limit.
    """
    _check_writer(batch)
    for field, keys in (("params", batch.params), ("tags", batch.tags), ("metrics", batch.metrics)):
        if len(keys) > MAX_KEYS:
            raise TooLarge(f"{field}: {len(keys)} keys are too many; {MAX_KEYS} are allowed.", field=field)
        for key in keys:
            check_key(key, field)
    for key, series in batch.metrics.items():
        _complete(series, now)
        _check_series(series, f"metrics.{key}")
    points = sum(len(series.values) for series in batch.metrics.values())
    if points > MAX_POINTS:
        raise TooLarge(f"This batch holds {points} points; {MAX_POINTS} are allowed. Send several.", field="metrics")
    for index, piece in enumerate(batch.console):
        if piece.offset not in range(2**63):
            raise InvalidValue(f"The offset {piece.offset} is not a place in a stream.", field="console", index=index)
    if batch.end_time is not None:
        check_time(batch.end_time, "end_time")
    if batch.failure is not None and len(batch.failure) > MAX_FAILURE:
        raise TooLarge(
            f"failure: {len(batch.failure)} characters are too many; {MAX_FAILURE} are allowed.", field="failure"
        )
    if batch.environment is not None:
        check_nesting(batch.environment, "environment")


def check_key(key: str, field: str) -> None:
    """Refuse a name that no page or filter could show.

    Errors: InvalidValue.
    """
    if not key.strip():
        raise InvalidValue(f"{field}: a key is empty.", field=field)
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidValue(
            f"{field}: the key {key[:40]!r}… has {len(key)} characters. {MAX_KEY_LENGTH} are allowed.", field=field
        )
    if not key.isprintable():
        raise InvalidValue(f"{field}: the key {key!r} holds a character that can't be shown. Remove it.", field=field)


def check_time(time: int, field: str) -> None:
    """Refuse what is not a moment in milliseconds since 1970.

    Errors: InvalidValue.
    """
    if time not in range(2**63):
        raise InvalidValue(f"{field}: {time} is not a time in milliseconds since 1970.", field=field)


def check_nesting(value: Any, field: str) -> None:
    """Refuse what is nested so deeply that it could not be read back.

    Errors: InvalidValue.
    """
    level: list[Any] = [value]
    for _ in range(MAX_NESTING):
        level = [child for item in level for child in _children(item)]
    if level:
        raise InvalidValue(f"{field}: This is nested deeper than {MAX_NESTING} levels.", field=field)


def _children(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _check_writer(batch: Batch) -> None:
    if (batch.writer is None) != (batch.seq is None):
        raise InvalidValue("writer and seq go together: send both or neither.", field="writer")
    if batch.after is not None and batch.seq is None:
        raise InvalidValue("after goes with writer and seq: send all three or none.", field="after")
    if batch.writer is None or batch.seq is None:
        return
    if not (0 < len(batch.writer) <= 64 and set(batch.writer) <= set("0123456789abcdef")):
        raise InvalidValue(f"writer: {batch.writer[:80]!r} is not 1 to 64 hex digits in lower case.", field="writer")
    if batch.seq not in range(1, 2**63):
        raise InvalidValue(f"seq: {batch.seq} is not a batch number. Count 1, 2, 3 …", field="seq")
    if batch.after is not None and batch.after not in range(batch.seq):
        raise InvalidValue(f"after: {batch.after} is not before seq, {batch.seq}.", field="after")


def _complete(series: Series, now: int) -> None:
    if not series.steps:
        series.steps = [0] * len(series.values)
    if not series.timestamps:
        series.timestamps = [now] * len(series.values)


def _check_series(series: Series, field: str) -> None:
    columns = {"steps": series.steps, "timestamps": series.timestamps}
    for name, column in columns.items():
        if len(column) != len(series.values):
            raise InvalidValue(
                f"{field}: {name} holds {len(column)} items and values {len(series.values)}. Send one of each a point.",
                field=f"{field}.{name}",
            )
        if column and not (min(column) in INT64 and max(column) in INT64):
            index = next(place for place, item in enumerate(column) if item not in INT64)
            raise InvalidValue(f"{field}: {column[index]} is beyond 64 bits.", field=f"{field}.{name}", index=index)
