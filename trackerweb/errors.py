"""What we tell a caller when something is wrong, and the one place that answers: JSON to programs, pages to people."""

import errno
import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db.utils import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.request import UnreadablePostError
from django.template.loader import render_to_string
from rest_framework import exceptions as drf
from rest_framework.response import Response

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 2
#: Addresses that programs ask, and get JSON from whatever happens: our API, and MLflow's protocol.
PROGRAMS = ("/api/", "/ajax-api/", "/get-artifact", "/model-versions/get-artifact")


class TrackerError(Exception):
    """What we tell a caller. A subclass fixes the code and the HTTP status.

    `field` names the part of the request that is wrong, `index` its 0-based place where that is a list.
    """

    error_code, status = "INTERNAL_ERROR", HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, message: str, *, field: str | None = None, index: int | None = None) -> None:
        super().__init__(message)
        self.message, self.field, self.index = message, field, index

    def as_json(self) -> dict[str, Any]:
        """The error shape: error_code and message always, field and index where they are known."""
        body: dict[str, Any] = {"error_code": self.error_code, "message": self.message}
        if self.field is not None:
            body["field"] = self.field
        if self.index is not None:
            body["index"] = self.index
        return body


class InvalidValue(TrackerError):
    """The request says something that can't be."""

    error_code, status = "INVALID_PARAMETER_VALUE", HTTPStatus.BAD_REQUEST


class MalformedRequest(TrackerError):
    """The request can't be read at all."""

    error_code, status = "BAD_REQUEST", HTTPStatus.BAD_REQUEST


class NotAllowed(TrackerError):
    """The caller may not do this."""

    error_code, status = "PERMISSION_DENIED", HTTPStatus.FORBIDDEN


class NotFound(TrackerError):
    """There is no such thing."""

    error_code, status = "RESOURCE_DOES_NOT_EXIST", HTTPStatus.NOT_FOUND


class MethodNotAllowed(TrackerError):
    """The address is right, the verb is not."""

    error_code, status = "METHOD_NOT_ALLOWED", HTTPStatus.METHOD_NOT_ALLOWED


class Conflict(TrackerError):
    """What is stored says otherwise."""

    error_code, status = "RESOURCE_CONFLICT", HTTPStatus.CONFLICT


class AlreadyExists(Conflict):
    """The name is taken."""

    error_code = "RESOURCE_ALREADY_EXISTS"


class LengthRequired(TrackerError):
    """A body whose end is not known."""

    error_code, status = "LENGTH_REQUIRED", HTTPStatus.LENGTH_REQUIRED


class TooLarge(TrackerError):
    """More than one request may carry."""

    error_code, status = "REQUEST_TOO_LARGE", HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(TrackerError):
    """Not JSON."""

    error_code, status = "UNSUPPORTED_MEDIA_TYPE", HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class ServerBusy(TrackerError):
    """Others are writing; the same request can be sent again, and will be stored once."""

    error_code, status = "TEMPORARILY_UNAVAILABLE", HTTPStatus.SERVICE_UNAVAILABLE


class DiskFull(TrackerError):
    """No room is left for it."""

    error_code, status = "INSUFFICIENT_STORAGE", HTTPStatus.INSUFFICIENT_STORAGE

    def __init__(self) -> None:
        super().__init__("The server's disk is full; nothing of this was stored. Free some room, then send it again.")


#: How the system says that no room is left, or none for this user.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def translated(error: Exception) -> TrackerError | None:
    """The TrackerError that says what a framework's exception means; None for a bug of ours."""
    if isinstance(error, TrackerError):
        return error
    if isinstance(error, drf.ValidationError):
        return _from_validation(error.detail)
    if isinstance(error, drf.MethodNotAllowed):
        return MethodNotAllowed(str(error.detail))
    if isinstance(error, drf.UnsupportedMediaType):
        return UnsupportedMediaType(f"{error.detail} Send the header Content-Type: application/json.")
    if isinstance(error, (Http404, drf.NotFound)):
        return NotFound("Nothing is at this address. /api/docs/ lists every route.")
    if isinstance(error, PermissionDenied):
        return NotAllowed(str(error) or "Not allowed.")
    if isinstance(error, RequestDataTooBig):
        return TooLarge("This is more than one request may carry.")
    if isinstance(error, UnreadablePostError):
        return MalformedRequest("The body broke off.")
    if isinstance(error, (SuspiciousOperation, drf.ParseError)):
        return MalformedRequest(str(error) or "The request can't be read.")
    if (isinstance(error, OSError) and error.errno in _NO_ROOM) or _is_full(error):
        return DiskFull()
    if isinstance(error, OperationalError) and "locked" in str(error):
        return ServerBusy("Others are writing to the database. Send this again in a moment; it will be stored once.")
    return None


def _is_full(error: Exception) -> bool:
    """SQLite's word for a full disk."""
    return isinstance(error, OperationalError) and "disk is full" in str(error)


def _from_validation(detail: Any) -> TrackerError:
    """The first thing a serializer found: `field` is the path to it, `index` its place in a list of objects."""
    path: list[str] = []
    index = None
    while isinstance(detail, (dict, list)) and detail:
        if isinstance(detail, dict):
            key, detail = next(iter(detail.items()))
        else:
            key, detail = next(((place, item) for place, item in enumerate(detail) if item), (0, ""))
            # A list of texts is what is wrong with one value, in as many words.
            key = key if isinstance(detail, dict) else "non_field_errors"
        if isinstance(key, int):
            index = key
        elif key != "non_field_errors":
            path.append(key)
    field = ".".join(path) or None
    return InvalidValue(f"{field}: {detail}" if field else str(detail), field=field, index=index)


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer for everything raised below a REST framework view, in the one error shape."""
    known = translated(error)
    if known is None:
        logger.error("%s %s failed", context["request"].method, context["request"].path, exc_info=error)
        known = TrackerError("The server failed. Its log holds the cause; nothing of this request was stored.")
    return Response(known.as_json(), status=known.status, headers=headers_of(known))


def answer(request: HttpRequest, error: TrackerError) -> HttpResponse:
    """An error as JSON to a program, else as a page."""
    if request.path.startswith(PROGRAMS):
        return JsonResponse(error.as_json(), status=error.status, headers=headers_of(error))
    context = {"error": error, "status": int(error.status), "title": error.status.phrase}
    page = render_to_string("trackerweb/error.html", context, request)
    return HttpResponse(page, status=error.status, headers=headers_of(error))


def headers_of(error: TrackerError) -> dict[str, str]:
    """Headers that go with an error."""
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if isinstance(error, ServerBusy) else {}


class ErrorMiddleware:
    """Answers for a TrackerError that a page raised."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Nothing on the way in."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for a known error; None leaves a bug to `server_error`."""
        known = translated(error)
        if known is None or isinstance(error, Http404):
            return None
        return answer(request, known)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400."""
    return answer(request, MalformedRequest("The request can't be read."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404."""
    if request.path.startswith(PROGRAMS):
        return answer(request, NotFound(f"Nothing is at {request.path}. /api/docs/ lists every route."))
    return answer(request, NotFound("Nothing is at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's 500. The frame of our pages counts experiments; without a database to ask, plain words must do."""
    failure = TrackerError("The server failed. Its log holds the cause; nothing of this was stored.")
    try:
        return answer(request, failure)
    except DatabaseError:
        return HttpResponse(f"{failure.message}\n", status=failure.status, content_type="text/plain; charset=utf-8")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form without its token."""
    return answer(
        request, NotAllowed("This form is out of date. Go back, load the page again and repeat what you did.")
    )
