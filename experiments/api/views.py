"""Native API of experiments: check the shape, call the model, answer."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.api.serializers import (
    AuditEntrySerializer,
    AuditPage,
    ExperimentChanges,
    ExperimentPage,
    ExperimentSerializer,
    NewExperiment,
    NewName,
)
from experiments.models import AuditEntry, Experiment
from trackerweb.api import INT64_MAX, whole_number
from trackerweb.errors import InvalidValue, NotFound
from trackerweb.lifecycle import LifecycleStage
from trackerweb.transactions import write_transaction

STAGES = {
    "active": [LifecycleStage.ACTIVE],
    "deleted": [LifecycleStage.DELETED],
    "all": [LifecycleStage.ACTIVE, LifecycleStage.DELETED],
}


def answer(experiment: Experiment, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """One experiment."""
    return Response(ExperimentSerializer(experiment).data, status=status)


class ExperimentList(APIView):
    """`experiments/`."""

    @extend_schema(
        operation_id="experiments_list",
        parameters=[
            OpenApiParameter("stage", enum=list(STAGES), description="active is the default"),
            OpenApiParameter("limit", int, description="1 to 1000; 100 is the default"),
            OpenApiParameter("cursor", int, description="next_cursor of the page before"),
        ],
        responses=ExperimentPage,
    )
    def get(self, request: Request) -> Response:
        """List experiments, newest first."""
        stage = request.query_params.get("stage") or "active"
        if stage not in STAGES:
            raise InvalidValue(f"stage={stage[:40]!r} is not known. Use active, deleted or all.", field="stage")
        limit = whole_number(request, "limit", 100, 1, 1000) or 100
        cursor = whole_number(request, "cursor", INT64_MAX, 0, INT64_MAX)
        found = Experiment.objects.filter(lifecycle_stage__in=STAGES[stage], pk__lte=cursor).prefetch_related("tags")
        page = list(found.order_by("-pk")[: limit + 1])
        next_cursor = str(page[limit].pk) if len(page) > limit else None
        return Response({"experiments": ExperimentSerializer(page[:limit], many=True).data, "next_cursor": next_cursor})

    @extend_schema(operation_id="experiments_create", request=NewExperiment, responses={201: ExperimentSerializer})
    def post(self, request: Request) -> Response:
        """Make an experiment; 409 when an active one has its name."""
        serializer = NewExperiment(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        tags = fields.pop("tags", {})
        with write_transaction():
            experiment = Experiment.objects.add(**fields)
            experiment.store_tags(tags)
        return answer(experiment, HTTPStatus.CREATED)


class ExperimentByName(APIView):
    """`experiments/by-name/{name}/`."""

    @extend_schema(operation_id="experiments_by_name", responses=ExperimentSerializer)
    def get(self, request: Request, name: str) -> Response:
        """The active experiment of that name."""
        experiment = Experiment.objects.named(name)
        if experiment is None:
            raise NotFound(f"No active experiment is named {name!r}. PUT to this address makes it.", field="name")
        return answer(experiment)

    @extend_schema(
        operation_id="experiments_get_or_create",
        request=None,
        responses={200: ExperimentSerializer, 201: ExperimentSerializer},
    )
    def put(self, request: Request, name: str) -> Response:
        """Get the active experiment of that name, made if there is none: 201 then. Sent twice, one experiment."""
        experiment, made = Experiment.objects.get_or_add(name)
        return answer(experiment, HTTPStatus.CREATED if made else HTTPStatus.OK)


class ExperimentDetail(APIView):
    """`experiments/{id}/`."""

    @extend_schema(operation_id="experiments_get", responses=ExperimentSerializer)
    def get(self, request: Request, experiment_id: int) -> Response:
        """One experiment, trashed or not."""
        return answer(Experiment.objects.by_id(experiment_id))

    @extend_schema(operation_id="experiments_change", request=ExperimentChanges, responses=ExperimentSerializer)
    def patch(self, request: Request, experiment_id: int) -> Response:
        """Change what the body names. In the trash only the name, which may be in the way of restoring it."""
        serializer = ExperimentChanges(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        tags = fields.pop("tags", {})
        with write_transaction():
            experiment = Experiment.objects.by_id(experiment_id)
            if tags or fields.keys() - {"name"}:
                experiment.require_active()
            experiment.change(**fields)
            experiment.set_tags(tags)
        return answer(experiment)

    @extend_schema(operation_id="experiments_trash", responses=ExperimentSerializer)
    def delete(self, request: Request, experiment_id: int) -> Response:
        """Move it and its runs to the trash; its name is free at once."""
        experiment = Experiment.objects.by_id(experiment_id)
        experiment.trash()
        return answer(experiment)


class ExperimentTagDetail(APIView):
    """`experiments/{id}/tags/{key}/`."""

    @extend_schema(operation_id="experiments_delete_tag", responses=ExperimentSerializer)
    def delete(self, request: Request, experiment_id: int, key: str) -> Response:
        """Remove a tag; fine if there is none. `PATCH experiments/{id}/` sets tags."""
        with write_transaction():
            experiment = Experiment.objects.by_id(experiment_id)
            experiment.require_active()
            experiment.delete_tag(key)
        return answer(experiment)


class ExperimentRestore(APIView):
    """`experiments/{id}/restore/`."""

    @extend_schema(operation_id="experiments_restore", request=NewName, responses=ExperimentSerializer)
    def post(self, request: Request, experiment_id: int) -> Response:
        """Take it and the runs that went with it out of the trash; 409 when its name (or the new `name`) is taken."""
        serializer = NewName(data=request.data)
        serializer.is_valid(raise_exception=True)
        experiment = Experiment.objects.by_id(experiment_id)
        experiment.restore(serializer.validated_data.get("name"))
        return answer(experiment)


class AuditList(APIView):
    """`audit/`."""

    @extend_schema(
        operation_id="audit_list",
        parameters=[
            OpenApiParameter("kind", description="such as run or experiment; all when left out"),
            OpenApiParameter("object", description="a run id, or an experiment's id; all when left out"),
            OpenApiParameter("limit", int, description="1 to 1000; 100 is the default"),
            OpenApiParameter("cursor", int, description="next_cursor of the page before"),
        ],
        responses=AuditPage,
    )
    def get(self, request: Request) -> Response:
        """The audit trail, newest first: who changed what when, and what was there before."""
        query = request.query_params
        limit = whole_number(request, "limit", 100, 1, 1000) or 100
        cursor = whole_number(request, "cursor", None, 0, INT64_MAX)
        page = AuditEntry.objects.page(query.get("kind", ""), query.get("object", ""), cursor, limit)
        entries = AuditEntrySerializer(page.entries, many=True).data
        return Response({"entries": entries, "next_cursor": page.next_cursor and str(page.next_cursor)})
