"""The page of a run's files, and the one route that shows what is in them as it is."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from runs.artifacts import store
from runs.artifacts.page import ArtifactsPage
from runs.artifacts.paths import check_folder, check_path
from runs.artifacts.previews.inline import Inline, inline_of
from runs.artifacts.previews.notebook import cells_of
from runs.artifacts.previews.source import Mismatch, Source
from runs.artifacts.serving import serve
from runs.models import Artifact, Run
from runs.run_page.head import RunHead
from trackerweb.errors import InvalidValue, NotFound

MAX_PAGE_DIGITS = 9


@require_safe
def artifacts(request: HttpRequest, run_id: str) -> HttpResponse:
    """Show a run's files: the tree, and a preview of the chosen one."""
    run = Run.objects.by_id(run_id)
    path = request.GET.get("path")
    page = ArtifactsPage(run, None if path is None else check_folder(path), _page_number(request))
    address = request.build_absolute_uri(f"/api/v1/runs/{run.run_id}/artifacts/")
    context = {"head": RunHead(run, "runs:artifacts"), "page": page, "upload_address": address}
    return render(request, "runs/run/artifacts.html", context)


@require_POST
def delete_artifact(request: HttpRequest, run_id: str) -> HttpResponse:
    """Delete a file or a folder of a run, and show what is left around it."""
    run = Run.objects.by_id(run_id)
    path = check_path(request.POST.get("path", ""))
    count = store.delete(run, path)
    messages.info(request, f"Deleted {path} with {count:,} files." if count > 1 else f"Deleted {path}.")
    folder = path.rpartition("/")[0]
    still_there = folder and store.in_folder(run.artifacts.all(), folder).exists()
    query = f"?{urlencode({'path': folder})}" if still_there else ""
    return redirect(f"/runs/{run.run_id}/artifacts/{query}")


@require_safe
def preview(request: HttpRequest, run_id: str, path: str) -> HttpResponseBase:
    """The content of a file for a frame, a picture or a player: sandboxed, and as what it was seen to be."""
    artifact = _artifact(run_id, path)
    with store.open_blob(artifact.blob) as file:
        source = Source(run_id, path, artifact.blob.size, file)
        inline = inline_of(source, in_frame=request.headers.get("Sec-Fetch-Dest") == "iframe")
        response = _notebook(request, source) if inline.is_notebook else None
    return _sealed(response or _served(request, artifact, inline), inline)


def _artifact(run_id: str, path: str) -> Artifact:
    run = Run.objects.by_id(run_id)
    artifact = run.artifacts.filter(path=check_path(path)).select_related("blob").first()
    if artifact is None:
        raise NotFound(f"Run {run_id!r} has no artifact {path!r}. It may have been deleted.", field="path")
    return artifact


def _served(request: HttpRequest, artifact: Artifact, inline: Inline) -> HttpResponseBase:
    if inline.media_type.startswith("text/html"):
        # What a browser kept of the answer to a frame must not be shown, on a 304, outside of one.
        request.META.pop("HTTP_IF_NONE_MATCH", None)
        request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
    return serve(request, artifact, as_attachment=inline.as_attachment, media_type=inline.media_type)


def _notebook(request: HttpRequest, source: Source) -> HttpResponse:
    theme = request.COOKIES.get("theme", "")
    try:
        context = {"cells": cells_of(source), "theme": theme if theme in ("light", "dark") else "light dark"}
    except Mismatch as mismatch:
        context = {"trouble": str(mismatch), "theme": "light dark"}
    return render(request, "runs/previews/notebook.html", context)


def _sealed(response: HttpResponseBase, inline: Inline) -> HttpResponseBase:
    """The answer with the headers that every answer of this route has."""
    response["Content-Security-Policy"] = inline.policy
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    response["X-DNS-Prefetch-Control"] = "off"
    response["Vary"] = "Sec-Fetch-Dest"
    if inline.media_type.startswith("text/html"):
        del response["ETag"]
    return response


def _page_number(request: HttpRequest) -> int:
    """`?page=`, from 1.

    Errors: InvalidValue for anything else.
    """
    text = request.GET.get("page") or "1"
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_PAGE_DIGITS and int(text)):
        raise InvalidValue(f"page={text[:40]!r} is not a page number. The first page is 1.", field="page")
    return int(text)
