"""What a person puts right in what was logged. Each change keeps the old value in the audit trail.

Verbs return the audit entry, or None where there was nothing to change.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.db.models import F

from experiments.models import AuditEntry
from runs import configurations, ingest, points, thinning
from runs.models import Metric, Param, Run
from runs.points import Side
from runs.summary import Summary, exact_sum
from trackerweb.errors import InvalidValue, NotFound
from trackerweb.json import speakable_number
from trackerweb.transactions import write_transaction

INT64 = range(-(2**63), 2**63)


def correct_param(run: Run, key: str, value: str) -> AuditEntry | None:
    """Give a param another value.

    Errors: NotFound for a run or param that is not there, Conflict for a run in the trash.
    """
    with write_transaction():
        param = _param(run, key)
        if param.value == value:
            return None
        entry = AuditEntry.note("correct param", run, {key: param.value})
        _reconfigure(run, configurations.share(key, value) - configurations.share(key, param.value))
        param.value, param.number = value, ingest.as_number(value)
        param.save(update_fields=["value", "number"])
    return entry


def delete_param(run: Run, key: str) -> AuditEntry:
    """Remove a param; a script may log it again, with any value.

    Errors: as of `correct_param`.
    """
    with write_transaction():
        param = _param(run, key)
        entry = AuditEntry.note("delete param", run, {key: param.value})
        _reconfigure(run, -configurations.share(key, param.value))
        param.delete()
    return entry


def _reconfigure(run: Run, change: int) -> None:
    stored = Run.objects.filter(pk=run.pk)
    stored.update(configuration=(F("configuration") + change % configurations.MODULUS) % configurations.MODULUS)


def _param(run: Run, key: str) -> Param:
    Run.objects.by_id(run.run_id).require_active()
    param = run.params.filter(key=key).first()
    if param is None:
        raise NotFound(f"Run {run.run_id!r} has no param {key!r}.", field="key")
    return param


def delete_metric(run: Run, key: str) -> AuditEntry:
    """Remove a series with all its points. It is gone at once; its points go in pieces that hold up no writer.

    Errors: NotFound for a run or series that is not there, Conflict for a run in the trash.
    """
    with write_transaction():
        metric = _series(run, key)
        entry = AuditEntry.note("delete metric", run, {key: Cut.whole(metric).as_json()})
        _detach(metric)
    points.delete_in_pieces([metric.pk])
    return entry


def cut_metric(run: Run, key: str, from_step: int) -> AuditEntry | None:
    """Remove every point of a series whose step is `from_step` or later. A series that loses all is deleted.

    Errors: as of `delete_metric`; InvalidValue for a step beyond 64 bits.
    """
    with write_transaction():
        metric = _series(run, key)
        gone = Side(metric.pk, _checked_step(from_step), from_on=True)
        cut = Cut.of(gone)
        if not cut.points:
            return None
        entry = AuditEntry.note("cut metric", run, {key: cut.as_json()})
        if cut.points == metric.count:
            _detach(metric)
        else:
            _shorten(metric, gone, cut)
    if cut.points == metric.count:
        points.delete_in_pieces([metric.pk])
    return entry


def planned_cut(run: Run, key: str, from_step: int | None = None) -> "Cut":
    """What `cut_metric` (or `delete_metric`, without a step) would take away, for whoever is asked once more.

    Errors: as of these two.
    """
    metric = _series(run, key)
    if from_step is None:
        return Cut.whole(metric)
    return Cut.of(Side(metric.pk, _checked_step(from_step), from_on=True))


@dataclass(frozen=True)
class Cut:
    """Points that go: how many, from which step to which, and what they came to. None where there is no point."""

    points: int
    nan_count: int
    first_step: int | None
    last_step: int | None
    last: float | None
    min: float | None
    max: float | None

    @property
    def extent(self) -> tuple[int, int | None, int | None]:
        """How many, from which step to which."""
        return self.points, self.first_step, self.last_step

    @classmethod
    def of(cls, side: Side) -> "Cut":
        """What the points of one side come to."""
        count, nan_count = side.tally()
        last, lowest, highest = side.last(), side.lowest(), side.highest()
        ends = (side.first_step(), last and last[0], last and points.value_of(last))
        return cls(count, nan_count, *ends, lowest and lowest[0], highest and highest[0])

    @classmethod
    def whole(cls, metric: Metric) -> "Cut":
        """What a whole series comes to, from its summary."""
        first, last = points.steps_of(metric.pk)
        value = points.number_of(metric.last) if metric.count else None
        return cls(metric.count, metric.nan_count, first, last, value, metric.min, metric.max)

    def as_json(self) -> dict[str, Any]:
        """As the audit trail keeps it: NaN and infinities spelled out."""
        values = {name: getattr(self, name) for name in ("last", "min", "max")}
        spoken = {name: None if value is None else speakable_number(value) for name, value in values.items()}
        steps = {"first_step": self.first_step, "last_step": self.last_step}
        return {"points": self.points, "nan_count": self.nan_count, **steps, **spoken}


def _series(run: Run, key: str) -> Metric:
    Run.objects.by_id(run.run_id).require_active()
    metric = run.metrics.filter(key=key).first()
    if metric is None:
        raise NotFound(f"Run {run.run_id!r} has no metric {key!r}.", field="key")
    return metric


def _checked_step(step: int) -> int:
    if step not in INT64:
        raise InvalidValue(f"from_step: {step} is beyond 64 bits.", field="from_step")
    return step


def _detach(metric: Metric) -> None:
    """Take a series away from everybody. Its points stay where nobody looks, for an id is never given twice; if the
    server dies before they are deleted, `manage.py check_data` finds them.
    """
    thinning.forget(metric.pk)
    Metric.objects.filter(pk=metric.pk).delete()
    Run.objects.filter(pk=metric.run_id).update(point_count=F("point_count") - metric.count)


def _shorten(metric: Metric, gone: Side, cut: Cut) -> None:
    """Delete one side of a series, and leave what depends on its points as if only the other had been logged."""
    (_, stored) = ingest.read_summaries(metric.run_id, [metric.key])[metric.key]
    left = Side(metric.pk, gone.step, from_on=False)
    count, nan_count = stored.count - cut.points, stored.nan_count - cut.nan_count
    partials = _sum_left(stored, gone, left, is_short=cut.points <= count)
    # An extreme before the cut stays one.
    low = stored.low if stored.low and stored.low[1] < gone.step else left.lowest()
    high = stored.high if stored.high and stored.high[1] < gone.step else left.highest()
    summary = Summary(count, nan_count, left.last(), low, high, partials)
    gone.delete()
    ingest.write_summaries([(metric.pk, summary)])
    thinning.trim(metric.pk, gone.step, count)
    Run.objects.filter(pk=metric.run_id).update(point_count=F("point_count") - cut.points)


def _sum_left(stored: Summary, gone: Side, left: Side, is_short: bool) -> tuple[float, ...]:
    """The exact sum of what is left: the shorter side is added up, or taken away; what is infinite only adds up."""
    if is_short:
        partials = exact_sum([*stored.partials, *(-value for value in gone.numbers())])
        if all(map(isfinite, partials)):
            return partials
    return exact_sum(left.numbers())
