"""Pages and static files travel compressed; API answers do not."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class PageGZipMiddleware(GZipMiddleware):
    """Django's gzip, except on /api/, where compressing 5 MB of metrics costs more than loopback saves."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what a browser will show."""
        if request.path.startswith("/api/"):
            return response
        return super().process_response(request, response)
