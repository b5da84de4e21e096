"""What is logged to a run: params, tags, series with their points, console. Written by runs/ingest.py alone; what a
person corrects later is in runs/correcting.py.
"""

from django.db import models
from django.db.models.functions import Left

from runs.models.run import Run
from runs.querysets import MetricQuerySet

#: PostgreSQL refuses long index rows, so indexes hold the head of a text and a search checks the whole again.
INDEXED_CHARACTERS = 200


class Param(models.Model):
    """What a run was given: written once. `number` is the value as a number, where it is one."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="params", db_index=False)
    key = models.TextField()
    value = models.TextField()
    number = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="param_run_key")]
        indexes = [
            models.Index(models.F("key"), Left("value", INDEXED_CHARACTERS), models.F("run"), name="param_search"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Tag(models.Model):
    """A word on a run; the last value wins."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="tags", db_index=False)
    key = models.TextField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="tag_run_key")]
        indexes = [
            models.Index(models.F("key"), Left("value", INDEXED_CHARACTERS), models.F("run"), name="tag_search"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Metric(models.Model):
    """One series of a run, with its summary kept on write (runs/summary.py).

    `last` is the value of the last point by (step, timestamp, value); NULL means NaN. `min`, `max` and `mean` pass over
    NaN, and are NULL where nothing else was logged. `exact_sum` holds what the mean is made of.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="metrics", db_index=False)
    key = models.TextField()
    last = models.FloatField(null=True)
    last_step = models.BigIntegerField(null=True)
    last_time = models.BigIntegerField(null=True)
    min = models.FloatField(null=True)
    min_step = models.BigIntegerField(null=True)
    max = models.FloatField(null=True)
    max_step = models.BigIntegerField(null=True)
    mean = models.FloatField(null=True)
    count = models.BigIntegerField(default=0)
    nan_count = models.BigIntegerField(default=0)
    exact_sum = models.BinaryField(null=True)

    objects = MetricQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="metric_run_key")]
        indexes = [models.Index(fields=["key", "last", "run"], name="metric_search")]

    def __str__(self) -> str:
        return self.key


class MetricPoint(models.Model):
    """One value of a series. The whole row is its key: an identical point sent again is the same point.

    NaN is stored as 0 with `is_nan`, for SQLite would bind it as NULL and then drop the row.
    """

    pk = models.CompositePrimaryKey("series", "step", "timestamp", "value", "is_nan")
    series = models.ForeignKey(Metric, models.DO_NOTHING, related_name="points", db_index=False, db_constraint=False)
    step = models.BigIntegerField()
    timestamp = models.BigIntegerField()
    value = models.FloatField()
    is_nan = models.BooleanField()


class MetricBucket(models.Model):
    """A node of the tree that thins a long series (runs/thinning.py): the points kept of one range of steps.

    `level` is the binary logarithm of the range's width, `bucket` its place; `by_time` ranges over timestamps instead.
    `points` packs the kept points, `count` tells how many there are in all, `is_split` whether narrower nodes exist.
    """

    pk = models.CompositePrimaryKey("series", "by_time", "level", "bucket")
    series = models.ForeignKey(Metric, models.DO_NOTHING, related_name="buckets", db_index=False, db_constraint=False)
    by_time = models.BooleanField()
    level = models.SmallIntegerField()
    bucket = models.BigIntegerField()
    count = models.BigIntegerField()
    is_split = models.BooleanField()
    points = models.BinaryField()


class WriterMark(models.Model):
    """The highest batch number of one client process that is stored for a run: a batch up to it is a replay."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="writer_marks", db_index=False)
    writer = models.CharField(max_length=64)
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "writer"], name="writer_mark_run_writer")]


class ConsoleChunk(models.Model):
    """A piece of what a run printed. `offset` counts characters from the start of its stream."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="console", db_index=False)
    stream = models.CharField(max_length=6, choices=[("stdout", "stdout"), ("stderr", "stderr")])
    offset = models.BigIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "stream", "offset"], name="console_run_stream_offset")]
