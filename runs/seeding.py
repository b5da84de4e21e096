"""Fills an experiment with runs like those of a large sweep, as fast as the database takes rows: for measuring and for
looking at a full table. It writes rows as runs/ingest.py would, past its checks.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection

from experiments.models import Experiment
from runs import configurations, ingest, points
from runs.models import Run
from runs.summary import Summary
from trackerweb import sqlite
from trackerweb.clock import now_ms
from trackerweb.transactions import write_transaction

RUNS_AT_ONCE = 1000
_CHOICES = {
    "model": ("resnet18", "resnet34", "vit-s", "mlp"),
    "optimizer": ("sgd", "adam", "adamw"),
    "lr": ("0.3", "0.1", "0.03", "0.01", "0.003", "0.001"),
    "batch_size": ("64", "128", "256"),
    "dropout": ("0", "0.1", "0.2"),
    "schedule": ("cosine", "step", "constant"),
}
_SEEDS = 5
_METRICS = ("val/accuracy", "val/loss", "train/loss", "val/f1")
_TEAMS = ("vision", "speech", "ranking")
_STATUSES = ("FINISHED",) * 17 + ("FAILED", "KILLED", "FINISHED")


@dataclass(frozen=True)
class Size:
    """How much to make; `points` is of each metric."""

    runs: int
    params: int = 20
    metrics: int = 10
    tags: int = 5
    points: int = 1


@dataclass(frozen=True)
class _Run:
    """What is made of one run."""

    number: int
    start_time: int
    params: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, list[float]]


def seed(experiment: Experiment, size: Size, progress: Callable[[int], object] = lambda done: None) -> None:
    """Add runs to an experiment. The same size makes the same params and values, whenever it is made."""
    made = _runs(size, now_ms())
    for _ in range(0, size.runs, RUNS_AT_ONCE):
        piece = list(islice(made, RUNS_AT_ONCE))
        with write_transaction():
            _store(experiment, piece)
        progress(len(piece))
    sqlite.learn_sizes()


def _runs(size: Size, now: int) -> Iterator[_Run]:
    chance = random.Random(7)  # noqa: S311 - not for secrets
    for number in range(size.runs):
        params = {key: chance.choice(values) for key, values in _CHOICES.items()}
        params["seed"] = str(number % _SEEDS + 1)
        params |= {f"option_{place}": str(number * (place + 7) % 50) for place in range(size.params - len(params))}
        keys = [*_METRICS, *(f"metric_{place}" for place in range(size.metrics))][: size.metrics]
        yield _Run(
            number,
            now - (size.runs - number) * 60_000,
            dict(list(params.items())[: size.params]),
            {"team": chance.choice(_TEAMS)}
            | {f"tag_{place}": f"v{number % (place + 9)}" for place in range(size.tags - 1)},
            {key: _curve(chance, "loss" in key, size.points) for key in keys},
        )


def _tags(chance: random.Random, number: int, count: int) -> dict[str, str]:
    tags = {"team": chance.choice(_TEAMS)}
    return tags | {f"tag_{place}": f"v{number % (place + 9)}" for place in range(count - 1)}


def _name(run: _Run) -> str:
    params = run.params
    return f"{params.get('model', 'run')}-lr{params.get('lr', '')}-s{params.get('seed', '')}-{run.number}"


def _curve(chance: random.Random, falls: bool, count: int) -> list[float]:
    """Values that come nearer to their end, with some noise."""
    end, noise = chance.uniform(0.01, 0.4), 0.02
    ways = [end + 0.6 * (1 - (step + 1) / count) ** 2 + chance.gauss(0, noise) * 0.1 for step in range(count)]
    return ways if falls else [1 - way for way in ways]


def _store(experiment: Experiment, piece: Sequence[_Run]) -> None:
    rows = Run.objects.bulk_create(
        Run(
            run_id=uuid.uuid4().hex,
            experiment=experiment,
            name=_name(run),
            status=_STATUSES[run.number % len(_STATUSES)],
            start_time=run.start_time,
            end_time=run.start_time + 60_000 + run.number % 3_000_000,
            heartbeat_time=run.start_time + 60_000,
            user="seed",
            source_name="train.py",
            point_count=sum(map(len, run.metrics.values())),
            configuration=configurations.number_of(run.params.items()),
        )
        for run in piece
    )
    pairs = list(zip(rows, piece, strict=True))
    _insert("runs_param", ("run_id", "key", "value", "number"), (
        (row.pk, key, value, ingest.as_number(value)) for row, run in pairs for key, value in run.params.items()
    ))  # fmt: skip
    _insert("runs_tag", ("run_id", "key", "value"), (
        (row.pk, key, value) for row, run in pairs for key, value in run.tags.items()
    ))  # fmt: skip
    _store_series(pairs)


def _store_series(pairs: Sequence[tuple[Run, _Run]]) -> None:
    _insert("runs_metric", ("run_id", "key", "count", "nan_count"), (
        (row.pk, key, 0, 0) for row, run in pairs for key in run.metrics
    ))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, run_id, key FROM runs_metric WHERE run_id >= %s", [pairs[0][0].pk])
        series = {(run, key): pk for pk, run, key in cursor.fetchall()}
    logged = {
        series[row.pk, key]: [(step, run.start_time + 1000 * step, value, False) for step, value in enumerate(values)]
        for row, run in pairs
        for key, values in run.metrics.items()
    }
    points.insert_many([(pk, *row) for pk, rows in logged.items() for row in rows])
    ingest.write_summaries([(pk, _summary(rows)) for pk, rows in logged.items()])


def _summary(rows: list[points.Row]) -> Summary:
    made = Summary()
    made.add(rows)
    return made


def _insert(table: str, columns: Sequence[str], rows: Iterable[Any]) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(rows))
