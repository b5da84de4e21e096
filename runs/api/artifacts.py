"""Files of runs on the native API: content goes past every parser, piece by piece."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from runs.api.serializers import ArtifactAnswer, ArtifactPage, BlobAnswer, DeletedAnswer
from runs.artifacts import store
from runs.artifacts.archive import zip_of
from runs.artifacts.listing import Folder, list_folder
from runs.artifacts.paths import check_folder, check_path
from runs.artifacts.serving import serve
from runs.models import FileOwner, Run, StoredFile
from trackerweb.api import whole_number
from trackerweb.body import length_of, pieces_of
from trackerweb.errors import InvalidValue, NotFound

_HEX = set("0123456789abcdef")


def as_json(artifact: StoredFile) -> dict[str, Any]:
    """A file as it is answered."""
    return {
        "path": artifact.path,
        "is_folder": False,
        "size": artifact.blob.size,
        "sha256": artifact.blob.sha256,
        "media_type": artifact.media_type,
        "creation_time": artifact.creation_time,
    }


def _entry(entry: Folder | StoredFile) -> dict[str, Any]:
    if isinstance(entry, Folder):
        return {"path": entry.path, "is_folder": True, "size": entry.size, "count": entry.count}
    return as_json(entry)


LISTED_BY = [
    OpenApiParameter("path", description="a folder; the root when left out"),
    OpenApiParameter("after", description="next_name of the page before"),
    OpenApiParameter("limit", int, description="1 to 10000; 1000 is the default"),
]
PUT_WITH = [
    OpenApiParameter(
        "sha256",
        description="what the content must hash to. With an empty body, content that the server has: 404 "
        "BLOB_UNKNOWN when it has to be sent after all",
    )
]


def answer_folder(request: Request, owner: FileOwner, folder: str) -> Response:
    """What lies directly in a folder of an owner of files, as a page of it."""
    limit = whole_number(request, "limit", 1000, 1, 10_000) or 1000
    page = list_folder(owner, folder, request.query_params.get("after", ""), limit)
    return Response(
        {"path": folder, "artifacts": [_entry(entry) for entry in page.entries], "next_name": page.next_name}
    )


def asked_folder(request: Request) -> str:
    """The folder that a request names."""
    return check_folder(request.query_params.get("path", ""))


def answer_content(request: Request, owner: FileOwner, path: str) -> HttpResponseBase:
    """The content of a file of an owner of files.

    Errors: NotFound.
    """
    artifact = store.file_at(owner, check_path(path))
    if artifact is None:
        raise NotFound(f"{owner} has no artifact {path!r}.", field="path")
    return serve(request._request, artifact, as_attachment=True)


def store_content(request: Request, owner: FileOwner, path: str) -> Response:
    """Store the body of a request as a file of an owner of files. All of it, or nothing."""
    sha256, length = _sha256(request.query_params.get("sha256")), length_of(request._request)
    if sha256 and not length and sha256 != store.EMPTY_SHA256:
        artifact, made = store.put_known(owner, path, sha256)
    else:
        artifact, made = store.put(owner, path, pieces_of(request._request, length), sha256)
    return Response(as_json(artifact), status=HTTPStatus.CREATED if made else HTTPStatus.OK)


class ArtifactList(APIView):
    """`runs/{run_id}/artifacts/`."""

    @extend_schema(operation_id="artifacts_list", parameters=LISTED_BY, responses=ArtifactPage)
    def get(self, request: Request, run_id: str) -> Response:
        """What lies directly in a folder of a run, by name; folders with their number of files and bytes."""
        folder = asked_folder(request)
        return answer_folder(request, Run.objects.by_id(run_id), folder)


class ArtifactDetail(APIView):
    """`runs/{run_id}/artifacts/{path}`."""

    @extend_schema(operation_id="artifacts_get", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, run_id: str, path: str) -> HttpResponseBase:
        """The content of a file. `Range`, `If-None-Match` and `If-Range` are heeded; the ETag is its SHA-256."""
        return answer_content(request, Run.objects.by_id(run_id), path)

    @extend_schema(
        operation_id="artifacts_put",
        parameters=PUT_WITH,
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={200: ArtifactAnswer, 201: ArtifactAnswer},
    )
    def put(self, request: Request, run_id: str, path: str) -> Response:
        """Store the body as a file of the run, in place of the one that had its path. All of it, or nothing."""
        return store_content(request, Run.objects.by_id(run_id), path)

    @extend_schema(operation_id="artifacts_delete", responses=DeletedAnswer)
    def delete(self, request: Request, run_id: str, path: str) -> Response:
        """Delete a file, or a folder with all below it. The audit trail keeps the names and hashes."""
        return Response({"deleted": store.delete(Run.objects.by_id(run_id), path)})


def _sha256(text: str | None) -> str | None:
    if text is not None and (len(text) != 64 or not set(text.lower()) <= _HEX):
        raise InvalidValue(f"sha256={text[:80]!r} is not 64 hex digits.", field="sha256")
    return text.lower() if text else None


class ArtifactArchive(APIView):
    """`runs/{run_id}/artifacts.zip`."""

    @extend_schema(
        operation_id="artifacts_zip",
        parameters=[OpenApiParameter("path", description="a folder; all of the run when left out")],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, run_id: str) -> HttpResponseBase:
        """A folder, or all files of a run, as a zip that is made while it is sent."""
        folder = check_folder(request.query_params.get("path", ""))
        run = Run.objects.by_id(run_id)
        chosen = store.in_folder(run.artifacts.all(), folder).select_related("blob").order_by("path")
        artifacts = list(chosen)
        if not artifacts:
            raise NotFound(f"Run {run_id!r} has no files in {folder or 'it'!r}.", field="path")
        store.require_contents(artifacts)
        stream = zip_of(artifacts, folder)
        response = StreamingHttpResponse(stream, content_type="application/zip")
        response["Content-Length"] = str(len(stream))
        name = f"{folder.rpartition('/')[2] or run_id}.zip"
        response["Content-Disposition"] = str(content_disposition_header(True, name))
        return response


class BlobDetail(APIView):
    """`blobs/{sha256}/`."""

    @extend_schema(operation_id="blobs_get", responses=BlobAnswer)
    def get(self, request: Request, sha256: str) -> Response:
        """Whether the server has content with this hash; then `PUT …/artifacts/{path}?sha256=` needs no body."""
        wanted = _sha256(sha256) or ""
        blob = store.known(wanted)
        if blob is None:
            raise store.UnknownBlob(f"No content with the hash {wanted} is here.", field="sha256")
        return Response({"sha256": blob.sha256, "size": blob.size})
