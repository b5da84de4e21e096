"""The one write path: params, tags, status, console and points of a run, a batch at a time, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from experiments.models import AuditEntry
from runs import batches, configurations, points, system_tags, telling, thinning
from runs.batches import Batch, ConsoleText, Series
from runs.inputs import use_datasets
from runs.models import ConsoleChunk, Environment, Run, Tag, WriterMark
from runs.summary import Summary, exact_sum, pack, unpack
from trackerweb.clock import now_ms
from trackerweb.errors import Conflict, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

__all__ = ["Batch", "ConsoleText", "ParamConflict", "Receipt", "Series", "store"]

ENDED = {"FINISHED", "FAILED", "KILLED"}

_MOVE_UP = "UPDATE SET seq = excluded.seq WHERE runs_writermark.seq < excluded.seq"
_SUMMARY = "count, nan_count, last, last_step, last_time, min, min_step, max, max_step, exact_sum"


class ParamConflict(Conflict):
    """A param is written once; another value is refused."""

    error_code = "PARAM_ALREADY_SET"


@dataclass(frozen=True)
class Receipt:
    """What became of a batch: `applied` is False for one stored before; `points` counts those that were new; `seq` is
    where its writer stands now, None for a batch without a writer."""

    applied: bool
    points: int = 0
    seq: int | None = None


def store(run_id: str, batch: Batch) -> Receipt:
    """Store a batch for an active run. A batch whose `seq` its writer has passed is acknowledged, not applied again,
    and so is one that says `after` and does not go on where its writer stands.

    Errors: NotFound, Conflict for a run in the trash, ParamConflict, InvalidValue, TooLarge; then nothing is stored.
    """
    now = now_ms()
    batches.check(batch, now)
    with write_transaction():
        run, status = _open(run_id)
        if not _is_next(run, batch):
            return Receipt(applied=False, seq=_stands_at(run, batch.writer))
        configuration = _store_params(run, batch.params)
        _remove_tags(run, batch.removed_tags)
        store_tags(run, batch.tags)
        added = sum(_store_series(run, batch.metrics))
        _store_console(run, batch)
        if batch.inputs:
            use_datasets(run_id, batch.inputs)
        _store_state(run, batch, now, added, configuration)
        if batch.status is not None:
            telling.tell_end(status, batch.status, lambda: Run.objects.select_related("experiment").get(pk=run))
    return Receipt(applied=True, points=added, seq=batch.seq)


def _open(run_id: str) -> tuple[int, str]:
    """The key of a run that may be written to, and its status."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, lifecycle_stage, status FROM runs_run WHERE run_id = %s", [run_id])
        found = cursor.fetchone()
    if found is None or found[1] == LifecycleStage.PURGING:
        raise NotFound(f"No run {run_id!r}. Make it first with PUT /api/v1/runs/{run_id}/.", field="run_id")
    pk, stage, status = found
    if stage != LifecycleStage.ACTIVE:
        raise Conflict(f"Run {run_id!r} is in the trash. Restore it before you write to it.", field="run_id")
    return pk, status


def _is_next(run: int, batch: Batch) -> bool:
    """Move the writer's mark up to this batch; False when it stands there already."""
    if batch.writer is None:
        return True
    if batch.after:
        change = "UPDATE runs_writermark SET seq = %s WHERE run_id = %s AND writer = %s AND seq = %s"
        values = [batch.seq, run, batch.writer, batch.after]
    else:
        change = (
            "INSERT INTO runs_writermark (run_id, writer, seq) VALUES (%s, %s, %s) ON CONFLICT (run_id, writer) DO "
        )
        change += "NOTHING" if batch.after == 0 else _MOVE_UP
        values = [run, batch.writer, batch.seq]
    with connection.cursor() as cursor:
        cursor.execute(change, values)
        return cursor.rowcount == 1


def _stands_at(run: int, writer: str | None) -> int:
    """The last number that is stored of a writer; 0 for one that has said nothing yet."""
    return WriterMark.objects.filter(run=run, writer=writer).values_list("seq", flat=True).first() or 0


def _store_params(run: int, params: Mapping[str, str]) -> int:
    """Store those that are new. Returns what they add to the number of the run's configuration."""
    if not params:
        return 0
    stored = _stored_params(run, list(params))
    for key, value in params.items():
        if stored.get(key, value) != value and not _was_corrected(run, key, value):
            raise ParamConflict(
                f"Param {key!r} is {_short(stored[key])} already and can't become {_short(value)}: params are written "
                "once. Log it under another name, or correct it on the run's page.",
                field=f"params.{key}",
            )
    added = {key: value for key, value in params.items() if key not in stored}
    if not added:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO runs_param (run_id, key, value, number) VALUES (%s, %s, %s, %s)",
            [(run, key, value, as_number(value)) for key, value in added.items()],
        )
    return configurations.number_of(added.items())


def _stored_params(run: int, keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        marks = ", ".join(["%s"] * len(chunk))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT key, value FROM runs_param WHERE run_id = %s AND key IN ({marks})", [run, *chunk])
            found |= dict(cursor.fetchall())
    return found


def _was_corrected(run: int, key: str, value: str) -> bool:
    """Whether a person put another value in place of this one, which a script that resumes then sends again."""
    run_id = Run.objects.values_list("run_id", flat=True).get(pk=run)
    corrections = AuditEntry.objects.filter(kind="run", object_id=run_id, action="correct param")
    return any(before.get(key) == value for before in corrections.values_list("before", flat=True))


def _short(value: str) -> str:
    return repr(value) if len(value) <= 200 else f"{value[:200]!r}… ({len(value)} characters)"


def as_number(text: str) -> float | None:
    """The number that a param's text is, if it is one that sorts: `1e-3` yes, `nan`, `1_000` and `0.1 ` no."""
    if not text.isascii() or "_" in text or text != text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return None if number != number else number


def store_tags(run: int, tags: Mapping[str, str]) -> None:
    """Store tags of the run with this key; the last value wins. Some are fields of the run (runs/system_tags.py)."""
    fields = system_tags.fields_in(tags)
    if fields:
        _store_fields(run, fields)
    tags = system_tags.without_fields(tags)
    if not tags:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO runs_tag (run_id, key, value) VALUES (%s, %s, %s) "
            "ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value",
            [(run, key, value) for key, value in tags.items()],
        )


def _remove_tags(run: int, keys: Sequence[str]) -> None:
    for key in set(keys) & system_tags.FIELDS.keys():
        Run.objects.filter(pk=run).update(**system_tags.emptied(key))
    if keys:
        Tag.objects.filter(run=run, key__in=keys).delete()


def _store_fields(run: int, fields: Mapping[str, str]) -> None:
    stored = Run.objects.filter(pk=run)
    if "parent_run_id" in fields:
        Run.objects.refuse_circle(stored.values_list("run_id", flat=True).get(), fields["parent_run_id"])
    stored.update(**fields)


def _store_console(run: int, batch: Batch) -> None:
    if not batch.console:
        return
    chunks = [ConsoleChunk(run_id=run, stream=c.stream, offset=c.offset, text=c.text) for c in batch.console]
    ConsoleChunk.objects.bulk_create(chunks, ignore_conflicts=True)


def _store_state(run: int, batch: Batch, now: int, added: int, configuration: int) -> None:
    """Any batch is a sign of life. An end without a time ends now; running again has no end."""
    changed: dict[str, Any] = {"heartbeat_time": now}
    if batch.heartbeat:
        changed["has_heartbeat"] = True
    if batch.status is not None:
        changed |= {"status": batch.status, "end_time": now if batch.status in ENDED else None, "failure": ""}
    if batch.end_time is not None:
        changed["end_time"] = batch.end_time
    if batch.failure is not None:
        changed["failure"] = batch.failure
    if batch.environment is not None:
        changed["environment_id"] = Environment.of(batch.environment).pk
    columns = "".join(f", {name} = %s" for name in changed)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE runs_run SET point_count = point_count + %s, configuration = (configuration + %s) %% %s{columns} "
            "WHERE id = %s",
            [added, configuration, configurations.MODULUS, *changed.values(), run],
        )


def _store_series(run: int, metrics: Mapping[str, Series]) -> list[int]:
    """Store points and bring summaries and trees up to date. Returns the number of new points of each series."""
    if not metrics:
        return []
    known = _summaries(run, list(metrics))
    grown = []
    for key, series in metrics.items():
        series_id, summary = known[key]
        rows = _new_rows(series_id, summary, points.rows_of(series))
        if not rows:
            continue
        points.insert(series_id, rows)
        summary.add(rows)
        thinning.grow(series_id, rows, summary.count)
        grown.append((series_id, summary, len(rows)))
    write_summaries([(series_id, summary) for series_id, summary, _ in grown])
    return [added for *_, added in grown]


def _new_rows(series_id: int, summary: Summary, rows: list[points.Row]) -> list[points.Row]:
    """Those not stored yet. What lies beyond the last step is new without looking."""
    if not rows or summary.last is None or rows[0][0] > summary.last[0]:
        return rows
    return points.without_stored(series_id, rows)


def _summaries(run: int, keys: list[str]) -> dict[str, tuple[int, Summary]]:
    """The id and summary of each series of the run; those not there yet are made, empty."""
    found = read_summaries(run, keys)
    missing = [key for key in keys if key not in found]
    if missing:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO runs_metric (run_id, key, count, nan_count) VALUES (%s, %s, 0, 0)",
                [(run, key) for key in missing],
            )
        found |= read_summaries(run, missing)
    return found


def read_summaries(run: int, keys: list[str]) -> dict[str, tuple[int, Summary]]:
    """The id and summary of those series that the run with this key has."""
    found: dict[str, tuple[int, Summary]] = {}
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        marks = ", ".join(["%s"] * len(chunk))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT key, id, {_SUMMARY} FROM runs_metric WHERE run_id = %s AND key IN ({marks})",
                [run, *chunk],
            )
            found |= {key: (series_id, _summary(*fields)) for key, series_id, *fields in cursor.fetchall()}
    return found


def _summary(
    count: int, nan_count: int, last: float | None, last_step: int, last_time: int, low: float | None,
    low_step: int, high: float | None, high_step: int, packed: bytes | None,
) -> Summary:  # fmt: skip
    if not count:
        return Summary()
    last_row = (last_step, last_time, 0.0, True) if last is None else (last_step, last_time, last, False)
    if low is None or high is None:
        return Summary(count, nan_count, last_row)
    # A sum of one value is not stored: it is the lowest. A stored one of nothing is a sum of 0.
    partials = unpack(packed) if packed is not None else exact_sum([low])
    return Summary(count, nan_count, last_row, (low, low_step), (high, high_step), partials)


def write_summaries(summaries: list[tuple[int, Summary]]) -> None:
    """Store summaries by the id of their series."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE runs_metric SET count = %s, nan_count = %s, last = %s, last_step = %s, last_time = %s, min = %s, "
            "min_step = %s, max = %s, max_step = %s, mean = %s, exact_sum = %s WHERE id = %s",
            [(*columns_of(summary), series_id) for series_id, summary in summaries],
        )


def columns_of(summary: Summary) -> tuple[Any, ...]:
    """A summary as its row holds it: count, nan_count, last and so on, mean and exact_sum at the end."""
    step, time, value, is_nan = summary.last or (None, None, None, True)
    low, low_step = summary.low or (None, None)
    high, high_step = summary.high or (None, None)
    several = summary.count - summary.nan_count > 1
    return (
        summary.count, summary.nan_count, None if is_nan else value, step, time, low, low_step, high, high_step,
        summary.mean, pack(summary.partials) if several else None,
    )  # fmt: skip
