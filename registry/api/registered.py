"""Registered models, their versions and aliases on the native API."""

from http import HTTPStatus

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from registry import registering, sources
from registry.api.serializers import (
    AliasMovePage,
    AliasMoveSerializer,
    AliasTarget,
    NewRegisteredModel,
    NewVersion,
    RegisteredModelChanges,
    RegisteredModelPage,
    RegisteredModelSerializer,
    RegisterModel,
    VersionChanges,
    VersionPage,
    VersionSerializer,
)
from registry.models import LoggedModel, ModelAlias, ModelVersion, RegisteredModel, Stage
from registry.names import LATEST
from registry.places import Place
from registry.search import registered as searching
from runs.api.artifacts import LISTED_BY, answer_content, answer_folder, asked_folder
from runs.api.serializers import ArtifactPage
from runs.paging import page_along
from trackerweb.api import whole_number
from trackerweb.errors import NotFound
from trackerweb.transactions import write_transaction

MOVES = 1000
_SEARCHED_BY = [
    OpenApiParameter("filter", description="such as name LIKE 'iris%' AND tags.team = 'red'"),
    OpenApiParameter("order_by", many=True, description="such as last_updated_timestamp DESC"),
    OpenApiParameter("limit", int, description="1 to 1000; 100 is the default"),
    OpenApiParameter("cursor", description="next_cursor of the page before"),
]


def answer(model: RegisteredModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """One registered model."""
    found = RegisteredModel.objects.with_all().get(pk=model.pk)
    return Response(RegisteredModelSerializer(found).data, status=status)


def answer_version(version: ModelVersion, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """One version."""
    return Response(VersionSerializer(ModelVersion.objects.with_all().get(pk=version.pk)).data, status=status)


class RegisteredModelList(APIView):
    """`registered-models/`."""

    @extend_schema(operation_id="registered_models_list", parameters=_SEARCHED_BY, responses=RegisteredModelPage)
    def get(self, request: Request) -> Response:
        """Registered models that meet a filter, by name."""
        query = request.query_params
        found, columns = searching.models(query.get("filter", ""), query.getlist("order_by"))
        limit = whole_number(request, "limit", 100, 1, 1000) or 100
        page = page_along(found.with_all(), columns, query.get("cursor"), limit)
        told = RegisteredModelSerializer(page.items, many=True).data
        return Response({"registered_models": told, "next_cursor": page.next_cursor})

    @extend_schema(
        operation_id="registered_models_create", request=NewRegisteredModel, responses={201: RegisteredModelSerializer}
    )
    def post(self, request: Request) -> Response:
        """Make one; 409 when an active one has its name."""
        serializer = NewRegisteredModel(data=request.data)
        serializer.is_valid(raise_exception=True)
        return answer(RegisteredModel.objects.add(**serializer.validated_data), HTTPStatus.CREATED)


class RegisteredModelDetail(APIView):
    """`registered-models/{name}/`."""

    @extend_schema(operation_id="registered_models_get", responses=RegisteredModelSerializer)
    def get(self, request: Request, name: str) -> Response:
        """The active one of that name."""
        return answer(RegisteredModel.objects.named(name))

    @extend_schema(
        operation_id="registered_models_change", request=RegisteredModelChanges, responses=RegisteredModelSerializer
    )
    def patch(self, request: Request, name: str) -> Response:
        """Change what the body names."""
        serializer = RegisteredModelChanges(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        tags, new_name = fields.pop("tags", {}), fields.pop("name", name)
        with write_transaction():
            model = RegisteredModel.objects.named(name)
            model.change(**fields)
            model.set_tags(tags)
            if new_name != name:
                model.rename(new_name)
        return answer(model)

    @extend_schema(operation_id="registered_models_trash", responses=RegisteredModelSerializer)
    def delete(self, request: Request, name: str) -> Response:
        """Move it to the trash with its versions; its name is free at once."""
        model = RegisteredModel.objects.named(name)
        model.trash()
        return answer(model)


class LatestVersion(APIView):
    """`registered-models/{name}/latest/`."""

    @extend_schema(
        operation_id="registered_models_latest",
        parameters=[OpenApiParameter("stage", description="such as Production; any when left out")],
        responses=VersionSerializer,
    )
    def get(self, request: Request, name: str) -> Response:
        """Its newest version."""
        stage = request.query_params.get("stage", "")
        return answer_version(RegisteredModel.objects.named(name).newest(Stage.said(stage) if stage else None))


class VersionList(APIView):
    """`registered-models/{name}/versions/`."""

    @extend_schema(operation_id="model_versions_list", parameters=_SEARCHED_BY, responses=VersionPage)
    def get(self, request: Request, name: str) -> Response:
        """Versions that meet a filter, the newest first."""
        query = request.query_params
        orders = query.getlist("order_by") or ["version_number DESC"]
        found, columns = searching.versions(query.get("filter", ""), orders)
        mine = found.filter(registered_model=RegisteredModel.objects.named(name))
        limit = whole_number(request, "limit", 100, 1, 1000) or 100
        page = page_along(mine.with_all(), columns, query.get("cursor"), limit)
        return Response({"versions": VersionSerializer(page.items, many=True).data, "next_cursor": page.next_cursor})

    @extend_schema(operation_id="model_versions_create", request=NewVersion, responses={201: VersionSerializer})
    def post(self, request: Request, name: str) -> Response:
        """Make a version of files that lie at an address: models:/…, runs:/…, or another store's."""
        serializer = NewVersion(data=request.data)
        serializer.is_valid(raise_exception=True)
        return answer_version(registering.register(name, **serializer.validated_data), HTTPStatus.CREATED)


class VersionOfModel(APIView):
    """`registered-models/{name}/versions/of/{model_id}/`."""

    @extend_schema(operation_id="model_versions_put", request=RegisterModel, responses=VersionSerializer)
    def put(self, request: Request, name: str, model_id: str) -> Response:
        """The version that is made of a model: made now unless it is there, and so is the name. Sent twice, one."""
        serializer = RegisterModel(data=request.data)
        serializer.is_valid(raise_exception=True)
        with write_transaction():
            version = registering.register_model(name, LoggedModel.objects.by_id(model_id))
            for alias in serializer.validated_data.get("aliases", []):
                ModelAlias.point(alias, version)
        return answer_version(version)


class VersionDetail(APIView):
    """`registered-models/{name}/versions/{version}/`."""

    @extend_schema(operation_id="model_versions_get", responses=VersionSerializer)
    def get(self, request: Request, name: str, version: int) -> Response:
        """One version."""
        return answer_version(ModelVersion.objects.numbered(name, version))

    @extend_schema(operation_id="model_versions_change", request=VersionChanges, responses=VersionSerializer)
    def patch(self, request: Request, name: str, version: int) -> Response:
        """Change what the body names."""
        serializer = VersionChanges(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        found = ModelVersion.objects.numbered(name, version)
        with write_transaction():
            found.set_tags(fields.get("tags", {}))
            if "description" in fields:
                found.change(description=fields["description"])
            if "stage" in fields:
                found.move_to_stage(Stage(fields["stage"]), archive_others=fields.get("archive_others", False))
        return answer_version(found)

    @extend_schema(operation_id="model_versions_trash", responses=VersionSerializer)
    def delete(self, request: Request, name: str, version: int) -> Response:
        """Move it to the trash; its aliases go."""
        found = ModelVersion.objects.numbered(name, version)
        found.trash()
        return answer_version(found)


def _files_of(name: str, version: int) -> Place:
    found = ModelVersion.objects.numbered(name, version)
    place = sources.files_of(found)
    if place is None:
        raise NotFound(f"The files of {found} are not here, but at {found.storage_location}.", field="version")
    return place


class VersionFiles(APIView):
    """`registered-models/{name}/versions/{version}/artifacts/`."""

    @extend_schema(operation_id="version_artifacts_list", parameters=LISTED_BY, responses=ArtifactPage)
    def get(self, request: Request, name: str, version: int) -> Response:
        """What lies directly in a folder of a version. Paths are those within the version."""
        place = _files_of(name, version)
        response = answer_folder(request, place.owner, place.within(asked_folder(request)))
        prefix = f"{place.path}/" if place.path else ""
        for entry in response.data["artifacts"]:
            entry["path"] = entry["path"].removeprefix(prefix)
        response.data["path"] = asked_folder(request)
        return response


class VersionFileDetail(APIView):
    """`registered-models/{name}/versions/{version}/artifacts/{path}`."""

    @extend_schema(
        operation_id="version_artifacts_get", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, name: str, version: int, path: str) -> HttpResponseBase:
        """The content of a file, whole or in part."""
        place = _files_of(name, version)
        return answer_content(request, place.owner, place.within(path))


class AliasDetail(APIView):
    """`registered-models/{name}/aliases/{alias}/`."""

    @extend_schema(operation_id="aliases_get", responses=VersionSerializer)
    def get(self, request: Request, name: str, alias: str) -> Response:
        """The version that it leads to; `latest` is the newest of all."""
        model = RegisteredModel.objects.named(name)
        if alias.lower() == LATEST:
            return answer_version(model.newest())
        found = model.aliases.filter(alias=alias).select_related("model_version").first()
        if found is None:
            raise NotFound(f"{name!r} has no alias {alias[:80]!r}.", field="alias")
        return answer_version(found.model_version)

    @extend_schema(operation_id="aliases_put", request=AliasTarget, responses=VersionSerializer)
    def put(self, request: Request, name: str, alias: str) -> Response:
        """Lead it to a version, wherever it led before."""
        serializer = AliasTarget(data=request.data)
        serializer.is_valid(raise_exception=True)
        version = ModelVersion.objects.numbered(name, serializer.validated_data["version"])
        ModelAlias.point(alias, version)
        return answer_version(version)

    @extend_schema(operation_id="aliases_delete", responses={204: None})
    def delete(self, request: Request, name: str, alias: str) -> Response:
        """Take it away; none is fine. Its history stays."""
        for found in RegisteredModel.objects.named(name).aliases.filter(alias=alias):
            found.take_away()
        return Response(status=HTTPStatus.NO_CONTENT)


class AliasMoves(APIView):
    """`registered-models/{name}/alias-moves/`."""

    @extend_schema(operation_id="alias_moves_list", responses=AliasMovePage)
    def get(self, request: Request, name: str) -> Response:
        """Where its aliases led, and when that changed; the newest first, 1,000 at most."""
        moves = RegisteredModel.objects.named(name).alias_moves.order_by("-pk")[:MOVES]
        return Response({"moves": AliasMoveSerializer(moves, many=True).data})
