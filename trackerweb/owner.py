"""The one user of local mode: whoever reaches this server is its owner (trackerweb/security.py lets nobody else in)."""

from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from trackerweb.transactions import write_transaction

ADMIN = "/admin/"
OWNER = "owner"


def owner() -> Any:
    """The owner, made when first needed. Nobody can log in as it: it has no password."""
    from django.contrib.auth.models import User

    found = User.objects.filter(username=OWNER).first()
    if found is not None:
        return found
    with write_transaction():
        return User.objects.get_or_create(
            username=OWNER, defaults={"is_staff": True, "is_superuser": True, "password": "!"}
        )[0]


class LocalOwnerMiddleware(AuthenticationMiddleware):
    """Signs the owner in below /admin/, in local mode. Other paths know no users, and cost nothing here."""

    def process_request(self, request: HttpRequest) -> None:
        """Say who asks."""
        if request.path.startswith(ADMIN) and settings.TRACKER_AUTH == "local":
            request.user = SimpleLazyObject(owner)  # type: ignore[assignment]


class AdminSessionMiddleware(SessionMiddleware):
    """Sessions in signed cookies, below /admin/ alone: the admin wants them, and keeps nothing in them here."""

    def process_request(self, request: HttpRequest) -> None:
        """Read the session."""
        if request.path.startswith(ADMIN):
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Write the session if it changed."""
        if not request.path.startswith(ADMIN) or not hasattr(request, "session"):
            return response
        return super().process_response(request, response)
