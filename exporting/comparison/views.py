"""The file of a comparison, for whoever has its address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from exporting.comparison.page import ComparisonFile
from runs.comparing.comparison import Comparison
from runs.comparing.state import State


@require_safe
def comparison_file(request: HttpRequest) -> HttpResponse:
    """Send a comparison as one HTML file. The page that asks puts its plots in: it has the library for them."""
    address = request.build_absolute_uri(f"/compare/?{request.GET.urlencode()}")
    file = ComparisonFile(Comparison(State.of(request.GET)), address)
    response = render(request, "exporting/comparison.html", {"file": file, "comparison": file.comparison})
    response["Content-Disposition"] = 'attachment; filename="comparison.html"'
    return response
