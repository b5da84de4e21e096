"""The page that tells how to log from a script, a notebook and the shell."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def connect(request: HttpRequest) -> HttpResponse:
    """Snippets with this server's address in them."""
    server_url = request.build_absolute_uri("/").rstrip("/")
    return render(request, "trackerweb/connect.html", {"server_url": server_url, "checkout": settings.BASE_DIR})
