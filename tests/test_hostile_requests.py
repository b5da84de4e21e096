"""Every route of the API × a corpus of malformed, huge, hostile and odd input: 4xx in the error shape, never 500."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from runs.models import Run
from tests.api import Api, assert_error
from tests.factories import make_model, make_run, register

pytestmark = pytest.mark.django_db
api = Api()


BODIES = {
    "malformed": b'{"name": ',
    "not JSON": b"name=a",
    "a bare word": b"null",
    "a list": b'[{"name": "a"}]',
    "a number": b"7",
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"name":' * 50_000 + b"1" + b"}" * 50_000,
    "NUL": b'{"name": "a\\u0000b", "note": "\\u0000", "params": {"\\u0000": "1"}, "tags": {"a": "\\u0000"}}',
    "raw NUL": b'{"name": "a\x00b"}',
    "a lone surrogate": b'{"name": "\\ud800", "tags": {"a": "\\udc00"}}',
    "broken UTF-8": b'{"name": "\xff\xfe"}',
    "a huge number": b'{"experiment_id": 1' + b"0" * 5000 + b"}",
    "NaN": b'{"name": NaN, "end_time": Infinity}',
    "wrong types": b'{"name": {"a": []}, "status": 3, "params": [1], "tags": 4, "metrics": "x", "experiment": false}',
    "a long name": b'{"name": "' + b"a" * 100_000 + b'", "status": "' + b"b" * 100_000 + b'", "params": {"'
    + b"k" * 100_000 + b'": "1"}}',
    "an unknown field": b'{"__class__": "Run"}',
}  # fmt: skip

SEGMENTS = [
    "nobody", "0" * 300, "..%2f..%2fetc%2fpasswd", "%00", "%ff%fe", "a%0ab", "'%20OR%201=1--", "%F0%9F%92%A5",
    "99999999999999999999999999", "-1", "%25%32%65",
]  # fmt: skip

QUERIES = {
    "NUL": "limit=%00&cursor=%00&filter=%00&order_by=%00&columns=%00&stage=%00&run=%00&key=%00",
    "broken UTF-8": "cursor=%ff&filter=%ff&order_by=%ff&stage=%ff",
    "a surrogate": "filter=metrics.a+%3C+%ED%A0%80",
    "a long cursor": "cursor=" + "a" * 5000,
    "a long filter": "filter=" + "(" * 5000,
    "a long order": "order_by=" + "metrics.a," * 500,
    "a float for a number": "points=1e9&limit=1e9",
    "no number": "run=r1&key=a&from=NaN",
    "an emoji for a number": "experiment=%F0%9F%92%A5",
    "a huge number": "experiment=" + "9" * 400 + "&limit=" + "9" * 400,
    "SQL": "stage=' OR 1=1&cursor=' OR 1=1&order_by=1;DROP TABLE runs_run",
}


def routes() -> list[str]:
    """Every address pattern of the native API, as Django has it."""

    def below(resolver: URLResolver, prefix: str) -> Iterator[str]:
        for pattern in resolver.url_patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield route
            else:
                yield from below(pattern, route)

    return [route for route in below(get_resolver(), "") if route.startswith("api/v1/")]


def address(route: str, run_id: str = "r1", number: str = "0", name: str = "a") -> str:
    filled = route.replace("<str:run_id>", run_id).replace("<int:experiment_id>", number)
    filled = filled.replace("<int:version>", number)
    for named in (
        "<path:name>", "<path:path>", "<path:key>", "<str:sha256>", "<str:import_id>", "<str:kind>", "<str:model_id>",
        "<str:name>", "<str:alias>", "<str:webhook_id>", "<str:delivery_id>",
    ):  # fmt: skip
        filled = filled.replace(named, name)
    assert "<" not in filled, f"teach this test to fill {route}"
    return "/" + filled


def make_version() -> None:
    """What the addresses of the registry lead to."""
    register(make_model(model_id="a"), "a")


@pytest.mark.slow
@pytest.mark.parametrize("route", routes())
@pytest.mark.parametrize("body", BODIES)
def test_no_body_breaks_a_route(route, body):
    make_run(run_id="r1")
    make_version()
    for method in ("POST", "PUT", "PATCH"):
        answer = api.send(method, address(route), BODIES[body])
        reads_no_json = "restore" in route or "by-name" in route or "artifacts/<" in route
        if not (reads_no_json and answer.status in (200, 201)):
            assert_error(answer)


@pytest.mark.parametrize("route", [route for route in routes() if "<" in route])
@pytest.mark.parametrize("segment", SEGMENTS)
def test_no_odd_address_breaks_a_route(route, segment):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = api.send(method, address(route, segment, segment, segment), b"{}")
        assert answer.status < 500, answer
        if answer.status >= 400:
            assert_error(answer)


@pytest.mark.slow
@pytest.mark.parametrize("route", routes())
@pytest.mark.parametrize("query", QUERIES)
def test_no_query_breaks_a_route(route, query):
    make_run(run_id="r1", metrics={"a": [1.0]})
    make_version()
    answer = api.get(f"{address(route)}?{query}")
    assert answer.status < 500, answer
    if answer.status >= 400:
        assert_error(answer)


@pytest.mark.parametrize("route", routes())
@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "LOCK"])
def test_a_foreign_method_is_refused(route, method):
    assert_error(api.send(method, address(route)), 405)


def test_a_refused_request_stores_nothing():
    for body in BODIES.values():
        api.send("PUT", "/api/v1/runs/new/", body)
    assert not Run.objects.filter(run_id="new").exists()
