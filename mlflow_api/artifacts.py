"""Files: `artifacts/list`, `get-artifact`, `upload-artifact`, and the proxy `mlflow-artifacts/artifacts`."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from mlflow_api.endpoint import endpoint, raw_endpoint
from mlflow_api.messages import Message, MissingValue, RunMessage
from registry.places import Place, location_of, place_of
from runs.artifacts import listing, store
from runs.artifacts.paths import check_folder, check_path
from runs.artifacts.serving import serve
from runs.models import FileOwner, Run
from trackerweb.body import length_of, pieces_of
from trackerweb.errors import InvalidValue, NotFound

MAX_UPLOAD_BYTES = 10 * 1024 * 1024


class ListArtifacts(RunMessage):
    """`artifacts/list`."""

    path: str | None = None


class ListProxied(Message):
    """`mlflow-artifacts/artifacts`."""

    path: str | None = None


@endpoint(ListArtifacts)
def list_of_run(message: ListArtifacts) -> dict[str, Any]:
    """What lies in a folder of a run, with whole paths."""
    folder = check_folder(message.path or "")
    run = Run.objects.by_id(message.run_id or "")
    return files(run, folder, full_paths=True) | {"root_uri": location_of(run)}


def files(owner: FileOwner, folder: str, *, full_paths: bool) -> dict[str, Any]:
    """The files and folders in a folder, by name."""
    found = [
        {"path": entry.path, "is_dir": True}
        if isinstance(entry, listing.Folder)
        else {"path": entry.path, "is_dir": False, "file_size": entry.blob.size}
        for entry in listing.entries(owner, folder)
    ]
    if not full_paths:
        found = [item | {"path": str(item["path"]).rpartition("/")[2]} for item in found]
    return {"files": found} if found else {}


@raw_endpoint
def get(request: HttpRequest) -> HttpResponseBase:
    """A file of a run, by query."""
    run_id = request.GET.get("run_id") or request.GET.get("run_uuid") or ""
    path = request.GET.get("path", "")
    for name, value in (("run_id", run_id), ("path", path)):
        if not value:
            raise MissingValue(name)
    return content(request, Place(Run.objects.by_id(run_id), check_path(path)))


@raw_endpoint
def upload(request: HttpRequest) -> HttpResponseBase:
    """Store a small file of a run, by query: what MLflow's pages do."""
    run_id, path, length = request.GET.get("run_uuid", ""), request.GET.get("path", ""), length_of(request)
    for name, value in (("run_uuid", run_id), ("path", path), ("data", length)):
        if not value:
            raise MissingValue(name)
    if length > MAX_UPLOAD_BYTES:
        raise InvalidValue(f"{length} bytes are too many here; {MAX_UPLOAD_BYTES} are allowed. Use the proxy.")
    store.put(Run.objects.by_id(run_id), path, pieces_of(request, length))
    return HttpResponse(content_type="application/json")


@endpoint(ListProxied)
def list_proxied(message: ListProxied) -> dict[str, Any]:
    """What lies in a folder, with names alone. Nothing lies where there is no run."""
    try:
        place = place_of(message.path or "")
    except NotFound:
        return {}
    return files(place.owner, place.path, full_paths=False)


@raw_endpoint
def get_proxied(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file."""
    place = place_of(path)
    place.require_file()
    return content(request, place)


@raw_endpoint
def put_proxied(request: HttpRequest, path: str) -> HttpResponseBase:
    """Store a file, of any size."""
    place = place_of(path)
    store.put(place.owner, place.require_file(), pieces_of(request, length_of(request)))
    return HttpResponse()


@raw_endpoint
def delete_proxied(request: HttpRequest, path: str) -> dict[str, Any]:
    """Delete a file, or a folder with all below it. What is not there is deleted already."""
    place = place_of(path)
    if listing.exists(place.owner, place.path):
        store.delete(place.owner, place.path)
    return {}


def content(request: HttpRequest, place: Place) -> HttpResponseBase:
    """A file as a download, whole or in part.

    Errors: InvalidValue for a folder; NotFound.
    """
    found = store.file_at(place.owner, place.path)
    if found is not None:
        return serve(request, found, as_attachment=True)
    if listing.exists(place.owner, place.path):
        raise InvalidValue(f"path: {place.path!r} is a folder. Ask for a file in it.", field="path")
    raise NotFound(f"{place.owner} has no artifact {place.path!r}.", field="path")
