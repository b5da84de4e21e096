"""What a WSGI server serves."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

from trackerweb.chunked import with_lengths
from trackerweb.pool import LimitedFiles, refuse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trackerweb.settings")


class Request(WSGIRequest):
    """A request whose address is UTF-8, whatever its body says to be: Django would read the address by the body's
    charset before security.py can refuse that one.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Handler(WSGIHandler):
    """Django's, with our requests."""

    request_class = Request


django.setup(set_prefix=False)
application = Handler()
#: For servers with a pool of threads.
pooled = LimitedFiles(with_lengths(application, refuse))
