"""The trash on the native API: what would go for good, and letting it go."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from runs import purging
from runs.purging import Purge
from trackerweb.api import INT64_MAX, StrictSerializer, TextField

MAX_CHOSEN = 10_000


class PurgeRequest(StrictSerializer):
    """Runs and experiments by id, or all that was trashed `older_than_days` ago. Without `confirm` it is a preview."""

    run_ids = serializers.ListField(child=TextField(max_length=256), required=False, max_length=MAX_CHOSEN)
    experiment_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=INT64_MAX), required=False, max_length=MAX_CHOSEN
    )
    older_than_days = serializers.FloatField(required=False, min_value=0, max_value=100_000)
    confirm = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what names nothing, and two ways of naming at once."""
        by_id = bool(attrs.get("run_ids") or attrs.get("experiment_ids"))
        if by_id == ("older_than_days" in attrs):
            raise serializers.ValidationError("Send run_ids and experiment_ids, or older_than_days.")
        return attrs


class PurgeAnswer(serializers.Serializer[Any]):
    """What goes, or would go: `artifact_bytes` are those of files that only it has, `row_bytes` an estimate."""

    experiments = serializers.IntegerField()
    runs = serializers.IntegerField()
    points = serializers.IntegerField()
    artifacts = serializers.IntegerField()
    artifact_bytes = serializers.IntegerField()
    row_bytes = serializers.IntegerField()
    confirmed = serializers.BooleanField()


class TrashPurge(APIView):
    """`trash/purge/`."""

    @extend_schema(operation_id="trash_purge", request=PurgeRequest, responses=PurgeAnswer)
    def post(self, request: Request) -> Response:
        """Say what of the trash would be deleted for good; with `confirm`, delete it. Nothing else is touched."""
        serializer = PurgeRequest(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted: dict[str, Any] = serializer.validated_data
        chosen = _chosen(wanted)
        preview = chosen.preview()
        if wanted["confirm"]:
            chosen.mark()
            purging.sweep_soon()
        return Response(asdict(preview) | {"confirmed": wanted["confirm"]})


def _chosen(wanted: dict[str, Any]) -> Purge:
    if "older_than_days" in wanted:
        return Purge.trashed_before(purging.days_ago(wanted["older_than_days"]))
    return Purge.of(wanted.get("run_ids", ()), wanted.get("experiment_ids", ()))
