"""The shapes of models, registered models and versions on the native API."""

import math
from typing import Any

from rest_framework import serializers

from registry.models import AliasMove, LoggedModel, ModelMetric, ModelVersion, RegisteredModel, Stage
from trackerweb.api import INT64_MAX, NumberField, StrictSerializer, TextField
from trackerweb.json import speakable_number

READY, FAILED = "READY", "FAILED"


class TextsField(serializers.DictField):
    """Texts by key."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=TextField(), **options)


class SpokenField(NumberField):
    """A number, NULL being NaN."""

    def get_attribute(self, metric: ModelMetric) -> float:
        """The number."""
        return math.nan if metric.value is None else metric.value

    def to_representation(self, value: Any) -> Any:
        """The number; what JSON can't hold is spelled out."""
        return speakable_number(value)


class ScoreSerializer(serializers.ModelSerializer[ModelMetric]):
    """How well a model did, on which data."""

    value = SpokenField()
    run_id = serializers.CharField(source="run.run_id")

    class Meta:
        model = ModelMetric
        fields = ["key", "value", "step", "timestamp", "run_id", "dataset_name", "dataset_digest"]


class ModelSerializer(serializers.ModelSerializer[LoggedModel]):
    """A model as it is answered."""

    experiment_id = serializers.IntegerField()
    params = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    metrics = ScoreSerializer(many=True)

    class Meta:
        model = LoggedModel
        fields = [
            "model_id", "name", "experiment_id", "model_type", "source_run_id", "status", "lifecycle_stage",
            "creation_time", "last_update_time", "artifact_bytes", "params", "tags", "metrics",
        ]  # fmt: skip

    def get_params(self, model: LoggedModel) -> dict[str, str]:
        """What it was made with."""
        return {param.key: param.value for param in model.params.all()}

    def get_tags(self, model: LoggedModel) -> dict[str, str]:
        """Its tags."""
        return {tag.key: tag.value for tag in model.tags.all()}


class ModelPage(serializers.Serializer[Any]):
    """A page of models."""

    models = ModelSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class PutModel(StrictSerializer):
    """What a model may be made with; all may be left out."""

    name = TextField(required=False)
    model_type = TextField(required=False)
    source_run_id = TextField(required=False)
    experiment_id = serializers.IntegerField(required=False, min_value=0, max_value=INT64_MAX)
    params = TextsField(required=False)
    tags = TextsField(required=False)
    step = serializers.IntegerField(required=False, min_value=-INT64_MAX, max_value=INT64_MAX)


class ModelChanges(StrictSerializer):
    """What may be changed."""

    status = serializers.ChoiceField(choices=[READY, FAILED], required=False)
    tags = TextsField(required=False)


class VersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """A version as it is answered."""

    name = serializers.CharField(source="registered_model.name")
    tags = serializers.SerializerMethodField()
    aliases = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = [
            "name", "version", "source", "storage_location", "run_id", "model_id", "run_link", "description", "user",
            "stage", "status", "status_message", "lifecycle_stage", "creation_time", "last_update_time", "tags",
            "aliases", "uri",
        ]  # fmt: skip

    def get_tags(self, version: ModelVersion) -> dict[str, str]:
        """Its tags."""
        return {tag.key: tag.value for tag in version.tags.all()}

    def get_aliases(self, version: ModelVersion) -> list[str]:
        """The words that lead to it."""
        return [alias.alias for alias in version.aliases.all()]


class VersionPage(serializers.Serializer[Any]):
    """A page of versions."""

    versions = VersionSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class NewVersion(StrictSerializer):
    """What a version is made of."""

    source = TextField()  # type: ignore[assignment]  # a field of ours, and not the attribute of all fields
    run_id = TextField(required=False)
    model_id = TextField(required=False)
    run_link = TextField(required=False)
    description = TextField(required=False)
    tags = TextsField(required=False)


class RegisterModel(StrictSerializer):
    """Aliases to lead to the version."""

    aliases = serializers.ListField(child=TextField(), required=False)


class VersionChanges(StrictSerializer):
    """What may be changed. `archive_others` archives what was in the stage before."""

    description = TextField(required=False)
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)
    archive_others = serializers.BooleanField(required=False)
    tags = TextsField(required=False)


class RegisteredModelSerializer(serializers.ModelSerializer[RegisteredModel]):
    """A registered model as it is answered."""

    tags = serializers.SerializerMethodField()
    aliases = serializers.SerializerMethodField()

    class Meta:
        model = RegisteredModel
        fields = [
            "id",
            "name",
            "description",
            "lifecycle_stage",
            "creation_time",
            "last_update_time",
            "tags",
            "aliases",
        ]

    def get_tags(self, model: RegisteredModel) -> dict[str, str]:
        """Its tags."""
        return {tag.key: tag.value for tag in model.tags.all()}

    def get_aliases(self, model: RegisteredModel) -> dict[str, int]:
        """The version that each alias leads to."""
        return {alias.alias: alias.model_version.version for alias in model.aliases.all()}


class RegisteredModelPage(serializers.Serializer[Any]):
    """A page of registered models."""

    registered_models = RegisteredModelSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class RegisteredModelChanges(StrictSerializer):
    """What may be changed."""

    name = TextField(required=False)
    description = TextField(required=False)
    tags = TextsField(required=False)


class NewRegisteredModel(RegisteredModelChanges):
    """What a new one is called, and may bring along."""

    name = TextField()


class AliasTarget(StrictSerializer):
    """The version that an alias is to lead to."""

    version = serializers.IntegerField(min_value=1, max_value=INT64_MAX)


class AliasMoveSerializer(serializers.ModelSerializer[AliasMove]):
    """An alias came to lead elsewhere; null is nowhere."""

    class Meta:
        model = AliasMove
        fields = ["alias", "before", "after", "time", "who"]


class AliasMovePage(serializers.Serializer[Any]):
    """The newest moves first."""

    moves = AliasMoveSerializer(many=True)
