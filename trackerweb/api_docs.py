"""The API's schema and its page, from our own static files."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularJSONAPIView


@require_safe
@csp_update({"img-src": ["'self'", "data:"]})
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI over the schema. It draws its icons from data: addresses, so this one page allows them."""
    return render(request, "trackerweb/api_docs.html")


urlpatterns = [
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs/", docs, name="api-docs"),
]
