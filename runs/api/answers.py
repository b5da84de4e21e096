"""Runs as JSON. Three queries fill any number of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from runs.models import Metric, Param, Run, Tag

_RUN_FIELDS = [
    "run_id", "experiment_id", "name", "status", "is_stale", "failure", "start_time", "end_time", "heartbeat_time",
    "lifecycle_stage", "user", "source_name", "source_type", "entry_point", "git_commit", "parent_run_id", "note",
]  # fmt: skip
_SUMMARY_FIELDS = [
    "last", "last_step", "last_time", "min", "min_step", "max", "max_step", "mean", "count", "nan_count",
]  # fmt: skip
KINDS = ("params", "tags", "metrics")


def as_json(runs: Sequence[Run], columns: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Each run with its params, tags and metrics; of these only `columns` (`params.lr`, `metrics.loss`), if given."""
    keys = _keys_by_kind(columns)
    filled: dict[str, dict[int, dict[str, Any]]] = {
        "params": _texts(Param, runs, keys["params"]),
        "tags": _texts(Tag, runs, keys["tags"]),
        "metrics": _summaries(runs, keys["metrics"]),
    }
    return [
        {name: getattr(run, name) for name in _RUN_FIELDS} | {kind: filled[kind].get(run.pk, {}) for kind in KINDS}
        for run in runs
    ]


def _keys_by_kind(columns: Iterable[str] | None) -> dict[str, list[str] | None]:
    """The keys to fill in, by kind; None for all of them."""
    if columns is None:
        return dict.fromkeys(KINDS)
    chosen = [column.partition(".") for column in columns]
    return {kind: [key for name, _, key in chosen if name == kind] for kind in KINDS}


def _texts(model: type[Param] | type[Tag], runs: Sequence[Run], keys: list[str] | None) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for run, key, value in _chosen(model, runs, keys).values_list("run_id", "key", "value"):
        found[run][key] = value
    return found


def _summaries(runs: Sequence[Run], keys: list[str] | None) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for run, key, *values in _chosen(Metric, runs, keys).values_list("run_id", "key", *_SUMMARY_FIELDS):
        summary = dict(zip(_SUMMARY_FIELDS, values, strict=True))
        if summary["last"] is None and summary["count"]:
            summary["last"] = "NaN"
        found[run][key] = summary
    return found


def _chosen(model: Any, runs: Sequence[Run], keys: list[str] | None) -> Any:
    rows = model.objects.filter(run__in=[run.pk for run in runs])
    return (rows if keys is None else rows.filter(key__in=keys)).order_by("key")
