"""Large files in parts: `mlflow-artifacts/mpu/create`, `complete` and `abort`; and the parts, at addresses of ours."""

import re
from typing import Any, ClassVar

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import quote_etag

from mlflow_api import messages
from mlflow_api.endpoint import endpoint, raw_endpoint
from mlflow_api.errors import Unsupported
from mlflow_api.messages import Int64, Message
from registry.places import Place, place_of
from runs.artifacts.uploads import Upload
from trackerweb.body import length_of, pieces_of
from trackerweb.errors import InvalidValue


class CreateUpload(Message):
    """`mpu/create`. `path` is that of the file on the client's disk, whose name counts."""

    required: ClassVar[tuple[str, ...]] = ("path",)

    path: str | None = None
    num_parts: Int64 | None = None


class Part(msgspec.Struct):
    """A part that was sent."""

    part_number: Int64 | None = None
    etag: str | None = None


class CompleteUpload(Message):
    """`mpu/complete`."""

    required: ClassVar[tuple[str, ...]] = ("path", "upload_id", "parts")

    path: str | None = None
    upload_id: str | None = None
    parts: list[Part] | None = None


class AbortUpload(Message):
    """`mpu/abort`."""

    required: ClassVar[tuple[str, ...]] = ("upload_id",)

    path: str | None = None
    upload_id: str | None = None


@raw_endpoint
def create(request: HttpRequest, folder: str) -> dict[str, Any]:
    """Begin, and say where each part goes."""
    message = messages.read(request, CreateUpload)
    place = _place(folder, message.path)
    upload = Upload.begin(place.owner, place.path, message.num_parts or 1)
    parts = request.build_absolute_uri(f"/api/2.0/mlflow-artifacts/mpu/parts/{upload.upload_id}")
    credentials = [
        {"url": f"{parts}/{number}", "part_number": number, "headers": {}} for number in range(1, upload.count + 1)
    ]
    return {"upload_id": upload.upload_id, "credentials": credentials}


def _place(folder: str, local_path: str | None) -> Place:
    """Where a file of the client's disk goes: to its name in a folder."""
    name = re.split(r"[/\\]", local_path or "")[-1]
    if not name:
        raise InvalidValue(f"path: {local_path!r} names no file.", field="path")
    return place_of(f"{folder}/{name}")


@raw_endpoint
def put_part(request: HttpRequest, upload_id: str, number: int) -> HttpResponseBase:
    """Store a part. Its ETag is what `complete` has to name."""
    sha256 = Upload.find(upload_id).receive(number, pieces_of(request, length_of(request)))
    return HttpResponse(headers={"ETag": quote_etag(sha256)})


@endpoint(CompleteUpload)
def complete(message: CompleteUpload, folder: str) -> dict[str, Any]:
    """Put the parts together."""
    place = _place(folder, message.path)
    hashes = {part.part_number or 0: (part.etag or "").strip('"') for part in message.parts or ()}
    Upload.find(message.upload_id or "").finish(place.owner, place.path, hashes)
    return {}


@endpoint(AbortUpload)
def abort(message: AbortUpload, folder: str) -> dict[str, Any]:
    """Forget the parts."""
    place_of(folder)
    Upload.find(message.upload_id or "").drop()
    return {}


@endpoint(Message)
def presigned(message: Message, path: str) -> HttpResponseBase:
    """Files come from this server: there is no other address for them."""
    place_of(path)
    raise Unsupported("Presigned downloads are not supported: files come from this server, in ranges if you like.")


@endpoint(Message)
def presign(message: Message) -> HttpResponseBase:
    """The same, by run and path."""
    raise InvalidValue("Presigned addresses are not supported: files go through this server.")
