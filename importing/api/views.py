"""Imports on the native API."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from importing import reports, uploads
from importing.models import Import
from trackerweb.body import length_of, pieces_of
from trackerweb.errors import NotFound

SHOWN = 100


class FindingAnswer(serializers.Serializer[Any]):
    """A line of a report: `level` is note, repair or refusal."""

    level = serializers.CharField()
    place = serializers.CharField()
    reason = serializers.CharField()


class ImportAnswer(serializers.Serializer[Any]):
    """An import: how far it is, and what it came to. `state` is RUNNING, FINISHED, FAILED or STOPPED."""

    import_id = serializers.CharField()
    origin = serializers.CharField()
    state = serializers.CharField()
    error = serializers.CharField()
    begin_time = serializers.IntegerField()
    end_time = serializers.IntegerField(allow_null=True)
    total_runs = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())


class ReportAnswer(ImportAnswer):
    """An import with all that it found."""

    findings = FindingAnswer(many=True)


class ImportPage(serializers.Serializer[Any]):
    """The newest imports."""

    imports = ImportAnswer(many=True)


class ImportList(APIView):
    """`imports/`."""

    @extend_schema(operation_id="imports_list", responses=ImportPage)
    def get(self, request: Request) -> Response:
        """The newest hundred imports."""
        newest = Import.objects.order_by("-begin_time")[:SHOWN]
        return Response({"imports": [reports.figures_told(record) for record in newest]})

    @extend_schema(
        operation_id="imports_create",
        parameters=[OpenApiParameter("origin", description="where it is from: the same again brings only what is new")],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={202: ImportAnswer},
    )
    def post(self, request: Request) -> Response:
        """Import a zip: of an mlruns folder, of an mlflow.db with its files, or one that this API exported."""
        pieces = pieces_of(request._request, length_of(request._request))
        record = uploads.start_upload(pieces, request.query_params.get("origin", "") or "upload")
        return Response(reports.figures_told(record), status=HTTPStatus.ACCEPTED)


class ImportDetail(APIView):
    """`imports/{import_id}/`."""

    @extend_schema(operation_id="imports_get", responses=ReportAnswer)
    def get(self, request: Request, import_id: str) -> Response:
        """An import with its report."""
        return Response(reports.told(find(import_id)))


def find(import_id: str) -> Import:
    """An import.

    Errors: NotFound.
    """
    record = Import.objects.filter(pk=import_id).first()
    if record is None:
        raise NotFound(f"No import {import_id[:80]!r}.", field="import_id")
    return record
