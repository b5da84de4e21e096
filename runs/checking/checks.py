"""The checks in their order: what a later one relies on is looked at, and mended, by an earlier one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError

from runs.checking import database, files, rows, series
from runs.checking.finding import Finding, Scope
from runs.models import Blob, Metric, Param, Run


@dataclass(frozen=True)
class Check:
    """One check: its name, how it looks, and how many things it looks at, where that is known."""

    name: str
    findings: Callable[[Scope], Iterator[Finding]]
    things: Any = None

    @property
    def total(self) -> int | None:
        """How many things there are to look at."""
        return self.things.count() if self.things is not None else None


CHECKS = (
    Check("database", database.integrity),
    Check("foreign keys", database.foreign_keys),
    Check("experiments of runs", rows.without_experiment),
    Check("parents", rows.parents),
    Check("deleted for good", rows.purging),
    Check("points without a metric", series.points_without_series),
    Check("trees without a metric", series.buckets_without_series),
    Check("summaries", series.summaries, Metric.objects),
    Check("trees", series.long_series),
    Check("params", rows.params, Param.objects),
    Check("configurations", rows.configurations, Run.objects),
    Check("contents", files.contents, Blob.objects),
    Check("unused contents", files.unused),
    Check("files without a name", files.unnamed),
    Check("files left behind", files.incoming),
    Check("point counts", rows.point_counts),
    Check("artifact sizes", rows.artifact_sizes),
)


def look(check: Check, scope: Scope) -> Iterator[Finding]:
    """What one check finds. A database that can't be read is a finding too."""
    try:
        yield from check.findings(scope)
    except DatabaseError as error:
        yield Finding("the database", f"it can't be read: {error}", database.RESTORE)
