"""The shapes of experiments on the native API."""

from typing import Any

from rest_framework import serializers

from experiments.models import AuditEntry, Direction, Experiment
from experiments.querysets import check_tag
from trackerweb.api import StrictSerializer, TextField


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    """An experiment as it is answered."""

    experiment_id = serializers.IntegerField(source="pk")
    tags = serializers.SerializerMethodField()

    class Meta:
        model = Experiment
        fields = [
            "experiment_id", "name", "note", "artifact_location", "lifecycle_stage", "creation_time",
            "last_update_time", "primary_metric", "primary_direction", "tags",
        ]  # fmt: skip

    def get_tags(self, experiment: Experiment) -> dict[str, str]:
        """Its tags by key. Prefetched by the caller where there are many experiments."""
        return {tag.key: tag.value for tag in experiment.tags.all()}


class ExperimentChanges(StrictSerializer):
    """What may be changed."""

    name = TextField(required=False)
    note = TextField(required=False)
    primary_metric = TextField(required=False)
    primary_direction = serializers.ChoiceField(choices=Direction.choices, required=False, allow_blank=True)
    tags = serializers.DictField(child=TextField(), required=False)

    def validate_tags(self, tags: dict[str, str]) -> dict[str, str]:
        """Refuse keys that no page could show."""
        for key in tags:
            check_tag(key)
        return tags


class NewExperiment(ExperimentChanges):
    """What a new one may bring along."""

    name = TextField()
    artifact_location = TextField(required=False)


class NewName(StrictSerializer):
    """A name to restore it under; its own when left out."""

    name = TextField(required=False)


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One change; `before` holds the values that were replaced."""

    before = serializers.DictField()

    class Meta:
        model = AuditEntry
        fields = ["time", "who", "action", "kind", "object_id", "name", "before"]


class AuditPage(serializers.Serializer[Any]):
    """A page of the audit trail; `next_cursor` is null on the last one."""

    entries = AuditEntrySerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class ExperimentPage(serializers.Serializer[Any]):
    """A page of experiments; `next_cursor` is null on the last one."""

    experiments = ExperimentSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
