"""The page that tells how to log from a script, a notebook and the shell."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def connect(request: HttpRequest) -> HttpResponse:
    """Snippets with this server's address in them."""
    context = {"server_url": server_address(request), "checkout": settings.BASE_DIR}
    return render(request, "trackerweb/connect.html", context)


def server_address(request: HttpRequest) -> str:
    """Where this server is, as clients are told it: `http://127.0.0.1:8000`."""
    return request.build_absolute_uri("/").rstrip("/")
