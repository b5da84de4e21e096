"""Pages and static files travel compressed; API answers and files of runs do not."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from trackerweb.errors import PROGRAMS


class PageGZipMiddleware(GZipMiddleware):
    """Django's gzip, except for programs, where compressing 5 MB of metrics costs more than loopback saves, and on
    /preview/, whose answers are asked for in parts.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what a browser will show."""
        # Part of a file (206), compressed, would no longer be the part that was asked for.
        if request.path.startswith((*PROGRAMS, "/preview/")) or response.status_code == HTTPStatus.PARTIAL_CONTENT:
            return response
        return super().process_response(request, response)
