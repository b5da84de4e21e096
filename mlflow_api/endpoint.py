"""Makes a view of a function that takes a message: reads the one, answers with what the other returns."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from mlflow_api import errors, messages
from trackerweb import json
from trackerweb.errors import MethodNotAllowed

M = TypeVar("M", bound=messages.Message)
View = Callable[..., HttpResponseBase]
#: What a function answers with: JSON as Python values or as bytes, or a response that is whole already.
Answer = Mapping[str, Any] | bytes | HttpResponseBase


def endpoint(kind: type[M]) -> Callable[[Callable[..., Answer]], View]:
    """A view that reads a `kind`, and answers for every error in MLflow's shape."""

    def decorate(function: Callable[..., Answer]) -> View:
        @wraps(function)
        def with_message(request: HttpRequest, **address: str) -> Answer:
            return function(messages.read(request, kind), **address)

        return raw_endpoint(with_message)

    return decorate


def raw_endpoint(function: Callable[..., Answer]) -> View:
    """The same of a function that reads the request itself."""

    @wraps(function)
    def view(request: HttpRequest, **address: str) -> HttpResponseBase:
        try:
            return _response(function(request, **address))
        except Exception as error:
            return errors.answer(request, error)

    return view


def _response(answer: Answer) -> HttpResponseBase:
    if isinstance(answer, HttpResponseBase):
        return answer
    body = answer if isinstance(answer, bytes) else json.encode_plain(answer)
    return HttpResponse(body, content_type="application/json")


def by_method(views: Mapping[str, View]) -> View:
    """One view for the verbs of an address. Scripts post to it without a token of a form: LocalSafetyMiddleware keeps
    the pages of others away."""
    known = {**views, "HEAD": views["GET"]} if "GET" in views else dict(views)

    @csrf_exempt
    def view(request: HttpRequest, **address: str) -> HttpResponseBase:
        chosen = known.get(request.method or "")
        if chosen is not None:
            return chosen(request, **address)
        verbs = ", ".join(views)
        response = errors.answer(request, MethodNotAllowed(f"{request.method} is not known here. Use {verbs}."))
        response.headers["Allow"] = verbs
        return response

    return view
