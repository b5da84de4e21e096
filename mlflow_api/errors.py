"""Errors in MLflow's words: its codes, and the statuses that its clients expect with them."""

import logging
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from trackerweb import errors
from trackerweb.errors import TrackerError

logger = logging.getLogger(__name__)


class EndpointNotFound(TrackerError):
    """No such route, or one that is not built yet: clients fall back to another where they can."""

    error_code, status = "ENDPOINT_NOT_FOUND", HTTPStatus.NOT_FOUND


class Unsupported(TrackerError):
    """What clients may ask, and do without where it is refused so."""

    error_code, status = "NOT_IMPLEMENTED", HTTPStatus.NOT_IMPLEMENTED


#: What stands in the way, by our name, as MLflow names it. Its clients know 400 for all of these.
_INVALID = (errors.InvalidValue, errors.Conflict, errors.MalformedRequest, errors.UnsupportedMediaType)


def answer(request: HttpRequest, error: Exception) -> HttpResponseBase:
    """The answer for an error that a view raised; one that nobody foresaw is logged."""
    known = errors.translated(error)
    if known is None:
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        known = TrackerError("The server failed. Its log holds the cause; nothing of this request was stored.")
    code, status = _spoken(known)
    return respond(code, known.message, status, errors.headers_of(known))


def respond(code: str, message: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """The one error shape."""
    return JsonResponse({"error_code": code, "message": message}, status=status, headers=headers)


def _spoken(error: TrackerError) -> tuple[str, int]:
    if isinstance(error, errors.AlreadyExists):
        return "RESOURCE_ALREADY_EXISTS", HTTPStatus.BAD_REQUEST
    if isinstance(error, _INVALID):
        return "INVALID_PARAMETER_VALUE", HTTPStatus.BAD_REQUEST
    if isinstance(error, errors.NotFound):
        return "RESOURCE_DOES_NOT_EXIST", error.status
    return error.error_code, error.status


@csrf_exempt
def unknown(request: HttpRequest, **address: Any) -> HttpResponseBase:
    """For all that is below the addresses of the protocol and no route."""
    return answer(request, EndpointNotFound(f"{request.method} {request.path} is not known here, or not built yet."))
