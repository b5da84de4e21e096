"""The shapes of runs on the native API."""

from typing import Any

from rest_framework import serializers

from runs import batches
from runs.models import RunStatus
from trackerweb.api import NumberField, StrictSerializer, TextField, TimeField


class ExperimentChoice(StrictSerializer):
    """Names an experiment by `experiment` (its name; made if there is none) or by `experiment_id`."""

    experiment = TextField(required=False)
    experiment_id = serializers.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two answers to one question."""
        if "experiment" in attrs and "experiment_id" in attrs:
            raise serializers.ValidationError({"experiment": "Send experiment or experiment_id, not both."})
        return attrs


class NewRun(ExperimentChoice):
    """What a new run may bring along."""

    name = TextField(required=False, max_length=1000)
    status = serializers.ChoiceField(choices=RunStatus.choices, required=False)
    start_time = TimeField(required=False)
    end_time = TimeField(required=False)
    user = TextField(required=False)
    source_name = TextField(required=False)
    source_type = TextField(required=False)
    entry_point = TextField(required=False)
    git_commit = TextField(required=False)
    parent_run_id = TextField(required=False, allow_null=True, max_length=256)
    note = TextField(required=False)
    environment = serializers.DictField(required=False)
    params = serializers.DictField(child=TextField(), required=False)
    tags = serializers.DictField(child=TextField(), required=False)

    def validate_environment(self, environment: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is nested so deeply that it could not be read back."""
        batches.check_nesting(environment, "environment")
        return environment


class RunChanges(StrictSerializer):
    """What may be changed. A status that ends a run without `end_time` ends it now."""

    name = TextField(required=False, max_length=1000)
    status = serializers.ChoiceField(choices=RunStatus.choices, required=False)
    end_time = TimeField(required=False, allow_null=True)
    note = TextField(required=False)

    def validate_name(self, name: str) -> str:
        """A run has a name."""
        if not name.strip():
            raise serializers.ValidationError("A run needs a name.")
        return name


class MoveTarget(ExperimentChoice):
    """Where to move: one of both is needed."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a move to nowhere."""
        if not attrs.keys() & {"experiment", "experiment_id"}:
            raise serializers.ValidationError({"experiment": "Say where to: experiment (a name) or experiment_id."})
        return super().validate(attrs)


class CopyTarget(ExperimentChoice):
    """What the copy is to be: in the experiment of its origin, and named like it, unless told otherwise."""

    name = TextField(required=False, max_length=1000)
    with_children = serializers.BooleanField(required=False)


class RunIds(StrictSerializer):
    """Runs to change at once."""

    run_ids = serializers.ListField(child=TextField(max_length=256), allow_empty=False, max_length=1000)

    def validate_run_ids(self, run_ids: list[str]) -> list[str]:
        """Refuse an id that comes twice: an index in an error would be in doubt."""
        if len(set(run_ids)) < len(run_ids):
            raise serializers.ValidationError("An id comes twice. Send each once.")
        return run_ids


class BulkMove(RunIds, MoveTarget):
    """Runs, and where to move them."""


class ChangedRuns(serializers.Serializer[Any]):
    """The runs that are not as they were, their descendants with them where these move."""

    run_ids = serializers.ListField(child=serializers.CharField())


class TextValue(StrictSerializer):
    """A value of a param or tag."""

    value = TextField()


class MetricSummary(serializers.Serializer[Any]):
    """A series: NaN and infinities as text."""

    last = NumberField()
    last_step = serializers.IntegerField()
    last_time = serializers.IntegerField()
    min = NumberField()
    min_step = serializers.IntegerField(allow_null=True)
    max = NumberField()
    max_step = serializers.IntegerField(allow_null=True)
    mean = NumberField()
    count = serializers.IntegerField()
    nan_count = serializers.IntegerField()


class RunAnswer(serializers.Serializer[Any]):
    """A run as it is answered."""

    run_id = serializers.CharField()
    experiment_id = serializers.IntegerField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=RunStatus.choices)
    is_stale = serializers.BooleanField()
    failure = serializers.CharField()
    start_time = serializers.IntegerField()
    end_time = serializers.IntegerField(allow_null=True)
    heartbeat_time = serializers.IntegerField()
    lifecycle_stage = serializers.CharField()
    user = serializers.CharField()
    source_name = serializers.CharField()
    source_type = serializers.CharField()
    entry_point = serializers.CharField()
    git_commit = serializers.CharField()
    parent_run_id = serializers.CharField(allow_null=True)
    note = serializers.CharField()
    params = serializers.DictField(child=serializers.CharField())
    tags = serializers.DictField(child=serializers.CharField())
    metrics = serializers.DictField(child=MetricSummary())


class RunDetailAnswer(RunAnswer):
    """A run with what it ran in."""

    environment = serializers.DictField(allow_null=True)


class RunPage(serializers.Serializer[Any]):
    """A page of runs; the cursors are null at the ends."""

    runs = RunAnswer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    previous_cursor = serializers.CharField(allow_null=True)


class SeriesAnswer(serializers.Serializer[Any]):
    """A series in columns. `exact` is false when it was thinned, `by_time` true when its steps are all equal, `inside`
    the number of points in the window where it is known, `x` there when another metric was asked for as an axis.
    """

    run_id = serializers.CharField()
    key = serializers.CharField()
    count = serializers.IntegerField()
    inside = serializers.IntegerField(allow_null=True)
    exact = serializers.BooleanField()
    by_time = serializers.BooleanField()
    steps = serializers.ListField(child=serializers.IntegerField())
    timestamps = serializers.ListField(child=serializers.IntegerField())
    values = serializers.ListField(child=NumberField())
    x = serializers.ListField(child=NumberField(allow_null=True), required=False)


class HistoryAnswer(serializers.Serializer[Any]):
    """Series of the runs and keys asked for; a run without a key has none."""

    series = SeriesAnswer(many=True)


class ReceiptAnswer(serializers.Serializer[Any]):
    """What became of a batch. `applied` is false for one that was stored before; `seq` is where its writer stands."""

    applied = serializers.BooleanField()
    points = serializers.IntegerField()
    seq = serializers.IntegerField(required=False)


class ArtifactAnswer(serializers.Serializer[Any]):
    """A file of a run."""

    path = serializers.CharField()
    is_folder = serializers.BooleanField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    creation_time = serializers.IntegerField()


class ArtifactEntry(serializers.Serializer[Any]):
    """A file or a folder; a folder has `count` files of `size` bytes below it, and no hash, type or time."""

    path = serializers.CharField()
    is_folder = serializers.BooleanField()
    size = serializers.IntegerField()
    count = serializers.IntegerField(required=False)
    sha256 = serializers.CharField(required=False)
    media_type = serializers.CharField(required=False)
    creation_time = serializers.IntegerField(required=False)


class ArtifactPage(serializers.Serializer[Any]):
    """What lies in a folder; `next_name` is null on the last page."""

    path = serializers.CharField()
    artifacts = ArtifactEntry(many=True)
    next_name = serializers.CharField(allow_null=True)


class DeletedAnswer(serializers.Serializer[Any]):
    """How many files went."""

    deleted = serializers.IntegerField()


class BlobAnswer(serializers.Serializer[Any]):
    """Content that the server has."""

    sha256 = serializers.CharField()
    size = serializers.IntegerField()
