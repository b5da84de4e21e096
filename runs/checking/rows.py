"""Runs and their params: sizes kept on write, numbers, parents, and what hangs in no experiment."""

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Exists, F, OuterRef, Sum
from django.db.models.functions import Coalesce

from experiments.models import Experiment
from runs import ingest
from runs.checking.finding import ROWS_A_LOOK, Finding, Scope, keyset, note_run
from runs.configurations import number_of
from runs.models import Param, Run
from runs.purging import sweep
from trackerweb import sqlite
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

# Climbs from each run in one statement: 100,000 runs that each have five above them take a second.
_OWN_ANCESTORS = """
    SELECT id, run_id FROM runs_run AS run
    WHERE parent_run_id IS NOT NULL AND id > %s AND run_id IN (
        WITH RECURSIVE above (run_id) AS (
            SELECT run.parent_run_id
            UNION
            SELECT parent.parent_run_id FROM runs_run AS parent JOIN above ON parent.run_id = above.run_id
            WHERE parent.parent_run_id IS NOT NULL
        )
        SELECT run_id FROM above
    )
    ORDER BY id LIMIT %s
"""


def point_counts(scope: Scope) -> Iterator[Finding]:
    """The number of points that each run says it has."""
    return _sums("point_count", Sum("metrics__count"), "its metrics hold")


def artifact_sizes(scope: Scope) -> Iterator[Finding]:
    """The bytes of files that each run says it has."""
    return _sums("artifact_bytes", Sum("artifacts__blob__size"), "its files have")


def _sums(field: str, total: Aggregate, words: str) -> Iterator[Finding]:
    last = 0
    while wrong := list(_wrong_sums(field, total).filter(pk__gt=last)[:ROWS_A_LOOK]):
        for run in wrong:
            yield Finding(
                f"run {run.run_id}",
                f"{field} is {getattr(run, field)}, and {words} {run.right}",
                "--repair adds it up again.",
                partial(_add_up, field, total, run.pk),
            )
        last = wrong[-1].pk


def _wrong_sums(field: str, total: Aggregate) -> Any:
    runs = Run.objects.kept().annotate(right=Coalesce(total, 0)).order_by("pk")
    return runs.exclude(right=F(field)).only("run_id", "name", field)


def _add_up(field: str, total: Aggregate, pk: int) -> bool:
    with write_transaction():
        run = _wrong_sums(field, total).filter(pk=pk).first()
        if run is not None:
            note_run(run, {field: getattr(run, field)})
            Run.objects.filter(pk=pk).update(**{field: run.right})
    return True


def params(scope: Scope) -> Iterator[Finding]:
    """The number that stands beside each param's text."""
    rows = Param.objects.exclude(run__lifecycle_stage=LifecycleStage.PURGING)
    for piece in keyset(rows.values_list("pk", "run__run_id", "key", "value", "number")):
        for pk, run_id, key, value, number in piece:
            right = ingest.as_number(value)
            if number != right:
                yield Finding(
                    f"run {run_id}, param {key!r}",
                    f"its number is {number}, and its text comes to {right}",
                    "--repair reads it again.",
                    partial(_read_again, pk),
                )
        scope.tick(len(piece))


def _read_again(pk: int) -> bool:
    with write_transaction():
        param = Param.objects.filter(pk=pk).select_related("run").first()
        if param is not None:
            note_run(param.run, {f"number of param {param.key}": str(param.number)})
            Param.objects.filter(pk=pk).update(number=ingest.as_number(param.value))
    return True


def configurations(scope: Scope) -> Iterator[Finding]:
    """The number that stands for the params of each run."""
    for piece in keyset(Run.objects.kept().values_list("pk")):
        for pk, run_id, number, right in _wrong_configurations([pk for (pk,) in piece]):
            yield Finding(
                f"run {run_id}",
                f"configuration is {number}, and its params come to {right}",
                "--repair adds it up again.",
                partial(_configure_again, pk),
            )
        scope.tick(len(piece))


def _wrong_configurations(runs: list[int]) -> list[tuple[int, str, int, int]]:
    """(key, run_id, number, right number) of those that are wrong."""
    with sqlite.one_state():
        right = _right_configurations(runs)
        numbers = list(Run.objects.filter(pk__in=runs).values_list("pk", "run_id", "configuration"))
    return [(pk, run_id, number, right.get(pk, 0)) for pk, run_id, number in numbers if number != right.get(pk, 0)]


def _right_configurations(runs: list[int]) -> dict[int, int]:
    pairs: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for run, key, value in Param.objects.filter(run__in=runs).values_list("run_id", "key", "value"):
        pairs[run].append((key, value))
    return {run: number_of(of_run) for run, of_run in pairs.items()}


def _configure_again(pk: int) -> bool:
    with write_transaction():
        run = Run.objects.filter(pk=pk).first()
        if run is not None:
            note_run(run, {"configuration": str(run.configuration)})
            Run.objects.filter(pk=pk).update(configuration=_right_configurations([pk]).get(pk, 0))
    return True


def without_experiment(scope: Scope) -> Iterator[Finding]:
    """Runs whose experiment is not there, so that no page lists them."""
    there = Experiment.objects.filter(pk=OuterRef("experiment_id"))
    for piece in keyset(Run.objects.filter(~Exists(there)).values_list("pk", "run_id", "experiment_id")):
        for pk, run_id, experiment_id in piece:
            yield Finding(
                f"run {run_id}",
                f"its experiment {experiment_id} is not there",
                "--repair moves it to Default.",
                partial(_move_to_default, pk),
            )


def _move_to_default(pk: int) -> bool:
    with write_transaction():
        Experiment.objects.ensure_default()
        run = Run.objects.get(pk=pk)
        note_run(run, {"experiment_id": run.experiment_id})
        Run.objects.filter(pk=pk).update(experiment=0)
    return True


def purging(scope: Scope) -> Iterator[Finding]:
    """Runs and experiments that are being deleted for good. A server goes on with that by itself."""
    runs, experiments = Run.objects.purging().count(), _purging_experiments().count()
    if runs or experiments:
        what = f"{runs} runs and {experiments} experiments are marked, and still take room"
        remedy = "A server goes on deleting them; so does --repair."
        yield Finding("what is deleted for good", what, remedy, _go_on_purging, is_harmless=True)


def _purging_experiments() -> Any:
    return Experiment.objects.filter(lifecycle_stage=LifecycleStage.PURGING)


def _go_on_purging() -> bool:
    sweep()
    return not (Run.objects.purging().exists() or _purging_experiments().exists())


def parents(scope: Scope) -> Iterator[Finding]:
    """Runs that are their own ancestors. Each circle is told once."""
    last = 0
    while piece := _own_ancestors(last):
        for _, run_id in piece:
            circle = _circle(run_id)
            if circle and run_id == circle[0].run_id:
                yield Finding(
                    f"run {run_id}",
                    f"its parents lead back to it: {' → '.join(run.run_id for run in circle)} → {run_id}",
                    f"--repair takes the parent from {_first_of(circle).run_id}, which began first.",
                    partial(_open_circle, run_id),
                )
        last = piece[-1][0]


def _own_ancestors(after: int) -> list[tuple[int, str]]:
    """The next runs that their parents lead back to: (key, run_id)."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN_ANCESTORS, [after, ROWS_A_LOOK])
        return cursor.fetchall()


def _circle(run_id: str) -> list[Run]:
    """The circle of parents that a run is in, from its oldest row on; none when its parents end."""
    seen: list[Run] = []
    above = run_id
    while run := Run.objects.filter(run_id=above).only("run_id", "name", "start_time", "parent_run_id").first():
        if any(run.pk == other.pk for other in seen):
            break
        seen.append(run)
        above = run.parent_run_id or ""
    if not seen or above != run_id:
        return []
    first = seen.index(min(seen, key=lambda run: run.pk))
    return seen[first:] + seen[:first]


def _first_of(circle: list[Run]) -> Run:
    return min(circle, key=lambda run: (run.start_time, run.pk))


def _open_circle(run_id: str) -> bool:
    with write_transaction():
        circle = _circle(run_id)
        if circle:
            first = _first_of(circle)
            note_run(first, {"parent_run_id": first.parent_run_id})
            Run.objects.filter(pk=first.pk).update(parent_run_id=None)
    return True
