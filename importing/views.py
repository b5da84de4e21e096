"""Pages of imports: begin one, watch it, read what it found."""

from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from importing import jobs, reports, uploads
from importing.api.views import find
from importing.models import Import
from importing.progress import ImportPage
from trackerweb.errors import InvalidValue

SHOWN = 50
FINDINGS_A_PAGE = 200


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported, and a form to import more: from a path on this machine, or a zip that is sent."""
    if request.method == "POST":
        return redirect("importing:import", _begin(request).pk)
    newest = [ImportPage(record) for record in Import.objects.order_by("-begin_time")[:SHOWN]]
    return render(request, "importing/imports.html", {"imports": newest})


def _begin(request: HttpRequest) -> Import:
    file = request.FILES.get("file")
    if isinstance(file, UploadedFile):
        return uploads.start_upload(file.chunks(), f"upload:{file.name}")
    where = request.POST.get("path", "").strip()
    if not where:
        raise InvalidValue("Name a folder, or choose a zip: there was neither.", field="path")
    return uploads.start_path(where)


@require_safe
def show(request: HttpRequest, import_id: str) -> HttpResponse:
    """How far an import is, and what it found."""
    page = ImportPage(find(import_id), request.GET.get("level", ""))
    findings = Paginator(page.findings, FINDINGS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "importing/import.html", {"import": page, "findings": findings})


@require_safe
def report(request: HttpRequest, import_id: str) -> HttpResponse:
    """All that an import found, as a JSON file."""
    record = find(import_id)
    response = JsonResponse(reports.told(record), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = str(content_disposition_header(True, f"import-{record.pk[:8]}.json"))
    return response


@require_POST
def stop(request: HttpRequest, import_id: str) -> HttpResponse:
    """Stop an import after the run that it is at; it goes on where it was when it is begun again."""
    jobs.stop(find(import_id))
    return redirect("importing:import", import_id)
