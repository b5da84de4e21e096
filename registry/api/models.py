"""Models on the native API: what a client logs, one call after another, each safe to send again."""

from http import HTTPStatus

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.models import Experiment
from registry.api.serializers import READY, ModelChanges, ModelPage, ModelSerializer, PutModel
from registry.creating import put_model
from registry.models import LoggedModel, ModelStatus
from registry.search import logged as searching
from runs.api.artifacts import (
    LISTED_BY,
    PUT_WITH,
    answer_content,
    answer_folder,
    asked_folder,
    store_content,
)
from runs.api.serializers import ArtifactAnswer, ArtifactPage, DeletedAnswer
from runs.artifacts import store
from trackerweb.api import INT64_MAX, whole_number, whole_numbers
from trackerweb.transactions import write_transaction


def answer(model: LoggedModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """One model."""
    return Response(ModelSerializer(LoggedModel.objects.with_all().get(pk=model.pk)).data, status=status)


class ModelList(APIView):
    """`models/`."""

    @extend_schema(
        operation_id="models_list",
        parameters=[
            OpenApiParameter("experiment", int, many=True, description="an experiment's id; all when left out"),
            OpenApiParameter("filter", description="such as metrics.accuracy > 0.9"),
            OpenApiParameter("limit", int, description="1 to 1000; 100 is the default"),
            OpenApiParameter("cursor", description="next_cursor of the page before"),
        ],
        responses=ModelPage,
    )
    def get(self, request: Request) -> Response:
        """Models that meet a filter, newest first."""
        experiments = whole_numbers(request, "experiment", 0, INT64_MAX) or list(
            Experiment.objects.active().values_list("pk", flat=True)
        )
        limit = whole_number(request, "limit", 100, 1, 1000) or 100
        query = request.query_params
        page = searching.search(experiments, query.get("filter", ""), cursor=query.get("cursor"), size=limit)
        return Response({"models": ModelSerializer(page.items, many=True).data, "next_cursor": page.next_cursor})


class ModelDetail(APIView):
    """`models/{model_id}/`."""

    @extend_schema(operation_id="models_get", responses=ModelSerializer)
    def get(self, request: Request, model_id: str) -> Response:
        """One model, trashed or not."""
        return answer(LoggedModel.objects.by_id(model_id))

    @extend_schema(operation_id="models_put", request=PutModel, responses={200: ModelSerializer, 201: ModelSerializer})
    def put(self, request: Request, model_id: str) -> Response:
        """Make a model whose id the client made, or confirm it. Its files follow, then `status` READY."""
        serializer = PutModel(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        home = fields.pop("experiment_id", None)
        experiment = None if home is None else Experiment.objects.by_id(home)
        model, made = put_model(model_id, experiment=experiment, **fields)
        return answer(model, HTTPStatus.CREATED if made else HTTPStatus.OK)

    @extend_schema(operation_id="models_change", request=ModelChanges, responses=ModelSerializer)
    def patch(self, request: Request, model_id: str) -> Response:
        """Say that its files are all there, or that they never will be; set tags."""
        serializer = ModelChanges(data=request.data)
        serializer.is_valid(raise_exception=True)
        model = LoggedModel.objects.by_id(model_id)
        with write_transaction():
            if "status" in serializer.validated_data:
                is_ready = serializer.validated_data["status"] == READY
                model.finalize(ModelStatus.READY if is_ready else ModelStatus.FAILED)
            model.set_tags(serializer.validated_data.get("tags", {}))
        return answer(model)

    @extend_schema(operation_id="models_trash", responses=ModelSerializer)
    def delete(self, request: Request, model_id: str) -> Response:
        """Move it to the trash."""
        model = LoggedModel.objects.by_id(model_id)
        model.trash()
        return answer(model)


class ModelRestore(APIView):
    """`models/{model_id}/restore/`."""

    @extend_schema(operation_id="models_restore", request=None, responses=ModelSerializer)
    def post(self, request: Request, model_id: str) -> Response:
        """Take it back out of the trash."""
        model = LoggedModel.objects.by_id(model_id)
        model.restore()
        return answer(model)


class ModelFiles(APIView):
    """`models/{model_id}/artifacts/`."""

    @extend_schema(operation_id="model_artifacts_list", parameters=LISTED_BY, responses=ArtifactPage)
    def get(self, request: Request, model_id: str) -> Response:
        """What lies directly in a folder of a model, by name."""
        folder = asked_folder(request)
        return answer_folder(request, LoggedModel.objects.by_id(model_id), folder)


class ModelFileDetail(APIView):
    """`models/{model_id}/artifacts/{path}`."""

    @extend_schema(
        operation_id="model_artifacts_get", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, model_id: str, path: str) -> HttpResponseBase:
        """The content of a file, whole or in part."""
        return answer_content(request, LoggedModel.objects.by_id(model_id), path)

    @extend_schema(
        operation_id="model_artifacts_put",
        parameters=PUT_WITH,
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={200: ArtifactAnswer, 201: ArtifactAnswer},
    )
    def put(self, request: Request, model_id: str, path: str) -> Response:
        """Store the body as a file of the model, in place of the one that had its path. All of it, or nothing."""
        return store_content(request, LoggedModel.objects.by_id(model_id), path)

    @extend_schema(operation_id="model_artifacts_delete", responses=DeletedAnswer)
    def delete(self, request: Request, model_id: str, path: str) -> Response:
        """Delete a file, or a folder with all below it."""
        return Response({"deleted": store.delete(LoggedModel.objects.by_id(model_id), path)})
