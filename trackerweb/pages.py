"""What pages need of every request, and programs do not: each of these costs a program's request some microseconds."""

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

#: Below these only programs ask. Their views know no forms, messages and static files, and their answers are no pages.
PROGRAMS_ALONE = ("/api/v1/", "/api/2.0/", "/api/3.0/", "/ajax-api/", "/get-artifact", "/model-versions/get-artifact")


class _ForPages:
    """A middleware that lets programs pass."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on past it, or through it."""
        if request.path.startswith(PROGRAMS_ALONE):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class PageFiles(_ForPages, WhiteNoiseMiddleware):
    """Static files."""


class PagePolicy(_ForPages, CSPMiddleware):
    """The content security policy; what programs get has one that allows nothing (trackerweb/security.py)."""


class PageForms(_ForPages, CsrfViewMiddleware):
    """Tokens of forms. Views for programs take none: LocalSafetyMiddleware keeps the pages of others away."""


class PageMessages(_ForPages, MessageMiddleware):
    """What a form did, told on the next page."""
